import { checkSupplies } from "./certificateChecks.ts";
import { custody, owed } from "./custody.ts";
import type { Findings } from "./findings.ts";
import type { AuditState } from "./state.ts";
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

  custody({ state, findings, exchange: domain.fields.verifyingContract }, {});
  for (const [name, ticks] of Object.entries(owed(state))) findings.add("custody", `${name}Ticks`, ticks as bigint);
  findings.add("custody", "donatedBaseUnits", state.donated);
}
