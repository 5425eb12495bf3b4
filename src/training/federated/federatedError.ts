import { JouleworkError, type ErrorValue } from "../../errors.ts";

/** Why bytes are no update or no state, by code. */
const HINTS = {
  UPDATE_MAGIC: "Give the bytes that encodeUpdate wrote.",
  UPDATE_VERSION: "This program reads version 1 with blocks of 256 values.",
  UPDATE_MODEL: "Train from the job's own model: the shape and the number of parameters must be the same.",
  UPDATE_LENGTH: "An update has exactly the length that its model gives; compression and trailing bytes are refused.",
  UPDATE_SCALE: "Each block's scale is zero or a normal single-precision number from 2^-126 to 2^20.",
  UPDATE_NOT_CANONICAL: "A block of scale zero holds zeros; any other reaches 127 or -127, and none holds -128.",
  UPDATE_NOT_FINITE: "Training diverged: lower the learning rate. A value may be at most 127 x 2^20 in size.",
  STATE_INVALID: "Give the bytes that encodeState wrote for this model.",
  AGGREGATION_INVALID: "Aggregate at least one vector, all of the model's length, with a trim below half.",
  OUTER_STEP_NOT_FINITE: "Lower the outer learning rate or the momentum.",
  SCORE_TABLE_INVALID:
    "Give the table that was measured, for the round's seats and the job's rule; docs/federated.md lists what it holds.",
  SCORING_RULE_INVALID: "Read docs/federated.md for the bounds of a scoring rule.",
  VALIDATION_INVALID: "Give a text of at least two bytes a round, and a round that the text was split for.",
  FEDERATED_RUN_INVALID: "Give at least one worker with a shard, and at least one round.",
} as const;

export type FederatedErrorCode = keyof typeof HINTS;

/** The expected failures of federated rounds. */
export function federatedError(
  code: FederatedErrorCode,
  what: string,
  values: Readonly<Record<string, ErrorValue>> = {},
): JouleworkError {
  return new JouleworkError({ code, what, values, hint: HINTS[code] });
}

export function isFederatedError(error: unknown): error is JouleworkError {
  return error instanceof JouleworkError && error.code in HINTS;
}
