import Table from "cli-table3";
import type { FederatedReport, FederatedRound } from "./runFederated.ts";

/** A round's losses in a line. */
export function formatRound({ round, lossBefore, lossAfter, aggregateRoot }: FederatedRound): string {
  const losses = `${lossBefore.toFixed(4)} -> ${lossAfter.toFixed(4)} nats a byte`;
  return `round ${round}: validation loss ${losses}, model ${aggregateRoot.slice(0, 18)}...`;
}

/** What every worker scored, round by round, and its share of the pay, as a table. */
export function formatFederated({ workers, rounds, totals }: FederatedReport): string {
  const sum = totals.reduce((a, b) => a + b, 0n);
  const table = new Table({
    head: ["worker", ...rounds.map(({ round }) => `round ${round}`), "total, micro-nats", "share of pay"],
    style: { head: [], border: [] },
  });
  workers.forEach((name, seat) => {
    const cells = rounds.map(({ updates }) => {
      const { verdict = "refused", score = 0n } = updates[seat] ?? {};
      return verdict === "counted" ? score.toString() : verdict;
    });
    const total = totals[seat] ?? 0n;
    const share = sum === 0n ? 0 : Number((total * 100_000n) / sum) / 1_000;
    table.push([name, ...cells, total.toString(), `${share.toFixed(1)} %`]);
  });
  return table.toString();
}
