import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";

/** Makes the error of a file that cannot be used: which part of it, what is wrong there, and what it comes from. */
export type RefuseFile = (part: string, problem: string, cause?: unknown) => Error;

/** What a YAML or JSON file holds; where it cannot be read or is neither, the error that `refuse` makes is thrown. */
export function readYaml(file: string, refuse: RefuseFile): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw refuse("the file", "it cannot be read", cause);
  }
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw refuse(`line ${String(problem.linePos?.[0].line ?? 1)}`, problem.message);
  return document.toJS();
}
