import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { ArgumentType } from "hardhat/types/arguments";

type Value = string | number | boolean;

export interface TypedCommand {
  readonly verb: string;
  readonly input: Record<string, Value>;
}

/** What Hardhat makes of a command line of ours, by the task's own definition; the network is the test's. */
export function typedCommand({ tasks }: HardhatRuntimeEnvironment, line: string): TypedCommand {
  const words = line.split(" ");
  const [npx, hardhat, verb = ""] = words.splice(0, 3);
  if (npx !== "npx" || hardhat !== "hardhat") throw new Error(`not a command of Hardhat: ${line}`);
  const { options, positionalArguments } = tasks.getTask(verb);
  const input: Record<string, Value> = {};
  let network = "";
  let place = 0;
  while (words.length > 0) {
    const word = words.shift() ?? "";
    if (word === "--network") {
      network = words.shift() ?? "";
    } else if (word.startsWith("--")) {
      const name = word.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      const option = options.get(name);
      if (option === undefined) throw new Error(`${verb} has no option ${word}`);
      input[name] = option.type === ArgumentType.FLAG ? true : valueOf(option.type, words.shift());
    } else {
      const argument = positionalArguments[place++];
      if (argument === undefined) throw new Error(`${verb} takes no further argument: ${word}`);
      input[argument.name] = valueOf(argument.type, word);
    }
  }
  if (network !== "localhost") throw new Error(`names no network: ${line}`);
  return { verb, input };
}

function valueOf(type: ArgumentType, word: string | undefined): Value {
  // As Hardhat, which takes a word with a dash for an option.
  if (word === undefined || word.startsWith("-")) throw new Error("an option lacks its value");
  return type === ArgumentType.INT ? Number(word) : word;
}
