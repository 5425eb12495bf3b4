import { EventFragment } from "ethers";
import { createAbiReader, createArgsReader } from "./abiReader.ts";
import type { Abi, AbiEntry, AbiParameter, EventNameOf, EventOf } from "./abiTypes.ts";
import { getChecksum } from "./checksum.ts";
import type { RawLog } from "./calls.ts";

export interface LogDecoder<A extends Abi> {
  /** The event, or undefined where the interface does not have it. */
  (log: RawLog): EventOf<A> | undefined;
  /** First topics of these events, or of all. */
  topicsOf(names?: readonly EventNameOf<A>[]): string[];
}

type NamedEntry = AbiEntry & { readonly name: string };

/** Prepares a table from topic to decoder, so that the loop over logs looks nothing up and parses no type. */
export function createLogDecoder<const A extends Abi>(abi: A): LogDecoder<A> {
  const table = new Map<string, PreparedEvent>();
  for (const entry of abi) {
    if (entry.type === "event" && entry.name !== undefined) prepareEvent(entry as NamedEntry, table);
  }
  const decode = (log: RawLog): EventOf<A> | undefined => {
    // Interfaces share names with other indexed parameters (ERC-20 and ERC-721), so the number of topics counts too.
    const event = table.get(`${log.topics[0] ?? ""}/${log.topics.length}`);
    if (event === undefined) return undefined;
    const decoded = {
      name: event.name,
      args: event.read(log),
      address: getChecksum(log.address),
      blockNumber: log.blockNumber,
      blockHash: log.blockHash,
      transactionHash: log.transactionHash,
      transactionIndex: log.transactionIndex,
      logIndex: log.logIndex,
    };
    // The table was made from `A`, which is what its type says.
    return decoded as unknown as EventOf<A>;
  };
  const topicsOf = (names?: readonly EventNameOf<A>[]): string[] => {
    const wanted = names === undefined ? undefined : new Set<string>(names);
    const topics = [...table.values()].filter(({ name }) => wanted?.has(name) ?? true).map(({ topic }) => topic);
    return [...new Set(topics)];
  };
  return Object.assign(decode, { topicsOf });
}

interface PreparedEvent {
  readonly name: string;
  readonly topic: string;
  read(log: RawLog): Record<string, unknown>;
}

function prepareEvent(entry: NamedEntry, table: Map<string, PreparedEvent>): void {
  const inputs = entry.inputs ?? [];
  const indexed = inputs
    .filter((input) => input.indexed === true)
    // Of a string, bytes or struct only the hash is in the topic.
    .map((input): AbiParameter => (isOneWord(input) ? input : { name: input.name, type: "bytes32" }))
    .map((input) => ({ name: input.name, reader: createAbiReader(input) }));
  const readData = createArgsReader(inputs.filter((input) => input.indexed !== true));
  const topic = EventFragment.from(entry).topicHash;
  table.set(`${topic}/${indexed.length + 1}`, {
    name: entry.name,
    topic,
    read({ topics, data }) {
      const args = readData(data, 2);
      indexed.forEach(({ name, reader }, place) => {
        args[name] = reader.read(topics[place + 1] ?? "", 2, 2);
      });
      return args;
    },
  });
}

function isOneWord({ type }: AbiParameter): boolean {
  return /^(u?int\d+|address|bool|bytes\d+)$/.test(type);
}
