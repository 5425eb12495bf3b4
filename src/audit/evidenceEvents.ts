import type { ExchangeEvent } from "../chain/exchange.ts";
import type { Run } from "./run.ts";

/** Energy of a reading that a contract used for what it told of. */
export interface EnergyUse {
  /** The contract. */
  readonly by: string;
  readonly job?: number;
  readonly round?: number;
  readonly lease?: number;
  readonly meter: string;
  readonly slot: number;
  readonly energyWh: number;
}

/** What was drawn of a reading never exceeds the import that was settled. */
export function checkDraw(run: Run, { args }: ExchangeEvent<"EvidenceDrawn">): void {
  const { meter, slot, amountWh, usedWh, by } = args;
  const { findings, state, tx } = run;
  const place = { meter, slot };
  const reading = state.seasons.readings.get(`${meter}/${String(slot)}`);
  findings.expect("evidence", place, "drawn from a settled reading", true, reading !== undefined);
  const importWh = reading?.importWh ?? 0;
  findings.expect("evidence", place, `drawn of ${String(importWh)} Wh at most`, true, usedWh <= importWh);
  findings.expect("evidence", place, "drawn of a reading that is no gap", false, reading?.gap ?? false);
  findings.add("evidence", "drawnWh", amountWh);
  tx.compute.drawn.push({ by, meter, slot, energyWh: amountWh });
}

/** A contract tells what it used: it must have drawn that in the same transaction. */
export function useEnergy({ tx, findings }: Run, use: EnergyUse): void {
  tx.compute.used.push(use);
  findings.add("evidence", "usedWh", use.energyWh);
}

/** At the end of a transaction: what leases, jobs and certificates used is what they drew, and they drew nothing else. */
export function finishEvidence({ findings, tx, state }: Run): void {
  const { drawn, used } = tx.compute;
  const { compute, certificates } = state;
  const contracts = new Set([compute.market.address, compute.training.address, certificates.address]);
  const left = drawn.filter(({ by }) => contracts.has(by));
  for (const { energyWh, ...use } of used) {
    const at = left.findIndex(
      (one) => one.by === use.by && one.meter === use.meter && one.slot === use.slot && one.energyWh === energyWh,
    );
    const { by, ...place } = use;
    findings.expect("evidence", place, `energy drawn by ${by}`, energyWh, left[at]?.energyWh ?? "not drawn");
    if (at >= 0) left.splice(at, 1);
  }
  for (const { meter, slot, energyWh } of left) {
    findings.fail("evidence", { meter, slot }, "energy drawn without a use", "0", String(energyWh));
  }
}
