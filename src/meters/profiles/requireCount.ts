import { JouleworkError } from "../../errors.ts";

/** Refuses an option that is not a whole number within what the data offer. */
export function requireCount(option: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  throw new JouleworkError({
    code: "PROFILE_OPTION_INVALID",
    what: `The data do not allow this value of ${option}`,
    values: { [option]: value, lowest, highest },
    hint: "Give a whole number in this range.",
  });
}
