import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SYSTEM_ERRORS } from "../../../../src/chain/exchangeAbi.ts";
import { createRevertDecoder } from "../../../../src/chain/revertDecoder.ts";

const PAGE = fileURLToPath(new URL("../../../../docs/errors.md", import.meta.url));
// | 101 | `UnknownMeter` | The signer or named address is no meter. | … |, where one number may have several names.
const ROW = /^\|\s*\d+\s*\|\s*(`\w+`(?:, `\w+`)*)\s*\|\s*(.*?)\s*\|\s*(.*?)\s*\|\s*$/;

/** Decodes what a contract of the system refused with. */
export const decodeRefusal = createRevertDecoder(SYSTEM_ERRORS);

let known: ReadonlyMap<string, string> | undefined;

/** What an error of the contracts means, in the words of docs/errors.md; its name alone where that page lacks it. */
export function wordsOf(error: string): string {
  known ??= readWords();
  return known.get(error) ?? error;
}

/** Name of the error behind the four bytes of a skip event; the bytes themselves where nobody knows them. */
export function errorName(selector: string): string {
  return decodeRefusal.nameOf(selector) ?? selector;
}

function readWords(): ReadonlyMap<string, string> {
  const words = new Map<string, string>();
  for (const line of readFileSync(PAGE, "utf8").split("\n")) {
    const match = ROW.exec(line);
    const [, names = "", meaning] = match ?? [];
    if (meaning === undefined) continue;
    for (const [, name = ""] of names.matchAll(/`(\w+)`/g)) words.set(name, meaning.replaceAll("`", ""));
  }
  return words;
}
