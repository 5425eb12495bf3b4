import type { CreditEvent, DeskEvent } from "./types.ts";
import { NOBODY, type Run } from "./run.ts";
import { addTo } from "./state.ts";

/** Every event of the credit token; approvals and the like move nothing. */
export function creditEvent(run: Run, event: CreditEvent): void {
  if (event.name !== "Transfer") return;
  const { from, to, value } = event.args;
  const { state, findings, tx } = run;
  findings.add("supply", "transfers", 1);
  if (from === NOBODY) {
    state.supply += value;
    findings.add("supply", "minted", value);
    if (to === run.exchange) tx.minted += value;
    else tx.deskMinted += value;
  } else {
    addTo(state.balances, from, -value);
    const left = state.balances.get(from) ?? 0n;
    findings.expect("supply", { account: from }, "balance is not negative", true, left >= 0n);
  }
  if (to === NOBODY) {
    state.supply -= value;
    findings.add("supply", "burned", value);
    if (from === run.exchange) tx.burned += value;
    else tx.deskBurned += value;
  } else {
    addTo(state.balances, to, value);
  }
  // A burn of the exchange ends what a batch has moved: the bound is looked at anew.
  if ((from === NOBODY && to === run.exchange) || (from === run.exchange && to === NOBODY)) {
    if (tx.batch === undefined) tx.ledger = undefined;
    return;
  }
  if (value === 0n || from === to) return;
  if (to === run.exchange) tx.movedIn.push({ account: from, amount: value });
  if (from === run.exchange) tx.movedOut.push({ account: to, amount: value });
}

/** The desk's events: what backs credits, and the sales and redemptions that create and destroy them. */
export function deskEvent({ state, findings, tx }: Run, event: DeskEvent): void {
  // Backing changes, so the bound is looked at anew.
  if (tx.batch === undefined) tx.ledger = undefined;
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
      return;
    case "CreditsSold": {
      const { amount, payment } = event.args;
      const price = (amount * desk.sellPrice + 10n ** 18n - 1n) / 10n ** 18n;
      findings.expect("supply", { account: event.args.to }, "payment for credits", price, payment);
      desk.funds += payment;
      tx.deskSold += amount;
      return;
    }
    case "CreditsRedeemed": {
      const { amount, payment } = event.args;
      findings.expect(
        "supply",
        { account: event.args.to },
        "payment for credits",
        (amount * desk.redeemPrice) / 10n ** 18n,
        payment,
      );
      desk.funds -= payment;
      tx.deskRedeemed += amount;
      return;
    }
    case "AuthorityUpdated":
      return;
  }
}
