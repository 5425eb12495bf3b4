import { JouleworkError } from "../../src/errors.ts";

/**
 * What `--check` allows: what was measured when the figure was last lowered or had to rise, and 2 %; an order cleared in a
 * book of a hundred is held to what the design asks for, 12,500, and a reading settled in one to its 14,500.
 */
const CEILINGS: Readonly<Record<string, number>> = {
  "gas.clearPerOrder.100": 12_500,
  "gas.clearPerOrder.1000": 12_110,
  "gas.clearPerOrderSbba.100": 12_500,
  "gas.clearPerOrderSbba.1000": 12_170,
  "gas.clearPerDelegatedOrder.100": 23_600,
  "gas.clearPerOrderUsedRecord.100": 12_500,
  "gas.settlePerReading.100": 14_500,
  "gas.settlePerReadingUsedRecord.100": 14_500,
  "gas.jobSettleWorst": 3_372_400,
  "gas.certificateIssue.1": 214_000,
  "gas.certificateIssue.16": 136_100,
  "gas.certificateTransfer": 60_850,
  "gas.certificateCancel": 115_100,
  "slotsCreatedPerItem.clear": 0,
  "slotsCreatedPerItem.settle": 0,
};
/**
 * What `--check` requires of ratios and speeds: a city of ten thousand agents is to play in no more than a CPU second a thousand slots. Other times are not compared: they
 * are the machine's.
 */
const FLOORS: Readonly<Record<string, number>> = {
  "simulation.agentSlotsPerCpuSecond": 10_000_000,
  "simulation.auctionRatio": 8,
};
/** No contract may be larger (EIP-170). */
export const BYTECODE_LIMIT = 24_576;

/** Refuses figures above their ceilings or below their floors. */
export function requireWithinBounds(figures: object): void {
  const measured = new Map(flatten("", figures));
  const beyond: string[] = [];
  for (const [name, ceiling] of Object.entries(CEILINGS)) {
    const figure = measured.get(name);
    if (figure === undefined || figure > ceiling) beyond.push(`${name} ${String(figure)} > ${String(ceiling)}`);
  }
  for (const [name, floor] of Object.entries(FLOORS)) {
    const figure = measured.get(name);
    if (figure === undefined || figure < floor) beyond.push(`${name} ${String(figure)} < ${String(floor)}`);
  }
  for (const [name, figure] of measured) {
    if (name.startsWith("bytecode.") && figure > BYTECODE_LIMIT) beyond.push(`${name} ${String(figure)}`);
  }
  if (beyond.length === 0) return;
  throw new JouleworkError({
    code: "BENCH_BOUNDS",
    what: "Some figures are above their ceilings or below their floors",
    values: { beyond: beyond.join("; ") },
    hint: "Mend them, or move their bounds in scripts/bench/ceilings.ts and say why in the commit.",
  });
}

function* flatten(path: string, value: unknown): Generator<[string, number]> {
  if (typeof value === "number") yield [path, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* flatten(path === "" ? key : `${path}.${key}`, item);
}
