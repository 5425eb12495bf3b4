export * from "./bill.ts";
export * from "./formatBill.ts";
export * from "./types.ts";
