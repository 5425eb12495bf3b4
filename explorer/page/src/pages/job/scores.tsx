import type { JobAnswer } from "../../../../api/job.ts";
import { Chart } from "../../charts/chart.tsx";
import { nats } from "../../format/quantities.ts";
import { Panel } from "../../parts/panel.tsx";

/** How much validation loss the updates of each round took away, as its evaluators agreed. */
export function ScoreChart({ rounds }: { readonly rounds: JobAnswer["rounds"] }) {
  const scored = rounds
    .map(({ round, workers }) => ({ round, scores: workers.flatMap(({ score }) => (score === null ? [] : [score])) }))
    .filter(({ scores }) => scores.length > 0)
    .map(({ round, scores }) => ({ round, total: scores.reduce((sum, score) => sum + Number(score), 0) }));
  const [first] = scored;
  const last = scored.at(-1);
  if (first === undefined || last === undefined) return null;
  return (
    <Panel title="Scores" wide note="Validation loss taken away, in nats over the whole validation text">
      <Chart
        title="Scores of each round's updates together"
        summary={`Scores from ${nats(first.total)} nats in round ${String(first.round)} to ${nats(last.total)} in round ${String(last.round)}.`}
        x={scored.map(({ round }) => round)}
        xLabel="Round"
        yLabel="nats"
        formatY={(micro) => nats(micro)}
        lines={[{ label: "Scores", values: scored.map(({ total }) => total), color: "chart-main", marked: true }]}
      />
    </Panel>
  );
}
