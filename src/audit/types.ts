import type { EventNameOf, EventOf } from "../chain/abiTypes.ts";
import type {
  BADGES_ABI,
  CERTIFICATES_ABI,
  CERTIFICATE_MARKET_ABI,
  CREDIT_ABI,
  DESK_ABI,
  INSPECTIONS_ABI,
  JOBS_ABI,
  MARKET_ABI,
  PROVIDERS_ABI,
  QUEUE_ABI,
  REPRODUCIBLE_JOBS_ABI,
  REPUTATION_ABI,
  SEASONS_ABI,
} from "./systemAbi.ts";
import type { ExchangeEvent } from "../chain/exchange.ts";

export type CreditEvent = EventOf<typeof CREDIT_ABI>;
export type DeskEvent = EventOf<typeof DESK_ABI>;
export type DeskEventName = EventNameOf<typeof DESK_ABI>;
export type ReputationEvent = EventOf<typeof REPUTATION_ABI>;
export type ReputationEventOf<Name extends EventNameOf<typeof REPUTATION_ABI>> = EventOf<typeof REPUTATION_ABI, Name>;

export type SeasonsEvent = EventOf<typeof SEASONS_ABI>;
export type SeasonsEventOf<Name extends EventNameOf<typeof SEASONS_ABI>> = EventOf<typeof SEASONS_ABI, Name>;
export type BadgesEvent = EventOf<typeof BADGES_ABI>;
export type BadgesEventOf<Name extends EventNameOf<typeof BADGES_ABI>> = EventOf<typeof BADGES_ABI, Name>;
export type InspectionsEvent = EventOf<typeof INSPECTIONS_ABI>;
export type InspectionsEventOf<Name extends EventNameOf<typeof INSPECTIONS_ABI>> = EventOf<
  typeof INSPECTIONS_ABI,
  Name
>;
export type MarketEvent = EventOf<typeof MARKET_ABI>;
export type MarketEventOf<Name extends EventNameOf<typeof MARKET_ABI>> = EventOf<typeof MARKET_ABI, Name>;
export type ProvidersEvent = EventOf<typeof PROVIDERS_ABI>;
export type ProvidersEventOf<Name extends EventNameOf<typeof PROVIDERS_ABI>> = EventOf<typeof PROVIDERS_ABI, Name>;
export type QueueEvent = EventOf<typeof QUEUE_ABI>;
export type QueueEventOf<Name extends EventNameOf<typeof QUEUE_ABI>> = EventOf<typeof QUEUE_ABI, Name>;
export type JobsEvent = EventOf<typeof JOBS_ABI>;
export type JobsEventOf<Name extends EventNameOf<typeof JOBS_ABI>> = EventOf<typeof JOBS_ABI, Name>;
export type CertificatesEvent = EventOf<typeof CERTIFICATES_ABI>;
export type CertificatesEventOf<Name extends EventNameOf<typeof CERTIFICATES_ABI>> = EventOf<
  typeof CERTIFICATES_ABI,
  Name
>;
export type OffersEvent = EventOf<typeof CERTIFICATE_MARKET_ABI>;
export type OffersEventOf<Name extends EventNameOf<typeof CERTIFICATE_MARKET_ABI>> = EventOf<
  typeof CERTIFICATE_MARKET_ABI,
  Name
>;

export type ReproducibleEvent = EventOf<typeof REPRODUCIBLE_JOBS_ABI>;

/** An event of one of the contracts that the audit follows. */
export type AuditEvent =
  | { readonly source: "exchange"; readonly event: ExchangeEvent }
  | { readonly source: "credit"; readonly event: CreditEvent }
  | { readonly source: "desk"; readonly event: DeskEvent }
  | { readonly source: "reputation"; readonly event: ReputationEvent }
  | { readonly source: "seasons"; readonly event: SeasonsEvent }
  | { readonly source: "badges"; readonly event: BadgesEvent }
  | { readonly source: "inspections"; readonly event: InspectionsEvent }
  | { readonly source: "market"; readonly event: MarketEvent }
  | { readonly source: "providers"; readonly event: ProvidersEvent }
  | { readonly source: "queue"; readonly event: QueueEvent }
  | { readonly source: "jobs"; readonly event: JobsEvent }
  | { readonly source: "reproducible"; readonly event: ReproducibleEvent }
  | { readonly source: "certificates"; readonly event: CertificatesEvent }
  | { readonly source: "offers"; readonly event: OffersEvent };

/** A call that the exchange received, decoded from calldata. */
export interface AuditCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly caller: string;
}

/** A transaction that left events, with what it called on the exchange. */
export interface AuditTransaction {
  readonly hash: string;
  readonly blockNumber: number;
  /** Unix seconds. */
  readonly timestamp: number;
  /** In the order in which they ran; undefined where the node could not say. */
  readonly calls: readonly AuditCall[] | undefined;
  /** Likewise what it called on the jobs, whose salts no event tells. */
  readonly jobCalls?: readonly AuditCall[] | undefined;
  /** Likewise what it called on the certificates' market: the offers that their sellers signed. */
  readonly offerCalls?: readonly AuditCall[] | undefined;
  /** Likewise what it called on the reproducible jobs, whose moves are in calldata. */
  readonly reproducibleCalls?: readonly AuditCall[] | undefined;
  /** Hashes of the blocks that draws of the transaction took their randomness from, by number, as far as known. */
  readonly drawHashes?: ReadonlyMap<number, string>;
  readonly events: readonly AuditEvent[];
}

/** The checks of an audit, in the order in which they are reported. */
export const CHECK_TITLES = {
  events: "every event fits the state it meets and the call it stems from",
  tariff: "every price recomputed from the readings before it; each slot holds its own",
  orders: "orders placed on chain lock and release exactly their worst case",
  clearing: "every clearing recomputed from its book",
  slots: "energy bought = sold, buyers pay = sellers get + fees, within limits and tariff",
  signatures: "every reading is the one its device signed",
  registers: "registers never go down, each watt-hour settled once",
  settlement: "the money of every reading and closing recomputed",
  gridLeg: "minted + claims = long value, burned + debt = short value + repaid",
  roots: "the Merkle root of every batch recomputed",
  feeder: "feeder check and flag of every closed slot recomputed",
  charges: "fees split, charges and work pay accrued as due",
  accounts: "deposits, withdrawals, bonds, debts and claims move by their amounts",
  penalties: "every fault's proof recomputed from calldata, punished once, its cut split to the tick",
  inspections: "every finding stems from a flagged slot, each step in its window",
  supply: "every mint and burn has its cause; supply = sum of balances",
  reputation: "every score, tier and vote recomputed from the meters",
  seasons: "every point and badge recomputed from the readings, payouts within the pool",
  providers: "stake posted = held + paid out + cut; each cut = reward + season pool",
  leases: "escrow = pay + refunds + cuts + held; pay of every use recomputed, within price and policy",
  queue: "every queued energy of a price recomputed from what waited as its gate opened",
  jobs: "escrow = payouts + refunds + fees + held; commitments, draws, results and pay recomputed",
  reproducible:
    "every call played again by the rules, every proved transition computed; credits = escrow + bonds + held",
  evidence: "energy drawn within the settled import, each watt-hour for one use",
  certificates: "every issue recomputed from its reading; issued = held + cancelled, matched within what was consumed",
  custody: "credits of the exchange = what it owes + donations",
  chain: "what the chain holds equals what was rebuilt",
} as const;

export type CheckName = keyof typeof CHECK_TITLES;

export type Value = string | number | bigint | boolean;

/** Where a difference was found. */
export interface Place {
  readonly zone?: number;
  readonly slot?: number;
  readonly meter?: string;
  readonly site?: number;
  readonly account?: string;
  readonly job?: number;
  readonly round?: number;
  readonly lease?: number;
  /** Reproducible jobs are counted apart from training jobs; a dispute is about a round of one. */
  readonly reproducibleJob?: number;
  readonly dispute?: number;
  /** Token id of certificates. */
  readonly certificate?: bigint;
}

export interface AuditFailure extends Place {
  /** What differs: a figure's name. */
  readonly subject: string;
  readonly expected: string;
  readonly found: string;
  readonly transaction?: string;
}

export interface AuditCheck {
  readonly name: CheckName;
  readonly title: string;
  readonly passed: boolean;
  /** How many things were compared. */
  readonly items: number;
  readonly figures: Readonly<Record<string, number | bigint>>;
  /** All failures; `failures` holds the first of them. */
  readonly failureCount: number;
  readonly failures: readonly AuditFailure[];
}
