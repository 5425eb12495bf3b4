export { combinationsOf, labelOf, type Axis, type AxisValue, type Combination } from "./axes.ts";
export { flatFigures } from "./figures.ts";
export { openSweeps, runSweep, type SweepInput, type Sweeps, type SweptCombination } from "./runSweep.ts";
export type { Estimate } from "./statistics.ts";
