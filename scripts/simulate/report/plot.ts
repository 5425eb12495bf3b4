import * as echarts from "echarts";
import { escapeHtml } from "./escapeHtml.ts";

/**
 * Colours that a plot is drawn in, each standing for a variable of the page, which has a light and a dark value for it.
 * The library wants colours that it can read, so variables take their place in the finished drawing.
 */
const VARIABLES: Readonly<Record<string, string>> = {
  "#010203": "--ink",
  "#010204": "--muted",
  "#010205": "--rule",
  "#0102a1": "--first",
  "#0102a2": "--second",
  "#0102a3": "--third",
  "#0102a4": "--fourth",
  "#0102a5": "--fifth",
  "#0102a6": "--sixth",
  "#0102a7": "--seventh",
  "#0102a8": "--eighth",
};
const [INK = "", MUTED = "", RULE = "", ...SERIES] = Object.keys(VARIABLES);
const WIDTH = 540;
const HEIGHT = 280;
const MARGIN = { left: 64, right: 12, top: 28, bottom: 40 };
/** So many labels are all shown, broken over lines; of more some are left out. */
const MOST_WHOLE_LABELS = 8;

export interface Plot {
  /** What it shows, for the caption and for who cannot see it. */
  readonly title: string;
  readonly kind: "line" | "bar";
  /** Names along the horizontal axis. */
  readonly labels: readonly string[];
  readonly unit: string;
  readonly series: readonly PlotSeries[];
}

export interface PlotSeries {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
  /** Which of the page's colours, from 0; by the place in the list where absent. */
  readonly colour?: number;
  /** Half of each value's confidence interval. */
  readonly halfWidths?: readonly (number | null)[];
  /** Bars of one stack stand on each other. */
  readonly stack?: string;
}

/** The plot as a figure of the page; `place` tells it from the page's others. */
export function drawPlot(plot: Plot, place: number): string {
  const chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height: HEIGHT });
  try {
    chart.setOption(optionOf(plot));
    const title = escapeHtml(plot.title);
    const drawing = chart
      .renderToSVGString()
      // What answers to a pointer is no use in a drawing, and is numbered on through the process.
      .replace(/<style[^]*?<\/style>/g, "")
      .replace(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, "")
      .replace(/zr\d+-/g, `plot${String(place)}-`)
      .replace(/#0102[0-9a-f]{2}/g, (colour) => `var(${VARIABLES[colour] ?? "--ink"})`)
      .replace(
        /<svg [^>]*>/,
        `<svg role="img" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}"><title>${title}</title>`,
      );
    return `<figure>${drawing}${keyOf(plot)}<figcaption>${title}</figcaption></figure>`;
  } finally {
    // Without it the library's timers keep the process alive.
    chart.dispose();
  }
}

/** Which colour is whose, in the page's own text: it is as large on a phone as everything else. */
function keyOf({ series }: Plot): string {
  const entries = series.flatMap(({ name, dashed }, place) =>
    dashed === true
      ? []
      : [
          `<li><span style="background:var(${VARIABLES[colourOf(series[place], place)] ?? "--ink"})"></span>${escapeHtml(name)}</li>`,
        ],
  );
  return `<ul class="key">${entries.join("")}</ul>`;
}

function colourOf(series: PlotSeries | undefined, place: number): string {
  return SERIES[(series?.colour ?? place) % SERIES.length] ?? INK;
}

function optionOf({ kind, labels, unit, series }: Plot): echarts.EChartsOption {
  const line = { lineStyle: { color: RULE } };
  const few = labels.length <= MOST_WHOLE_LABELS;
  const room = (WIDTH - MARGIN.left - MARGIN.right) / labels.length;
  return {
    animation: false,
    textStyle: { color: INK, fontFamily: "system-ui, sans-serif" },
    grid: MARGIN,
    xAxis: {
      type: "category",
      data: [...labels],
      axisLabel: { color: MUTED, ...(few ? { interval: 0, width: room, overflow: "break" } : {}) },
      axisLine: line,
      axisTick: line,
    },
    yAxis: {
      type: "value",
      name: unit,
      nameTextStyle: { color: MUTED },
      axisLabel: { color: MUTED },
      splitLine: line,
      // A curve of prices says little above a floor of zero.
      scale: kind === "line",
    },
    series: series.flatMap((one, place) => [
      drawSeries(one, kind, colourOf(one, place)),
      ...intervalsOf(one, colourOf(one, place)),
    ]),
  };
}

function drawSeries(
  { name, values, dashed = false, stack }: PlotSeries,
  kind: Plot["kind"],
  color: string,
): echarts.SeriesOption {
  const data = [...values];
  if (kind === "bar") {
    return { type: "bar", name, data, itemStyle: { color }, ...(stack === undefined ? {} : { stack }) };
  }
  const lineStyle = { width: 1.5, color, type: dashed ? ("dashed" as const) : ("solid" as const) };
  return { type: "line", name, data, showSymbol: values.length < 2, itemStyle: { color }, lineStyle };
}

/** A whisker at each value. */
function intervalsOf({ values, halfWidths }: PlotSeries, stroke: string): echarts.SeriesOption[] {
  if (halfWidths === undefined) return [];
  return [
    {
      type: "custom",
      silent: true,
      data: values.flatMap((value, index) => {
        const half = halfWidths[index];
        return value === null || half === null || half === undefined ? [] : [[index, value - half, value + half]];
      }),
      encode: { x: 0, y: [1, 2] },
      renderItem: (_, api) => {
        const [x = 0, low = 0] = api.coord([api.value(0), api.value(1)]);
        const [, high = 0] = api.coord([api.value(0), api.value(2)]);
        const part = (x1: number, y1: number, x2: number, y2: number) => ({
          type: "line" as const,
          shape: { x1, y1, x2, y2 },
          style: { stroke, lineWidth: 1.5 },
        });
        const cap = 5;
        return {
          type: "group",
          children: [part(x, low, x, high), part(x - cap, low, x + cap, low), part(x - cap, high, x + cap, high)],
        };
      },
    },
  ];
}
