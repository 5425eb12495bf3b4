export { compareSteps, type Comparison } from "./compare.ts";
export { comparisonRows, formatComparison } from "./formatComparison.ts";
export { partOfHomes, splitHomes, type HomesPart, type SplitHomes } from "./homes.ts";
export { measuresOf, type Measures } from "./measures.ts";
export { netSeries, type NetSeries } from "./netSeries.ts";
export { priceForecaster } from "./priceForecaster.ts";
export { parseScenario, readScenario, type AgentGroup, type Scenario } from "./scenario.ts";
export { simulate, STEPS, type SettledSlot, type Simulation, type SlotWatcher, type Step } from "./simulate.ts";
