import type { ExchangeEvent } from "../chain/exchange.ts";
import type { Due, GridOutcome } from "../market/gridLeg.ts";
import type { SettlementLine } from "../market/packed.ts";
import { legOf, takeLeg, type Run } from "./run.ts";
import { meterOf, siteOf } from "./state.ts";
import type { Place } from "./types.ts";

// These come before the event that they explain, which compares them with what the twin says.

export function claimGranted({ tx }: Run, { args }: ExchangeEvent<"ClaimGranted">): void {
  const leg = legOf(tx, args.meter);
  leg.claimGrantedTicks += args.amountTicks;
  leg.claimTicks = args.claimTicks;
}

export function debtIncurred({ tx }: Run, { args }: ExchangeEvent<"DebtIncurred">): void {
  const leg = legOf(tx, args.meter);
  leg.site = args.site;
  leg.bondBurnedTicks += args.bondBurnedTicks;
  leg.debtAddedTicks += args.addedTicks;
  leg.debtTicks = args.debtTicks;
}

export function chargesLapsed({ tx }: Run, { args }: ExchangeEvent<"ChargesLapsed">): void {
  const leg = legOf(tx, args.meter);
  leg.slots.push(args.slot);
  leg.lapsedNetworkTicks += args.networkTicks;
  leg.lapsedLevyTicks += args.levyTicks;
}

export function disconnectionRequested({ tx, findings }: Run, { args }: ExchangeEvent<"DisconnectionRequested">): void {
  const leg = legOf(tx, args.meter);
  leg.slots.push(args.slot);
  leg.disconnection = { balanceTicks: args.balanceTicks, depositTicks: args.depositTicks };
  findings.add("settlement", "disconnectionsRequested", 1);
}

/**
 * Compares what the grid leg said about a meter with the twin, takes claim, bond and debt over, and checks that every
 * tick of due value went somewhere.
 */
export function takeGridLeg(
  run: Run,
  place: Place & { readonly meter: string },
  due: Due,
  line: SettlementLine,
  outcome: GridOutcome,
): void {
  const { findings, state } = run;
  const leg = takeLeg(run, place.meter);
  const entry = meterOf(state, place.meter);
  const site = siteOf(state, entry.site);
  for (const slot of leg.slots)
    findings.expect("settlement", place, "slot of the grid leg", place.slot ?? "none", slot);
  findings.expect("settlement", place, "site of the grid leg", entry.site, leg.site ?? entry.site);
  findings.expect("settlement", place, "claim granted", outcome.claimGrantedTicks, leg.claimGrantedTicks);
  findings.expect("settlement", place, "burned from the bond", outcome.bondBurnedTicks, leg.bondBurnedTicks);
  findings.expect("settlement", place, "debt added", outcome.debtAddedTicks, leg.debtAddedTicks);
  findings.expect("settlement", place, "debt repaid", outcome.debtRepaidTicks, leg.debtRepaidTicks);
  findings.expect("settlement", place, "network charge lapsed", outcome.lapsedNetworkTicks, leg.lapsedNetworkTicks);
  findings.expect("settlement", place, "levy lapsed", outcome.lapsedLevyTicks, leg.lapsedLevyTicks);
  findings.expect(
    "settlement",
    place,
    "claim afterwards",
    entry.claimTicks + leg.claimGrantedTicks,
    leg.claimTicks ?? entry.claimTicks,
  );
  const debtTicks = site.debtTicks + leg.debtAddedTicks - leg.debtRepaidTicks;
  findings.expect("settlement", place, "debt afterwards", debtTicks, leg.debtTicks ?? site.debtTicks);

  const claimed = leg.claimGrantedTicks + outcome.claimLostTicks;
  findings.expect("gridLeg", place, "minted + new claims", due.mintTicks, line.mintedTicks + claimed);
  findings.expect(
    "gridLeg",
    place,
    "burned + new debt",
    due.burnTicks + leg.debtRepaidTicks,
    line.burnedTicks + leg.debtAddedTicks + outcome.debtLostTicks,
  );
  findings.add("gridLeg", "longValueTicks", due.mintTicks);
  findings.add("gridLeg", "mintedTicks", line.mintedTicks);
  findings.add("gridLeg", "claimedTicks", leg.claimGrantedTicks);
  findings.add("gridLeg", "shortValueTicks", due.burnTicks);
  findings.add("gridLeg", "burnedTicks", line.burnedTicks);
  findings.add("gridLeg", "debtAddedTicks", leg.debtAddedTicks);
  findings.add("gridLeg", "debtRepaidTicks", leg.debtRepaidTicks);
  findings.add("charges", "lapsedTicks", leg.lapsedNetworkTicks + leg.lapsedLevyTicks);

  entry.claimTicks = leg.claimTicks ?? entry.claimTicks;
  site.debtTicks = leg.debtTicks ?? site.debtTicks;
  site.bondTicks -= leg.bondBurnedTicks;
}

export function compareLine(run: Run, place: Place, expected: SettlementLine, found: SettlementLine): void {
  for (const field of ["mintedTicks", "burnedTicks", "networkTicks", "levyTicks"] as const) {
    run.findings.expect("settlement", place, field, expected[field], found[field]);
  }
}

/** Adds a line to the batch and to what the transaction must mint and burn. */
export function addLine(run: Run, line: SettlementLine): void {
  const { tx } = run;
  tx.expectedMintTicks += line.mintedTicks;
  tx.expectedBurnTicks += line.burnedTicks;
  if (tx.ledger !== undefined) {
    tx.ledger = { ...tx.ledger, mintableTicks: tx.ledger.mintableTicks + line.burnedTicks - line.mintedTicks };
  }
  if (tx.batch !== undefined) {
    tx.batch.mintedTicks += line.mintedTicks;
    tx.batch.burnedTicks += line.burnedTicks;
    tx.batch.networkTicks += line.networkTicks;
    tx.batch.levyTicks += line.levyTicks;
  }
}
