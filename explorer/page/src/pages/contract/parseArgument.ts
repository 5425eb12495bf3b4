/** What a reader typed for an argument, as the server wants it: lists, tuples and truth values as JSON, all else as text. */
export function parseArgument(type: string, typed: string): unknown {
  const text = typed.trim();
  if (type === "bool") return text === "true";
  if (!type.endsWith("]") && !type.startsWith("tuple") && !type.startsWith("(")) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The server says in words what is wrong with it.
    return text;
  }
}
