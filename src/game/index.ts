export * from "./components.ts";
export * from "./reputation.ts";
export * from "./samples.ts";
export * from "./tiers.ts";
