import { ZeroAddress } from "ethers";
import { encodeCertificateId, matchedEnergy } from "../../../../src/certificates/index.ts";
import { ENERGY_SOURCE_CODES, type EnergySourceName } from "../../../../src/market/codes.ts";
import type { CertificateAnswer } from "../../../api/certificate.ts";
import type { SlotAnswer } from "../../../api/slot.ts";
import type { Store } from "../../../store/store.ts";
import { sourceOf } from "./answers.ts";
import { allEventsOf, type IndexedEvent } from "./events.ts";

/** Most events of one token id, or of one job, that an answer looks at. */
const MOST = 2_000;

/** Every way that a token id comes from, moves and ends. */
export const CERTIFICATE_EVENTS = [
  "Transfer",
  "CertificatesIssued",
  "StorageCharged",
  "CertificatesCancelled",
  "JobMatched",
] as const;

export type CertificateEvent = IndexedEvent<"EnergyCertificates", (typeof CERTIFICATE_EVENTS)[number]>;
type Transfer = Extract<CertificateEvent, { readonly name: "Transfer" }>;

/** What happened to a token id, in the chain's order. */
export function certificateEvents(store: Store, tokenId: string): Promise<CertificateEvent[]> {
  const key = { kind: "certificate", value: tokenId } as const;
  return allEventsOf(store, "EnergyCertificates", CERTIFICATE_EVENTS, { key }, MOST);
}

/** Certificates of a slot by source and meter. */
export async function slotCertificates(store: Store, zone: number, slot: number): Promise<SlotAnswer["certificates"]> {
  const sources = (Object.keys(ENERGY_SOURCE_CODES) as EnergySourceName[]).filter((source) => source !== "none");
  const lists = await Promise.all(
    sources.map(async (source) => {
      const value = String(encodeCertificateId({ zone, slot, source }));
      const key = { kind: "certificate", value } as const;
      const issued = await allEventsOf(store, "EnergyCertificates", ["CertificatesIssued"], { key }, MOST);
      return issued.map((event) => {
        const { id, meter, amountWh } = event.args;
        return { tokenId: id, meter, source, issuedWh: amountWh, tx: sourceOf(event) };
      });
    }),
  );
  return lists.flat();
}

/** Balances that follow from the moves of one token id. */
export function holdersOf(transfers: readonly Transfer[]): CertificateAnswer["holders"] {
  const held = new Map<string, number>();
  const add = (account: string, amountWh: number): void => {
    if (account !== ZeroAddress) held.set(account, (held.get(account) ?? 0) + amountWh);
  };
  for (const { args } of transfers) {
    add(args.sender, -Number(args.amount));
    add(args.receiver, Number(args.amount));
  }
  return [...held].filter(([, amountWh]) => amountWh > 0).map(([account, amountWh]) => ({ account, amountWh }));
}

/** Share of a job's proved energy that certificates of its hour were cancelled against; null where there are none. */
export async function matchedShare(
  store: Store,
  job: number,
  proved: readonly { readonly slot: number; readonly energyWh: number; readonly co2Mg: bigint }[],
): Promise<number | null> {
  const key = { kind: "job", value: String(job) } as const;
  const matches = await allEventsOf(store, "EnergyCertificates", ["JobMatched"], { key }, MOST);
  if (matches.length === 0) return null;
  const cancelled = matches.map(({ args }) => ({
    slot: args.slot,
    certificate: BigInt(args.id),
    amountWh: args.amountWh,
  }));
  return matchedEnergy(proved, cancelled).hourMatchedPpm;
}
