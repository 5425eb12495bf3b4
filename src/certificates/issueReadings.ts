import type { Sender } from "../chain/sender.ts";
import type { ProvenReading, SettledReadings } from "../game/settledReadings.ts";
import { METER_KIND_CODES, METER_STATUS_CODES, ENERGY_SOURCE_CODES } from "../market/codes.ts";
import { issuableWh } from "./amounts.ts";
import type { CertificatesLink } from "./certificatesLink.ts";

/** What certificates were issued for. */
export interface IssuedReading {
  readonly meter: string;
  readonly zone: number;
  readonly slot: number;
  readonly amountWh: number;
}

export interface IssueReadingsParameters {
  readonly link: CertificatesLink;
  /** The owner of the meters' sites, or its operator. */
  readonly sender: Sender;
  readonly readings: SettledReadings;
  readonly meters: readonly string[];
  readonly fromSlot: number;
  /** Last slot, included. */
  readonly toSlot: number;
}

/** An issue takes about 130,000 gas, of which proof and new balance are most: well below a transaction's 16.7 million. */
const ISSUES_A_TRANSACTION = 64;

/**
 * Issues certificates for all readings of producers that can have them now: slots that are closed without a flag, no gaps, an
 * export on balance, not certified or corrected before. What cannot is left out, and may be tried again later.
 */
export async function issueReadings(parameters: IssueReadingsParameters): Promise<IssuedReading[]> {
  const { link, sender } = parameters;
  const { contract } = link;
  const ready = await readyReadings(parameters);
  for (let at = 0; at < ready.length; at += ISSUES_A_TRANSACTION) {
    const calls = ready
      .slice(at, at + ISSUES_A_TRANSACTION)
      .map(({ leaf, root, proof }) => contract.encode("issue", [leaf, root, proof]));
    await sender.send([{ to: contract.address, data: contract.encode("multicall", [calls]) }]);
  }
  return ready.map(({ leaf }) => ({
    meter: leaf.meter,
    zone: leaf.zone,
    slot: leaf.slot,
    amountWh: issuableWh(leaf),
  }));
}

async function readyReadings({
  link,
  readings,
  meters,
  fromSlot,
  toSlot,
}: IssueReadingsParameters): Promise<ProvenReading[]> {
  const { exchange } = link;
  const { rpc } = exchange;
  const configs = await rpc.all(meters.map((meter) => exchange.contract.request("meterConfig", [meter])));
  const producing = meters.filter((_, index) => {
    const { kind, source, status } = configs[index] ?? {};
    const oneSource = source !== ENERGY_SOURCE_CODES.none && source !== ENERGY_SOURCE_CODES.storage;
    return kind === METER_KIND_CODES.producer && oneSource && status !== METER_STATUS_CODES.suspended;
  });
  const found = producing.flatMap((meter) =>
    readings
      .of(meter)
      .filter((leaf) => leaf.slot >= fromSlot && leaf.slot <= toSlot && !leaf.gap && issuableWh(leaf) > 0),
  );
  const closed = new Map<number, number>();
  for (const zone of new Set(found.map((leaf) => leaf.zone))) {
    closed.set(zone, (await exchange.contract.read("zoneInfo", [zone])).closedThrough);
  }
  const slots = [...new Map(found.map(({ zone, slot }) => [`${String(zone)}/${String(slot)}`, { zone, slot }]))];
  const flags = await rpc.all(slots.map(([, { zone, slot }]) => exchange.contract.request("isFlagged", [zone, slot])));
  const flagged = new Set(slots.flatMap(([key], index) => (flags[index] === true ? [key] : [])));
  const evidence = await rpc.all(found.map(({ meter, slot }) => exchange.contract.request("evidence", [meter, slot])));
  return found.flatMap(({ meter, zone, slot }, index) => {
    const final = slot <= (closed.get(zone) ?? 0) && !flagged.has(`${String(zone)}/${String(slot)}`);
    const { certified = true, void: corrected = true } = evidence[index] ?? {};
    const proven = readings.prove(meter, slot);
    return final && !certified && !corrected && proven !== undefined ? [proven] : [];
  });
}
