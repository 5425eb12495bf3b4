import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { formatFinding, hashFile, inspectionsOf } from "./support/findings.ts";
import { govern } from "./support/govern.ts";
import { accountField, parseInput } from "./support/parseInput.ts";
import { runTask } from "./support/runTask.ts";
import { openSession } from "./support/session.ts";

const schema = z
  .object({
    finding: z.int().min(1, "must be a finding from 1 on").transform(BigInt),
    appeal: z.string(),
    decide: z.enum(["", "upheld", "dismissed"], "must be upheld or dismissed"),
    withdraw: z.boolean(),
    conclude: z.boolean(),
    as: accountField,
  })
  .refine(
    ({ appeal, decide, withdraw, conclude }) =>
      [appeal !== "", decide !== "", withdraw, conclude].filter(Boolean).length < 2,
    { message: "only one of --appeal, --decide, --withdraw and --conclude" },
  );

interface FindingArguments {
  readonly finding: number;
  readonly appeal: string;
  readonly decide: string;
  readonly withdraw: boolean;
  readonly conclude: boolean;
  readonly as: string;
  readonly deployment: string;
}

export default function findingAction(input: FindingArguments, hre: HardhatRuntimeEnvironment): Promise<void> {
  return runTask(async () => {
    const { finding, appeal, decide, withdraw, conclude, as } = parseInput(schema, input);
    const session = await openSession(hre, input.deployment);
    const inspections = inspectionsOf(session);
    const { address } = inspections;
    if (appeal !== "") {
      await session.send(as, inspections.encode("appeal", [finding, await hashFile(appeal)]), address);
    } else if (decide !== "") {
      const readyAt = await govern(session, inspections.encode("decide", [finding, decide === "upheld"]), address);
      if (readyAt !== undefined) {
        console.log(`Scheduled; run it again from ${new Date(readyAt * 1000).toISOString()} on.`);
        return;
      }
    } else if (withdraw) {
      await session.send("inspector", inspections.encode("withdraw", [finding]), address);
    } else if (conclude) {
      await session.send(as, inspections.encode("conclude", [finding]), address);
    }
    console.log(await formatFinding(inspections, finding));
  });
}
