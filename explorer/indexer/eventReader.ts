import type { RawLog } from "../../src/chain/calls.ts";
import { getChecksum } from "../../src/chain/checksum.ts";
import type { Deployment } from "../../src/chain/deployment.ts";
import { createLogDecoder } from "../../src/chain/logDecoder.ts";
import type { EventRow } from "../store/store.ts";
import { SYSTEM_ABIS } from "./systemAbis.ts";
import { prepareKeys, type KeysOf } from "./systemEvents.ts";
import { ZONE_EVENTS, Zones } from "./zones.ts";

interface Contract {
  readonly name: string;
  readonly decode: (log: RawLog) => Decoded | undefined;
  readonly keysOf: ReadonlyMap<string, KeysOf>;
  /** Its arguments in the order of their declaration. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
}

/** What the decoder gives, of an interface that is not known when this is compiled. */
interface Decoded {
  readonly name: string;
  readonly args: Args;
}

type Args = Readonly<Record<string, unknown>>;

/** Turns logs of the system's contracts into events of the index; what it learns of zones on the way stays with it. */
export interface EventReader {
  /** Whose logs to ask for. */
  readonly addresses: readonly string[];
  /** Topics of the events that tell zones, and whose they are. */
  readonly zoneTopics: readonly string[];
  /** Only learns; for logs before those that are read. */
  learn(logs: readonly RawLog[]): void;
  /** Logs in the chain's order, whole transactions; events that the interfaces lack are left out. */
  read(logs: readonly RawLog[]): EventRow[];
}

export function createEventReader(deployment: Deployment): EventReader {
  const contracts = new Map<string, Contract>();
  for (const [name, address] of Object.entries(deployment.contracts)) {
    const abi = SYSTEM_ABIS[name];
    if (abi === undefined) continue;
    const events = abi.filter(({ type }) => type === "event");
    contracts.set(address.toLowerCase(), {
      name,
      decode: createLogDecoder(abi),
      keysOf: new Map(events.map((event) => [event.name ?? "", prepareKeys(name, event)])),
      inputs: new Map(events.map((event) => [event.name ?? "", (event.inputs ?? []).map((input) => input.name)])),
    });
  }
  const zones = new Zones();

  function decode(log: RawLog): (Decoded & { readonly contract: Contract }) | undefined {
    const contract = contracts.get(log.address.toLowerCase());
    const event = contract?.decode(log);
    if (contract === undefined || event === undefined) return undefined;
    zones.learn(contract.name, event.name, event.args);
    return { contract, name: event.name, args: event.args };
  }

  return {
    addresses: [...contracts.keys()],
    zoneTopics: [...contracts.values()].flatMap(({ name }) => {
      const events = (SYSTEM_ABIS[name] ?? []).filter((entry) => ZONE_EVENTS[name]?.includes(entry.name ?? ""));
      return createLogDecoder(events).topicsOf();
    }),
    learn(logs) {
      for (const log of logs) decode(log);
    },
    read(logs) {
      const events: EventRow[] = [];
      for (const log of logs) {
        const event = decode(log);
        if (event === undefined) continue;
        const { contract, name, args } = event;
        events.push({
          blockNumber: log.blockNumber,
          logIndex: log.logIndex,
          transactionHash: log.transactionHash,
          transactionIndex: log.transactionIndex,
          address: getChecksum(log.address),
          contract: contract.name,
          name,
          args: argsJson(args, contract.inputs.get(name) ?? []),
          keys: contract.keysOf.get(name)?.(args, zones) ?? [],
        });
      }
      return withProposals(events);
    },
  };
}

function argsJson(args: Args, order: readonly string[]): string {
  const ordered: Record<string, unknown> = {};
  order.forEach((name, place) => {
    const key = name === "" ? String(place) : name;
    ordered[key] = args[key];
  });
  return JSON.stringify(ordered, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
}

/**
 * The timelock knows operations, not proposals. The governor schedules and executes a proposal's operations and then says
 * which proposal it was, in the same transaction.
 */
function withProposals(events: EventRow[]): EventRow[] {
  let proposal: { readonly transaction: string; readonly key: EventRow["keys"][number] } | undefined;
  for (let place = events.length - 1; place >= 0; place -= 1) {
    const event = events[place];
    if (event === undefined) continue;
    const own = event.contract === "GridGovernor" ? event.keys.find(({ kind }) => kind === "proposal") : undefined;
    if (own !== undefined) proposal = { transaction: event.transactionHash, key: own };
    if (event.contract !== "TimelockController" || proposal?.transaction !== event.transactionHash) continue;
    events[place] = { ...event, keys: [...event.keys, proposal.key] };
  }
  return events;
}
