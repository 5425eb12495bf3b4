import { blockNumberCall } from "../../../src/chain/calls.ts";
import { requireReading } from "../../../src/game/requireReading.ts";
import { readSettledReadings, type ProvenReading, type SettledReadings } from "../../../src/game/settledReadings.ts";
import type { Session } from "./session.ts";

/** A settled reading with what of its import has served as evidence already, Wh. */
export interface Evidence {
  readonly reading: ProvenReading;
  readonly usedWh: number;
}

/** All settled readings of the session's exchange. */
export async function readSettled({ exchange }: Session): Promise<SettledReadings> {
  const { rpc, deployment } = exchange;
  const toBlock = await rpc.call(blockNumberCall());
  return readSettledReadings({ rpc, exchange: exchange.address, fromBlock: deployment.deployBlock, toBlock });
}

/**
 * The reading of a meter and slot from the chain's history.
 *
 * @throws READING_NOT_SETTLED, READING_IS_GAP
 */
export async function readEvidence(session: Session, meter: string, slot: number): Promise<Evidence> {
  const [readings, { usedWh }] = await Promise.all([readSettled(session), session.exchange.evidence(meter, slot)]);
  return { reading: requireReading(readings, meter, slot), usedWh };
}
