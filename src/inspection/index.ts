export { clearSkyBoundWh, type SolarPlace } from "./clearSkyBound.ts";
export { formatSuspects } from "./formatSuspects.ts";
export { rankSuspects } from "./rankSuspects.ts";
export { readZone } from "./readZone.ts";
export type { InspectedZone, ReportedMeter, Suspicion } from "./types.ts";
