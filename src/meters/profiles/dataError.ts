import { JouleworkError } from "../../errors.ts";

/** An error in a data file, with the place to look at: file, line (1 is the header) and the offending value. */
export function dataError(input: {
  what: string;
  file: string;
  line?: number;
  column?: string;
  value?: string | number;
  hint: string;
  cause?: unknown;
}): JouleworkError {
  const { what, file, line, column, value, hint, cause } = input;
  return new JouleworkError({
    code: "PROFILE_DATA_INVALID",
    what,
    values: {
      file,
      ...(line === undefined ? {} : { line }),
      ...(column === undefined ? {} : { column }),
      ...(value === undefined ? {} : { value }),
    },
    hint,
    cause,
  });
}
