import { Result, type Interface, type ParamType } from "ethers";

/** A decoded value as JSON carries it: whole numbers beyond 2^53 as decimal text, structs as objects. */
export function jsonValue(type: ParamType, value: unknown): unknown {
  if (type.isArray() && value instanceof Result) {
    const { arrayChildren } = type;
    return value.toArray().map((item: unknown) => jsonValue(arrayChildren, item));
  }
  if (type.isTuple() && value instanceof Result) return namedValues(type.components, value);
  if (typeof value === "bigint") {
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) && isNarrow(type)
      ? Number(value)
      : String(value);
  }
  return value;
}

/** Values by the names of their parameters; one without a name has its place. */
function namedValues(types: readonly ParamType[], values: Result): Record<string, unknown> {
  return Object.fromEntries(types.map((type, place) => [nameOf(type, place), jsonValue(type, values[place])]));
}

export function nameOf({ name }: ParamType, place: number): string {
  return name === "" ? String(place) : name;
}

/** The call in a calldata; null where the function is unknown or the data does not fit it. */
export function decodeCall(
  functions: Interface,
  data: string,
): { readonly signature: string; readonly args: Record<string, unknown> } | null {
  try {
    const parsed = functions.parseTransaction({ data });
    if (parsed === null) return null;
    return { signature: parsed.signature, args: namedValues(parsed.fragment.inputs, parsed.args) };
  } catch {
    return null;
  }
}

// As the index does it, so that a figure looks the same everywhere.
const NARROW_BITS = 48;

function isNarrow({ baseType, name }: ParamType): boolean {
  const bits = /^u?int(\d+)$/.exec(baseType)?.[1];
  return bits !== undefined && (Number(bits) <= NARROW_BITS || name.endsWith("Wh"));
}
