import { z } from "zod";
import {
  acceleratorSecondsField,
  acceleratorsField,
  accountField,
  creditsField,
  numberField,
  parseInput,
  priceField,
  siteField,
} from "./parseInput.ts";

/** The market's verb behind each option that takes the number of an offer or a lease and nothing else. */
export const PLAIN_STEPS = {
  start: "startNext",
  withdraw: "withdrawRequest",
  pause: "pauseLease",
  resume: "resumeLease",
  notice: "giveNotice",
  close: "closeLease",
} as const;

type PlainStep = keyof typeof PLAIN_STEPS;
const STEPS = ["offer", "topUp", ...(Object.keys(PLAIN_STEPS) as PlainStep[])] as const;

const ANY_PRICE = 2 ** 24 - 1;
const MOST_PPM = 1_000_000;

const requestSchema = z
  .object({
    offer: numberField,
    accelerators: acceleratorsField,
    seconds: acceleratorSecondsField,
    price: z.literal("").or(creditsField),
    site: z.literal(0).or(siteField),
    maxImportPrice: z
      .literal("")
      .transform(() => ANY_PRICE)
      .or(priceField),
    maxScarcityPpm: z.int().min(0, "must not be negative").max(MOST_PPM, "must be at most 1,000,000"),
    minSurplusPpm: z.int().min(0, "must not be negative").max(MOST_PPM, "must be at most 1,000,000"),
    slots: z.int().min(1, "must be at least 1 slot").max(2_688, "must be at most 2,688 slots"),
    wait: z.int().min(1, "must be at least 1 slot").max(192, "must be at most 192 slots"),
  })
  .refine(
    ({ maxScarcityPpm, minSurplusPpm }) => minSurplusPpm === 0 || maxScarcityPpm === MOST_PPM,
    "give --max-scarcity-ppm or --min-surplus-ppm",
  )
  // A command line takes no negative numbers; a surplus is a scarcity below zero.
  .transform(({ minSurplusPpm, maxScarcityPpm, ...request }) => ({
    ...request,
    maxScarcityPpm: minSurplusPpm === 0 ? maxScarcityPpm : -minSurplusPpm,
  }));
const topUpSchema = z.object({ topUp: numberField, amount: creditsField });
const stepSchema = z
  .object({
    offer: numberField,
    topUp: numberField,
    start: numberField,
    withdraw: numberField,
    pause: numberField,
    resume: numberField,
    notice: numberField,
    close: numberField,
    as: accountField,
  })
  .refine(
    (input) => STEPS.filter((step) => input[step] !== 0).length === 1,
    "give exactly one of --offer, --start, --withdraw, --top-up, --pause, --resume, --notice and --close",
  );

export type LeaseInput = z.input<typeof requestSchema> & z.input<typeof topUpSchema> & z.input<typeof stepSchema>;

/** What is asked for. */
export type LeaseStep = { readonly as: z.output<typeof accountField> } & (
  | { readonly step: "offer"; readonly request: z.output<typeof requestSchema> }
  | { readonly step: "topUp"; readonly lease: number; readonly amountTicks: bigint }
  | { readonly step: PlainStep; readonly number: number }
);

/** The one step that the arguments name, with what it needs. */
export function parseLeaseStep(input: LeaseInput): LeaseStep {
  const parsed = parseInput(stepSchema, input);
  const { as } = parsed;
  if (parsed.offer !== 0) return { as, step: "offer", request: parseInput(requestSchema, input) };
  if (parsed.topUp !== 0) {
    const { topUp, amount } = parseInput(topUpSchema, input);
    return { as, step: "topUp", lease: topUp, amountTicks: amount };
  }
  const step = (Object.keys(PLAIN_STEPS) as PlainStep[]).find((name) => parsed[name] !== 0) ?? "start";
  return { as, step, number: parsed[step] };
}
