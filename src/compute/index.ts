export * from "./compareRequests.ts";
export * from "./leaseStates.ts";
export * from "./proveUse.ts";
export * from "./rankOffers.ts";
export * from "./readOffers.ts";
