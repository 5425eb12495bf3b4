import { JouleworkError } from "../../errors.ts";
import { loadSolver } from "../../loadSolver.ts";
import type { Trader } from "../types.ts";

/**
 * The most that markets can be worth together, ticks: each buyer takes up to its energy, each seller gives up to its own, what is taken in a
 * market is given in it. One linear programme for all of them, solved by HiGHS.
 *
 * @throws WELFARE_UNSOLVED where the solver finds no optimum, which energies and values that are finite always have.
 */
export async function optimalWelfare(markets: readonly (readonly Trader[])[]): Promise<number> {
  const worth: string[] = [];
  const balances: string[] = [];
  const bounds: string[] = [];
  markets.forEach((traders, market) => {
    const balance: string[] = [];
    traders.forEach(({ buys, energyWh, value }, trader) => {
      const name = `e${String(market)}_${String(trader)}`;
      const sign = buys ? "+" : "-";
      worth.push(`${sign} ${String(value)} ${name}`);
      balance.push(`${sign} ${name}`);
      bounds.push(`0 <= ${name} <= ${String(energyWh)}`);
    });
    if (balance.length > 0) balances.push(`m${String(market)}: ${balance.join(" ")} = 0`);
  });
  if (worth.length === 0) return 0;
  const text = ["Maximize", `worth: ${worth.join("\n")}`, "Subject To", ...balances, "Bounds", ...bounds, "End"];
  const solver = await loadSolver();
  const { Status, ObjectiveValue } = solver.solve(text.join("\n"));
  if (Status === "Optimal") return ObjectiveValue;
  throw new JouleworkError({
    code: "WELFARE_UNSOLVED",
    what: "The linear programme of the best welfare has no optimum",
    values: { status: Status, markets: markets.length },
    hint: "Check that energies and values of all traders are finite.",
  });
}
