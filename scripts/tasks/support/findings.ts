import { readFile } from "node:fs/promises";
import { keccak256 } from "ethers";
import type { ConnectedContract } from "../../../src/chain/contract.ts";
import type { INSPECTIONS_ABI } from "../../../src/chain/inspectionsAbi.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { formatSlot } from "../../../src/units.ts";
import type { Session } from "./session.ts";

type ConnectedInspections = ConnectedContract<typeof INSPECTIONS_ABI>;

/** The inspections of a session's deployment. */
export function inspectionsOf(session: Session): ConnectedInspections {
  return session.contract("Inspections");
}

/** Hash of a file's bytes; the file itself stays where it is. */
export async function hashFile(path: string): Promise<string> {
  try {
    return keccak256(await readFile(path));
  } catch (error) {
    throw new JouleworkError({
      code: "FILE_UNREADABLE",
      what: "The file cannot be read",
      values: { path },
      hint: "Name a file that exists; its hash goes on chain.",
      cause: error,
    });
  }
}

/** How far a finding has come, in a line or two. */
export async function formatFinding(inspections: ConnectedInspections, finding: bigint): Promise<string> {
  const { meter, site, slot, throughSlot, stage, evidenceHash } = await inspections.read("findingInfo", [finding]);
  const line = (state: string): string =>
    `Finding ${String(finding)}: meter ${meter} of site ${String(site)}, slot ${formatSlot(slot)}, ${state}.\n` +
    `Evidence ${evidenceHash}.`;
  // A window holds through its last slot, so it ends where the next one starts.
  const end = formatSlot(throughSlot + 1);
  switch (stage) {
    case 1:
      return line(`reported; the owner may appeal until ${end}, then it stands`);
    case 2:
      return line(`appealed; governance may decide until ${end}, then it falls`);
    case 3:
      return line("upheld: the meter is suspended until the registrar reinstates it");
    case 4:
      return line("dismissed");
    default:
      throw new JouleworkError({
        code: "FINDING_UNKNOWN",
        what: "There is no such finding",
        values: { finding, findings: await inspections.read("findingCount", []) },
        hint: "Findings are numbered from 1.",
      });
  }
}
