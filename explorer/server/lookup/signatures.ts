import { Interface, type EventFragment } from "ethers";
import type { ServerContext } from "../context.ts";
import { libraryNames } from "../verify/withLibraries.ts";

/** Texts by the hash that they are looked up by, without 0x. */
export interface Signatures {
  /** Functions and custom errors by selector: `transfer(address,uint256)`. */
  readonly selectors: ReadonlyMap<string, readonly string[]>;
  /** Events by topic, with the names of their parameters: `Transfer(address indexed from,...)`. */
  readonly topics: ReadonlyMap<string, readonly string[]>;
}

/** The signatures of every contract of the deployment and of every library that one is linked to. */
export async function readSignatures({
  artifacts,
  deployment,
}: Pick<ServerContext, "artifacts" | "deployment">): Promise<Signatures> {
  const selectors = new Map<string, Set<string>>();
  const topics = new Map<string, Set<string>>();
  // A set goes on with what is added to it meanwhile.
  const names = new Set(Object.keys(deployment.contracts));
  for (const name of names) {
    const artifact = await artifacts.artifact(name);
    if (artifact === undefined) continue;
    for (const library of libraryNames(artifact)) names.add(library);
    const known = new Interface(artifact.abi);
    known.forEachFunction((fragment) => add(selectors, fragment.selector, fragment.format("sighash")));
    known.forEachError((fragment) => add(selectors, fragment.selector, fragment.format("sighash")));
    known.forEachEvent((fragment) => add(topics, fragment.topicHash, withNames(fragment)));
  }
  return { selectors: listed(selectors), topics: listed(topics) };
}

function withNames({ name, inputs }: EventFragment): string {
  return `${name}(${inputs.map((input) => input.format("full")).join(",")})`;
}

function add(into: Map<string, Set<string>>, hash: string, text: string): void {
  const key = hash.slice(2);
  const texts = into.get(key);
  if (texts === undefined) into.set(key, new Set([text]));
  else texts.add(text);
}

function listed(texts: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, readonly string[]> {
  return new Map([...texts].map(([key, set]) => [key, [...set]]));
}
