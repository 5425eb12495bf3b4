import type { Abi, EventNameOf, EventOf } from "../../../../src/chain/abiTypes.ts";
import type { CERTIFICATES_ABI } from "../../../../src/chain/certificatesAbi.ts";
import type { ENERGY_QUEUE_ABI, PROVIDERS_ABI } from "../../../../src/chain/computeAbi.ts";
import type { EXCHANGE_ABI } from "../../../../src/chain/exchangeAbi.ts";
import type { GOVERNOR_ABI, HAND_OVER_ABI, REPUTATION_ABI } from "../../../../src/chain/governanceAbi.ts";
import type { JOBS_ABI } from "../../../../src/chain/jobsAbi.ts";
import type { REPRODUCIBLE_JOBS_ABI } from "../../../../src/chain/reproducibleAbi.ts";
import type { BADGES_ABI } from "../../../../src/chain/seasonsAbi.ts";
import type { CREDIT_ABI, MANAGER_ABI } from "../../../../src/chain/tokenAbi.ts";
import type { EventFilter, PageOptions, Position, Store, StoredEvent } from "../../../store/store.ts";

/** Contracts whose events the queries read, with the interface that types their arguments. */
interface Interfaces {
  readonly AccessManager: typeof MANAGER_ABI;
  readonly Badges: typeof BADGES_ABI;
  readonly EnergyCertificates: typeof CERTIFICATES_ABI;
  readonly EnergyCredit: typeof CREDIT_ABI;
  readonly EnergyExchange: typeof EXCHANGE_ABI;
  readonly EnergyQueue: typeof ENERGY_QUEUE_ABI;
  readonly GridGovernor: typeof GOVERNOR_ABI;
  readonly HandOver: typeof HAND_OVER_ABI;
  readonly Providers: typeof PROVIDERS_ABI;
  readonly Reputation: typeof REPUTATION_ABI;
  readonly ReproducibleJobs: typeof REPRODUCIBLE_JOBS_ABI;
  readonly TrainingJobs: typeof JOBS_ABI;
}

/** A value as the index keeps it: what is a bigint in the library is a decimal text. */
type Kept<T> = T extends bigint
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Kept<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]: Kept<T[Key]> }
      : T;

type EventsOf<Contract extends keyof Interfaces> = Interfaces[Contract] extends Abi ? Interfaces[Contract] : never;

/** An event of the index with typed arguments; `name` says which. */
export type IndexedEvent<
  Contract extends keyof Interfaces,
  Name extends EventNameOf<EventsOf<Contract>> = EventNameOf<EventsOf<Contract>>,
> = Name extends unknown
  ? Omit<StoredEvent, "args" | "name"> & {
      readonly name: Name;
      readonly args: Kept<EventOf<EventsOf<Contract>, Name>["args"]>;
    }
  : never;

export type EventSelection = Pick<EventFilter, "key" | "fromBlock" | "toBlock">;

/** Events of a contract of these names. */
export async function eventsOf<
  const Contract extends keyof Interfaces,
  const Name extends EventNameOf<EventsOf<Contract>>,
>(
  store: Store,
  contract: Contract,
  names: readonly Name[],
  selection: EventSelection,
  page: PageOptions,
): Promise<IndexedEvent<Contract, Name>[]> {
  const found = await store.events({ contract, names, ...selection }, page);
  // The index was written by the contract's interface, which is what the type says.
  return found.map((event) => ({ ...event, args: JSON.parse(event.args) as unknown }) as IndexedEvent<Contract, Name>);
}

const ROWS_AT_ONCE = 1_000;

/** The oldest `most` events, in the chain's order. */
export async function allEventsOf<
  const Contract extends keyof Interfaces,
  const Name extends EventNameOf<EventsOf<Contract>>,
>(
  store: Store,
  contract: Contract,
  names: readonly Name[],
  selection: EventSelection,
  most: number,
): Promise<IndexedEvent<Contract, Name>[]> {
  const events: IndexedEvent<Contract, Name>[] = [];
  while (events.length < most) {
    const last = events.at(-1);
    const limit = Math.min(ROWS_AT_ONCE, most - events.length);
    const part = await eventsOf(store, contract, names, selection, {
      limit,
      order: "oldest",
      ...(last === undefined ? {} : { after: positionOf(last) }),
    });
    events.push(...part);
    if (part.length < limit) break;
  }
  return events;
}

/** The newest of them. */
export async function newestOf<
  const Contract extends keyof Interfaces,
  const Name extends EventNameOf<EventsOf<Contract>>,
>(
  store: Store,
  contract: Contract,
  names: readonly Name[],
  selection: EventSelection,
): Promise<IndexedEvent<Contract, Name> | undefined> {
  const [event] = await eventsOf(store, contract, names, selection, { limit: 1 });
  return event;
}

/** Where an event stands. */
export function positionOf({ blockNumber, logIndex }: Pick<StoredEvent, "blockNumber" | "logIndex">): Position {
  return { blockNumber, index: logIndex };
}
