import { mismatch } from "./mismatch.ts";
import type { AuditCall } from "./types.ts";

export function bytesArg({ name, args }: AuditCall, key: string): string {
  const value = args[key];
  return typeof value === "string" ? value : mismatch("The call lacks an argument", { call: name, argument: key });
}

export function numberArg({ name, args }: AuditCall, key: string): number {
  const value = args[key];
  return typeof value === "number" ? value : mismatch("The call lacks an argument", { call: name, argument: key });
}
