import type { AskingLosses } from "../../../src/training/federated/leaveOneOut.ts";

/** Lets a measure of contributions have its losses. */
export function answering<Player, Result>(
  asking: AskingLosses<Player, Result>,
  loss: (present: ReadonlySet<Player>) => bigint,
): Result {
  let asked = asking.next();
  while (asked.done !== true) asked = asking.next(loss(asked.value));
  return asked.value;
}
