import { backing, BASE_UNITS_PER_CREDIT, firstWaiting, type RedemptionEntry } from "./desk.ts";
import { NOBODY, type Run } from "./run.ts";
import type { DeskEvent } from "./types.ts";

/** The desk's events: what backs credits, and the sales and redemptions that create and destroy them. */
export function deskEvent(run: Run, event: DeskEvent): void {
  const { state, findings, tx } = run;
  // Backing changes, so the bound is looked at anew.
  if (tx.batch === undefined) tx.ledger = undefined;
  apply(run, event);
  const { desk } = state;
  if (desk.redeemPrice === 0n || event.name === "AuthorityUpdated") return;
  findings.expect("supply", {}, `backed after ${event.name}`, true, state.supply <= backing(desk));
}

function apply({ state, findings, tx }: Run, event: DeskEvent): void {
  const { desk } = state;
  switch (event.name) {
    case "PricesSet":
      desk.sellPrice = event.args.sellPrice;
      desk.redeemPrice = event.args.redeemPrice;
      return;
    case "CreditLineSet":
      desk.creditLine = event.args.creditLine;
      return;
    case "PledgeChanged":
      findings.expect("supply", {}, "funds of the desk", desk.funds + event.args.change, event.args.funds);
      desk.funds = event.args.funds;
      if (event.args.change < 0n) {
        findings.expect("supply", {}, "what the queue is owed was left", true, desk.funds >= desk.owed);
      }
      return;
    case "CreditsSold": {
      const { to, amount, payment } = event.args;
      const price = (amount * desk.sellPrice + BASE_UNITS_PER_CREDIT - 1n) / BASE_UNITS_PER_CREDIT;
      findings.expect("supply", { account: to }, "payment for credits", price, payment);
      desk.funds += payment;
      tx.deskSold += amount;
      return;
    }
    case "CreditsRedeemed": {
      const { to, amount, payment } = event.args;
      findings.expect("supply", { account: to }, "payment for credits", worth(amount, desk.redeemPrice), payment);
      desk.funds -= payment;
      findings.expect("supply", { account: to }, "nobody got ahead of the queue", true, desk.funds >= desk.owed);
      tx.deskRedeemed += amount;
      return;
    }
    case "RedemptionQueued": {
      const { id, seller, to, amount, payment } = event.args;
      const place = { account: seller };
      findings.expect("supply", place, "number of the redemption", desk.last + 1n, id);
      findings.expect("supply", place, "payment fixed", worth(amount, desk.redeemPrice), payment);
      findings.expect("supply", place, "more than the desk had to spare", true, payment > desk.funds - desk.owed);
      desk.last = id;
      desk.owed += payment;
      desk.redemptions.set(id, { seller, to, amount, payment, refused: false });
      tx.deskRedeemed += amount;
      return;
    }
    case "RedemptionPaid":
    case "RedemptionRefused": {
      const { id, to, amount, payment } = event.args;
      const entry = desk.redemptions.get(id);
      sameRedemption(findings, entry, { to, amount, payment });
      findings.expect("supply", { account: to }, "redemption whose turn it is", firstWaiting(desk) ?? "none", id);
      desk.funds -= payment;
      desk.owed -= payment;
      findings.expect("supply", { account: to }, "paid from funds", true, desk.funds >= 0n);
      if (event.name === "RedemptionPaid") {
        desk.redemptions.delete(id);
      } else {
        desk.setAside += payment;
        if (entry !== undefined) entry.refused = true;
      }
      return;
    }
    case "RedemptionCancelled": {
      const { id, seller, amount, payment } = event.args;
      const entry = desk.redemptions.get(id);
      findings.expect("supply", { account: seller }, "cancelled before its turn", false, entry?.refused ?? true);
      sameRedemption(findings, entry, { seller, amount, payment });
      desk.redemptions.delete(id);
      desk.owed -= payment;
      tx.deskSold += amount;
      return;
    }
    case "RedemptionCollected": {
      const { id, to, payment } = event.args;
      const entry = desk.redemptions.get(id);
      findings.expect("supply", { account: to }, "collected after a refusal", true, entry?.refused ?? false);
      sameRedemption(findings, entry, { payment });
      desk.redemptions.delete(id);
      desk.setAside -= payment;
      return;
    }
    case "AuthorityUpdated":
      return;
  }
}

function worth(amount: bigint, redeemPrice: bigint): bigint {
  return (amount * redeemPrice) / BASE_UNITS_PER_CREDIT;
}

/** The fields that an event repeats are those of the request. */
function sameRedemption(
  findings: Run["findings"],
  entry: RedemptionEntry | undefined,
  told: Partial<RedemptionEntry>,
): void {
  for (const name of ["seller", "to", "amount", "payment"] as const) {
    const found = told[name];
    if (found === undefined) continue;
    findings.expect(
      "supply",
      { account: entry?.seller ?? NOBODY },
      `redemption's ${name}`,
      entry?.[name] ?? "none",
      found,
    );
  }
}
