import { LEASE_STATES, type LeaseState } from "../../../src/compute/leaseStates.ts";
import type { ResultOf } from "../../../src/chain/abiTypes.ts";
import type { COMPUTE_MARKET_ABI } from "../../../src/chain/computeAbi.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { formatCredits, formatSlot } from "../../../src/units.ts";
import type { Session } from "./session.ts";

export type LeaseInfo = Omit<ResultOf<typeof COMPUTE_MARKET_ABI, "leaseInfo">, "state"> & {
  readonly state: LeaseState;
};

/** A lease as the market has it. */
export async function readLease(session: Session, lease: number): Promise<LeaseInfo> {
  const info = await session.contract("ComputeMarket").read("leaseInfo", [BigInt(lease)]);
  const state = LEASE_STATES[info.state];
  if (state !== undefined && state !== "none") return { ...info, state };
  throw new JouleworkError({
    code: "LEASE_UNKNOWN",
    what: "There is no such lease",
    values: { lease },
    hint: "Leases are numbered from 1; joulework:lease prints the number of a request.",
  });
}

/** How far a lease has come, in a line. */
export function formatLease(lease: number, info: LeaseInfo): string {
  const { state, accelerators, offer, escrowTicks, uses } = info;
  const what = `${String(accelerators)} accelerators of offer ${String(offer)}`;
  const escrow = `${formatCredits(escrowTicks)} credits in escrow`;
  const line = (text: string): string => `Lease ${String(lease)}: ${text}.`;
  switch (state) {
    case "waiting":
      return line(`waits for ${what} through slot ${String(info.untilSlot)}, ${escrow}`);
    case "active":
      return line(`runs on ${what} through ${lastSlot(info.endSlot)}, uses reported: ${String(uses)}, ${escrow}`);
    case "paused":
      return line(`${what} are paused from ${lastSlot(info.pausedSlot)} on, uses reported: ${String(uses)}, ${escrow}`);
    case "closed":
      return line(`closed, uses reported: ${String(uses)}`);
    case "none":
      return line("there is none");
  }
}

function lastSlot(slot: number): string {
  return `slot ${String(slot)} (${formatSlot(slot)})`;
}
