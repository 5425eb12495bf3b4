export { combinationsOf, labelOf, type Axis, type AxisValue, type Combination } from "./axes.ts";
export { flatFigures } from "./figures.ts";
export { runSweep, type SweptCombination } from "./runSweep.ts";
export type { Estimate } from "./statistics.ts";
