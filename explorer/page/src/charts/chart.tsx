import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { onThemeChange, tokenColor } from "../parts/theme.ts";
import { Table, type Column } from "../parts/table.tsx";
import { trimTogether } from "../format/digits.ts";
import { utc, utcClock } from "../format/time.ts";

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A colour token of the style sheet. */
  readonly color: "chart-main" | "chart-other" | "chart-quiet";
  readonly dash?: readonly number[];
  /** Holds each value until the next point. */
  readonly stepped?: boolean;
  readonly filled?: boolean;
  /** Shows each point: values that stand for themselves, as one a round. */
  readonly marked?: boolean;
}

/** A point that the chart is about, drawn with lines to both axes. */
export interface Mark {
  readonly x: number;
  readonly y: number;
}

interface ChartProps {
  readonly title: string;
  /** What one sees in the chart, in a sentence: its text alternative. */
  readonly summary: string;
  readonly x: readonly number[];
  readonly xLabel: string;
  /** `x` is in seconds since 1970 and shown in UTC. */
  readonly time?: boolean;
  readonly yLabel: string;
  readonly formatX?: (value: number) => string;
  readonly formatY: (value: number) => string;
  readonly lines: readonly Line[];
  readonly mark?: Mark | null;
}

/** Steps of an axis of whole numbers. */
const WHOLE_STEPS = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();
const LABEL_GAP_PX = 14;
const DIGIT_WIDTH_PX = 7.5;
const HEIGHT = 240;
const NARROW_HEIGHT = 200;

/** A chart of lines with a table of the same figures. It follows its box's width and the theme's colours. */
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const shape = JSON.stringify([props.title, props.x, props.lines, props.mark]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    let plot = draw(element, latest.current);
    const resize = new ResizeObserver(() => plot.setSize(sizeOf(element)));
    resize.observe(element);
    const endTheme = onThemeChange(() => {
      plot.destroy();
      plot = draw(element, latest.current);
    });
    return () => {
      resize.disconnect();
      endTheme();
      plot.destroy();
    };
  }, [shape]);

  return (
    <figure class="chart">
      <figcaption>{props.title}</figcaption>
      <div ref={box} class="plot" role="img" aria-label={props.summary} />
      <details>
        <summary>
          Figures of this chart<span class="unseen">: {props.title}</span>
        </summary>
        <ChartTable {...props} />
      </details>
    </figure>
  );
}

function ChartTable({ title, x, xLabel, time = false, formatX = String, formatY, lines }: ChartProps) {
  const columns: Column<number>[] = [
    {
      head: time ? "Time (UTC)" : xLabel,
      cell: (index) => (time ? utc(x[index] ?? 0).slice(0, 16) : formatX(x[index] ?? 0)),
      rowHead: true,
      numeric: !time,
    },
    ...lines.map((line): Column<number> => ({
      head: line.label,
      cell: (index) => {
        const value = line.values[index];
        return value === null || value === undefined ? "–" : formatY(value);
      },
      numeric: true,
    })),
  ];
  return <Table caption={title} columns={columns} rows={[...x.keys()]} empty="No figures." />;
}

function sizeOf(element: HTMLElement): { width: number; height: number } {
  const width = Math.max(200, element.clientWidth);
  return { width, height: width < 480 ? NARROW_HEIGHT : HEIGHT };
}

function draw(element: HTMLElement, props: ChartProps): uPlot {
  const { x, lines, time = false, mark, xLabel, yLabel, formatX = String, formatY } = props;
  const axis = axisLook();
  const options: uPlot.Options = {
    ...sizeOf(element),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC"),
    scales: { x: { time }, y: { range: { min: { pad: 0.08, mode: 0 }, max: { pad: 0.08, mode: 0 } } } },
    cursor: { points: { size: 7 }, drag: { x: true, y: false } },
    // The first series are the places of the points.
    legend: {
      markers: { width: 2, dash: (_, series) => (lines[series - 1]?.dash === undefined ? "solid" : "dashed") },
    },
    axes: [
      {
        ...axis,
        size: 30,
        label: xLabel,
        labelSize: 18,
        ...(!time && { values: (_, ticks) => ticks.map(formatX), incrs: WHOLE_STEPS }),
        ...(time && { values: (_, ticks) => ticks.map(utcClock) }),
      },
      {
        ...axis,
        size: labelWidth,
        label: yLabel,
        labelSize: 18,
        values: (_, ticks) => trimTogether(ticks.map(formatY)),
      },
    ],
    series: [
      {
        label: xLabel,
        value: (_, value: number | null) => (value === null ? "" : time ? utc(value).slice(5, 16) : formatX(value)),
      },
      ...lines.map((line) => seriesOf(line, formatY)),
    ],
    hooks: { draw: mark === null || mark === undefined ? [] : [(plot) => drawMark(plot, mark)] },
  };
  return new uPlot(options, [[...x], ...lines.map((line) => [...line.values])], element);
}

/** Room for the longest label of an axis. */
function labelWidth(_: uPlot, labels: string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return LABEL_GAP_PX + longest * DIGIT_WIDTH_PX;
}

function axisLook(): Partial<uPlot.Axis> {
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return {
    stroke: tokenColor("muted"),
    font,
    labelFont: font,
    grid: { stroke: tokenColor("line"), width: 1 },
    ticks: { stroke: tokenColor("line"), width: 1, size: 4 },
  };
}

function seriesOf(line: Line, formatY: (value: number) => string): uPlot.Series {
  const color = tokenColor(line.color);
  const { stepped } = uPlot.paths;
  return {
    label: line.label,
    stroke: color,
    width: 1.75,
    value: (_, value: number | null) => (value === null ? "" : formatY(value)),
    points: { show: line.marked === true, size: 5, fill: color, stroke: color },
    ...(line.dash !== undefined && { dash: [...line.dash] }),
    ...(line.filled === true && { fill: tokenColor("chart-fill") }),
    ...(line.stepped === true && stepped !== undefined && { paths: stepped({ align: 1 }) }),
  };
}

function drawMark(plot: uPlot, mark: Mark): void {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(mark.x, "x", true);
  const y = plot.valToPos(mark.y, "y", true);
  ctx.save();
  ctx.strokeStyle = tokenColor("ink");
  ctx.fillStyle = tokenColor("surface");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(x, y);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  ctx.arc(x, y, 4.5 * devicePixelRatio, 0, 2 * Math.PI);
  ctx.fill();
  ctx.stroke();
  ctx.restore();
}
