import { certificateSlot, decodeCertificateId } from "../certificates/certificateId.ts";
import { ticksToBaseUnits } from "../units.ts";
import { checkOffer } from "./offerSignatures.ts";
import type { Run } from "./run.ts";
import { meterOf, siteOf } from "./state.ts";
import type { OffersEvent, OffersEventOf } from "./types.ts";

/** What `soldOf` says of an offer that was taken back. */
const TAKEN_BACK = 2n ** 256n - 1n;

/** Every event of the certificates' market: what was sold was moved and paid for in the same transaction. */
export function offersEvent(run: Run, event: OffersEvent): void {
  switch (event.name) {
    case "CertificatesSold":
      certificatesSold(run, event);
      return;
    case "CertificatesBundled":
      certificatesBundled(run, event);
      return;
    case "OfferCancelled":
      offerCancelled(run, event);
      return;
    case "EIP712DomainChanged":
      return;
  }
}

function offerCancelled({ state, findings }: Run, { args }: OffersEventOf<"OfferCancelled">): void {
  const { offer, seller } = args;
  const { sold } = state.certificates;
  const known = sold.get(offer)?.seller ?? seller;
  findings.expect("certificates", { account: seller }, "seller of the offer", known, seller);
  sold.set(offer, { soldWh: TAKEN_BACK, seller });
}

function certificatesSold(run: Run, sale: OffersEventOf<"CertificatesSold">): void {
  const { state, findings, tx } = run;
  const { args } = sale;
  const { offer, seller, buyer, id, amountWh, priceTicks, soldWh } = args;
  const { sold } = state.certificates;
  const place = { account: buyer, certificate: id };
  const before = sold.get(offer)?.soldWh ?? 0n;
  findings.expect("certificates", place, "sold of the offer so far", before + BigInt(amountWh), soldWh);
  sold.set(offer, { soldWh: BigInt(soldWh), seller });
  checkOffer(run, sale);
  // The token and the credits move after the event, in the same transaction.
  const { events } = tx.transaction;
  const moved = events.some(
    ({ source, event }) =>
      source === "certificates" &&
      event.name === "Transfer" &&
      event.args.sender === seller &&
      event.args.receiver === buyer &&
      event.args.id === id &&
      event.args.amount === BigInt(amountWh),
  );
  findings.expect("certificates", place, "sold certificates moved", true, moved);
  const dueTicks = BigInt(amountWh) * priceTicks;
  const due = ticksToBaseUnits(dueTicks);
  const paid = events.some(
    ({ source, event }) =>
      source === "credit" &&
      event.name === "Transfer" &&
      event.args.from === buyer &&
      event.args.to === seller &&
      event.args.value === due,
  );
  findings.expect("certificates", place, "sold certificates paid for", true, paid);
  findings.add("certificates", "soldWh", amountWh);
  findings.add("certificates", "paidTicks", dueTicks);
}

/** Follows the sale that it belongs to: the buyer took that much energy in the certificates' zone and slot. */
function certificatesBundled({ state, findings, tx }: Run, { args }: OffersEventOf<"CertificatesBundled">): void {
  const { offer, meter, slot, amountWh, bundledWh } = args;
  const { bundled } = state.certificates;
  const site = siteOf(state, meterOf(state, meter).site);
  const place = { meter, slot };
  const sale = tx.transaction.events.some(
    ({ source, event }) =>
      source === "offers" &&
      event.name === "CertificatesSold" &&
      event.args.offer === offer &&
      event.args.buyer === site.owner &&
      event.args.amountWh === amountWh &&
      decodeCertificateId(event.args.id).zone === site.zone &&
      certificateSlot(event.args.id) === slot,
  );
  findings.expect("certificates", place, "sale to who took the energy", true, sale);
  const key = `${meter}/${String(slot)}`;
  const total = (bundled.get(key) ?? 0) + amountWh;
  bundled.set(key, total);
  findings.expect("certificates", place, "sold with energy so far", total, bundledWh);
  const tookWh = state.seasons.readings.get(key)?.importWh ?? 0;
  findings.expect("certificates", place, `sold with ${String(tookWh)} Wh at most`, true, total <= tookWh);
}
