export { type Differences } from "./differences.ts";
export { playTwin } from "./playTwin.ts";
export { sampleDay, type Sample } from "./sample.ts";
