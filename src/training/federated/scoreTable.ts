import { z } from "zod";
import { JouleworkError } from "../../errors.ts";

/** In place of a root where bytes were not read. */
export const NO_ROOT = `0x${"00".repeat(32)}`;

/**
 * Everything that a round's result is computed from: what is read from bytes, and what is measured. The rest is rules that anybody
 * applies (`scoreFromTable`). Roots are those of the trees of byte strings by which a measurement knows them, 0x-hex.
 */
export interface ScoreTable {
  /** Of the bytes of the state before the round. */
  readonly model: string;
  /** Of the validation slice. */
  readonly slice: string;
  /** Of each seat's update; zero where it has none of its own, or none of an update's length. */
  readonly updates: readonly string[];
  /** By seat: whether the bytes are an update of this model. */
  readonly readable: readonly boolean[];
  /** Bits of the scalar products of the readable updates, in the order of their hashes, row by row. */
  readonly products: readonly number[];
  /** Bits of the squares of the players' vectors, in the order of their lowest hashes. */
  readonly squares: readonly number[];
  /** Micro-nats, in the order in which the rules ask. */
  readonly losses: readonly bigint[];
  /** Over the tensors of the state after the round: weights, then momentum. */
  readonly moved: string;
  /** Of that state's bytes. */
  readonly next: string;
}

const root = z.string().regex(/^0x[0-9a-f]{64}$/, "must be 32 bytes in lower-case hexadecimal with 0x");
const bits = z.array(z.int().min(0).max(0xffffffff));

const tableSchema = z.strictObject({
  model: root,
  slice: root,
  updates: z.array(root),
  readable: z.array(z.boolean()),
  products: bits,
  squares: bits,
  losses: z.array(
    z
      .string()
      .regex(/^\d{1,20}$/, "must be whole micro-nats, as digits")
      .transform(BigInt),
  ),
  moved: root,
  next: root,
});

/** A table as JSON; losses are digits in quotes. */
export function scoreTableToJson(table: ScoreTable): string {
  return JSON.stringify(table, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}

/**
 * Reads what `scoreTableToJson` wrote.
 *
 * @throws SCORE_TABLE_DAMAGED naming the field.
 */
export function scoreTableFromJson(text: string): ScoreTable {
  const damaged = (field: string, reason: string): JouleworkError =>
    new JouleworkError({
      code: "SCORE_TABLE_DAMAGED",
      what: "The text is no table of a round's measurements",
      values: { field, reason },
      hint: "Give the text that scoreTableToJson wrote.",
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged("", "is no JSON");
  }
  const parsed = tableSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw damaged(issue?.path.join(".") ?? "", issue?.message ?? "unreadable");
}
