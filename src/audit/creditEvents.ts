import { NOBODY, type Run } from "./run.ts";
import { addTo } from "./state.ts";
import type { CreditEvent } from "./types.ts";

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
