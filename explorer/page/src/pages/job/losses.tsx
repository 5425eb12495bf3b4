import type { JobAnswer } from "../../../../api/job.ts";
import { Chart } from "../../charts/chart.tsx";
import { nats } from "../../format/quantities.ts";
import { Panel } from "../../parts/panel.tsx";
import { Loading } from "../../parts/states.tsx";

interface LossChartProps {
  readonly losses: JobAnswer["losses"];
  readonly pending: boolean;
}

/** How the model got better round by round; nothing where no store has its models. */
export function LossChart({ losses, pending }: LossChartProps) {
  const [first] = losses;
  const last = losses.at(-1);
  if (pending) {
    return (
      <Panel title="Validation loss" wide>
        <Loading what="the losses, which are measured anew" />
      </Panel>
    );
  }
  if (first === undefined || last === undefined) return null;
  return (
    <Panel title="Validation loss" wide>
      <Chart
        title="Validation loss after each round"
        summary={`Validation loss from ${nats(first.lossMicroNats)} nats a byte after round ${String(first.round)} to ${nats(last.lossMicroNats)} after round ${String(last.round)}.`}
        x={losses.map(({ round }) => round)}
        xLabel="Round"
        yLabel="nats/byte"
        formatY={(micro) => nats(micro)}
        lines={[
          {
            label: "Loss",
            values: losses.map(({ lossMicroNats }) => Number(lossMicroNats)),
            color: "chart-main",
            marked: true,
          },
        ]}
      />
    </Panel>
  );
}
