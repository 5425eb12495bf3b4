import { checkSupplies } from "./certificateChecks.ts";
import { custody, owed } from "./custody.ts";
import type { Findings } from "./findings.ts";
import type { AuditState } from "./state.ts";
import { createContext, type Run } from "./run.ts";
import type { MarketDomain } from "../market/messages.ts";

/** What must hold of the whole history once it has been read. */
export function finalChecks(state: AuditState, findings: Findings, domain: MarketDomain): void {
  for (const [meter, { word, firstWord, settledImportWh, settledExportWh }] of state.meters) {
    findings.expect(
      "registers",
      { meter },
      "import settled in all",
      word.importWh - firstWord.importWh,
      settledImportWh,
    );
    findings.expect(
      "registers",
      { meter },
      "export settled in all",
      word.exportWh - firstWord.exportWh,
      settledExportWh,
    );
  }
  let sum = 0n;
  for (const balance of state.balances.values()) sum += balance;
  findings.expect("supply", {}, "sum of balances", state.supply, sum);
  findings.add("supply", "supply", state.supply);

  checkSupplies(state, findings);

  const transaction = { hash: "", blockNumber: 0, timestamp: 0, calls: undefined, events: [] };
  const exchange = domain.fields.verifyingContract;
  const run: Run = { state, findings, domain, exchange, desk: "", tx: createContext(transaction) };
  custody(run, {});
  for (const [name, ticks] of Object.entries(owed(state))) findings.add("custody", `${name}Ticks`, ticks as bigint);
  findings.add("custody", "donatedBaseUnits", state.donated);
}
