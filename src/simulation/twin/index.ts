export { type Differences } from "./differences.ts";
export { playTwin } from "./playTwin.ts";
export { type NotedWork } from "./playTwinGame.ts";
export { seasonOf } from "./seasonOf.ts";
export { sampleDay, type Sample } from "./sample.ts";
