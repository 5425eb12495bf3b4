import { getAddress, isAddress } from "ethers";
import { z } from "zod";
import { LOCAL_ACCOUNTS, type LocalAccount } from "../../../src/chain/localChain.ts";
import { JouleworkError } from "../../../src/errors.ts";
import { MAX_SLOT } from "../../../src/market/timeline.ts";
import { parseCredits, parsePrice } from "../../../src/units.ts";

/** Arguments of a task, checked; the first that is wrong is named. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const place = issue?.path.join(".") ?? "";
  throw new JouleworkError({
    code: "ARGUMENT_INVALID",
    what: `The argument ${place === "" ? "" : `${place} `}is wrong (${issue?.message ?? "unreadable"})`,
    hint: "Run the task with --help for its arguments.",
  });
}

export const addressField = z
  .string()
  .refine((text) => isAddress(text), "must be an address: 0x and 40 hexadecimal digits")
  .transform((text) => getAddress(text));

export const holderField = z.enum(["treasury", "owner"], "must be treasury or owner");

export const zoneField = z.int().min(1, "must be a zone from 1 on").max(4095, "must be a zone up to 4095");
export const siteField = z.int().min(1, "must be a site number from 1 on").max(0xffffffff, "is no site number");
export const slotField = z
  .int()
  .min(1, "must be a slot: Unix time divided by 900")
  .max(MAX_SLOT, "must be a slot: Unix time divided by 900");
export const registerField = z
  .int("must be whole watt-hours")
  .min(0, "must not be negative")
  .max(2 ** 40 - 1);
export const signatureField = z.string().regex(/^0x[0-9a-fA-F]{128}$/, "must be 64 bytes of signature in hexadecimal");

/** A consent has 65 bytes where a key signs it; a contract wallet's may have any number. */
export const consentField = z.string().regex(/^0x([0-9a-fA-F]{2})+$/, "must be the signature in hexadecimal");

/** Credits as people write them, in ticks. */
export const creditsField = readable(parseCredits).refine((ticks) => ticks > 0n, "must be more than nothing");
/** The same, nothing included. */
export const creditsOrNoneField = readable(parseCredits).refine((ticks) => ticks >= 0n, "must not be negative");
/** Credits per kWh as people write them, in ticks per Wh. */
export const priceField = readable(parsePrice).refine(
  (price) => price < 2 ** 24,
  "is beyond 16.777215 credits per kWh",
);

/** Number of a proposal. */
export const proposalField = z
  .string()
  .regex(/^\d{1,78}$/, "must be a proposal's number")
  .transform((digits) => BigInt(digits));
/** Energy of an order, Wh. */
export const energyField = z.int().min(1, "must be watt-hours above zero").max(0xffffff, "is beyond 16,777,215 Wh");
/** Name of one of the accounts that tasks sign for. */
export const accountField = z
  .string()
  .refine(
    (name): name is LocalAccount => name in LOCAL_ACCOUNTS,
    `must be one of ${Object.keys(LOCAL_ACCOUNTS).join(", ")}`,
  );

function readable<T>(read: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return read(text);
    } catch (error) {
      context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
      return z.NEVER;
    }
  });
}

/** Number of a public test device key; left out where the option is. */
export const deviceField = z
  .int()
  .min(-1, "must be the number of a test key, from 0 on")
  .max(0x7fffffff)
  .transform((index) => (index < 0 ? undefined : index));

/** Number of an offer or a lease; 0 where the option is left out. */
export const numberField = z.int().min(0, "must be a number from 1 on").max(0xffffffff, "is no such number");
export const acceleratorsField = z
  .int()
  .min(1, "must be at least 1 accelerator")
  .max(1_000_000, "must be at most 1,000,000");
export const acceleratorSecondsField = z
  .int()
  .min(1, "must be at least 1 accelerator-second")
  .max(2 ** 48 - 1, "is beyond what a lease holds");
