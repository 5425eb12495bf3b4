import { ZeroAddress } from "ethers";
import { decodeCertificateId } from "../../../src/certificates/index.ts";
import { slotStart } from "../../../src/units.ts";
import type { CertificateAnswer } from "../../api/certificate.ts";
import type { Source } from "../../api/primitives.ts";
import type { Store } from "../../store/store.ts";
import { badRequest, notFound } from "../problems.ts";
import type { Query } from "./query.ts";
import { eventPage, sourceOf } from "./support/answers.ts";
import { certificateEvents, holdersOf, type CertificateEvent } from "./support/certificates.ts";
import { eventsOf } from "./support/events.ts";
import { meterWordOf } from "./support/words.ts";

const EVENTS = 25;
/** Readings of one slot that are looked through for those that certificates come from. */
const READINGS = 1_000;

type Named<Name extends CertificateEvent["name"]> = Extract<CertificateEvent, { readonly name: Name }>;

/** One token id from its readings to its use. */
export const certificate: Query<"certificate"> = async ({ store }, { tokenId }) => {
  const { zone, slot, source } = lotOf(tokenId);
  const [told, events] = await Promise.all([
    certificateEvents(store, tokenId),
    eventPage(store, { key: { kind: "certificate", value: tokenId } }, EVENTS),
  ]);
  if (told.length === 0) throw notFound("No certificate of this id was ever issued", { tokenId });
  const of = <Name extends CertificateEvent["name"]>(name: Name): Named<Name>[] =>
    told.filter((event): event is Named<Name> => event.name === name);
  const moves = of("Transfer");
  const sum = (list: readonly Named<"Transfer">[]): number =>
    list.reduce((total, { args }) => total + Number(args.amount), 0);
  const readings = await readingsOf(store, zone, slot);
  return {
    tokenId,
    zone,
    slot,
    start: slotStart(slot),
    energySource: source,
    issuedWh: sum(moves.filter(({ args }) => args.sender === ZeroAddress)),
    cancelledWh: sum(moves.filter(({ args }) => args.receiver === ZeroAddress)),
    issues: of("CertificatesIssued").map((event) => {
      const { meter, to, amountWh } = event.args;
      return { meter, to, amountWh, reading: readings.get(meter) ?? null, source: sourceOf(event) };
    }),
    holders: holdersOf(moves),
    transfers: moves
      .filter(({ args }) => args.sender !== ZeroAddress && args.receiver !== ZeroAddress)
      .map((event) => {
        const { sender, receiver, amount } = event.args;
        return { from: sender, to: receiver, amountWh: Number(amount), source: sourceOf(event) };
      }),
    cancellations: cancellationsOf(of("CertificatesCancelled"), of("JobMatched"), of("StorageCharged")),
    events,
  };
};

function lotOf(tokenId: string): ReturnType<typeof decodeCertificateId> {
  try {
    return decodeCertificateId(BigInt(tokenId));
  } catch {
    throw badRequest(
      "CERTIFICATE_ID",
      "This is not the token id of certificates",
      { tokenId },
      "Take it from a slot's page.",
    );
  }
}

function cancellationsOf(
  cancelled: readonly Named<"CertificatesCancelled">[],
  matched: readonly Named<"JobMatched">[],
  charged: readonly Named<"StorageCharged">[],
): CertificateAnswer["cancellations"] {
  const jobs = new Map(matched.map(({ args }) => [args.cancellation, Number(args.job)]));
  const used = cancelled.map((event) => {
    const { cancellation, beneficiary, holder, amountWh, purpose } = event.args;
    const job = jobs.get(cancellation) ?? null;
    return { account: holder, beneficiary, purpose, amountWh, job, source: sourceOf(event) };
  });
  const stored = charged.map((event) => {
    const { meter, holder, amountWh } = event.args;
    return {
      ...{ account: holder, beneficiary: meter, purpose: "charged into storage" },
      ...{ amountWh, job: null, source: sourceOf(event) },
    };
  });
  return [...used, ...stored];
}

/** The settled reading of every meter of a slot. */
async function readingsOf(store: Store, zone: number, slot: number): Promise<Map<string, Source>> {
  const key = { kind: "slot", value: `${zone}/${slot}` } as const;
  const settled = await eventsOf(store, "EnergyExchange", ["ReadingSettled"], { key }, { limit: READINGS });
  const own = settled.filter(({ args }) => meterWordOf(args.word).lastSlot === slot);
  return new Map(own.map((event) => [event.args.meter, sourceOf(event)]));
}
