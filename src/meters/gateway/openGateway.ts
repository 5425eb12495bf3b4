import { getAddress, isAddress } from "ethers";
import { JouleworkError } from "../../errors.ts";
import type { MarketDomain } from "../../market/messages.ts";
import { MAX_REGISTER_WH } from "../../market/meterWord.ts";
import { readingSigner } from "../../market/sign.ts";
import { MAX_SLOT } from "../../market/timeline.ts";
import { SLOTS_PER_DAY, slotOf } from "../../units.ts";
import { openReadingStore } from "./readingStore.ts";
import type { ReadingStore, StoredReading } from "./readingStore.ts";
import { createSettler } from "./settleReadings.ts";
import type { GatewayStep } from "./settleReadings.ts";
import type { GatewayChain, ReadingInput, ReadingState, ReadingStatus } from "./types.ts";

export interface GatewayParameters {
  readonly journalPath: string;
  readonly chain: GatewayChain;
  /** What readings are signed for: chain and exchange. */
  readonly domain: MarketDomain;
  /** Blocks on top of a reading's own before it counts as final; 0 where the chain never reorganises. */
  readonly confirmations?: number;
  /** Readings in one transaction. */
  readonly batchSize?: number;
  /** Final readings are forgotten after this many slots. */
  readonly keepSlots?: number;
  /** How many blocks before its acceptance a reading may have been settled by somebody else. */
  readonly lookbackBlocks?: number;
  /** Most pages of 4 KiB of the journal; a reserve for finishing what was accepted comes on top. */
  readonly maxPages?: number;
  /** Unix seconds by this machine: while the node is away, time goes on. */
  readonly wallClock?: () => number;
}

export interface GatewayHealth extends Readonly<Record<ReadingState, number>> {
  readonly chainTime: number | undefined;
  readonly blockNumber: number | undefined;
}

export interface Gateway {
  /**
   * Takes a signed reading. When the promise resolves it is on the disk and will be settled or refused exactly once; the
   * same reading again gives its present status, another one of the same meter and slot is an equivocation.
   */
  submit(reading: ReadingInput): Promise<ReadingStatus>;
  /** Many readings in one write; the first that is wrong throws and none is taken. */
  submitAll(readings: readonly ReadingInput[]): Promise<ReadingStatus[]>;
  /** Does everything that is due at this chain time; the caller owns the clock. */
  step(chainTime: number): Promise<GatewayStep>;
  status(meter: string, slot: number): ReadingStatus | undefined;
  health(): GatewayHealth;
  close(): void;
}

/** A device's clock may be ahead of the newest block and of this machine; a reading further ahead is a wrong clock. */
const SLOTS_AHEAD = 8;
const MOST_IN_A_BATCH = 200;
const DEFAULT_LOOKBACK_BLOCKS = 20_000;

/** Opens the gateway on its journal: what was acknowledged before, also by a process that was killed, goes on. */
export function openGateway({
  journalPath,
  chain,
  domain,
  confirmations = 0,
  batchSize = MOST_IN_A_BATCH,
  keepSlots = 30 * SLOTS_PER_DAY,
  lookbackBlocks = DEFAULT_LOOKBACK_BLOCKS,
  maxPages,
  wallClock = () => Date.now() / 1_000,
}: GatewayParameters): Gateway {
  const store = openReadingStore(journalPath, maxPages);
  const settler = createSettler({
    store,
    chain,
    confirmations,
    lookbackBlocks,
    batchSize: Math.max(1, Math.min(batchSize, MOST_IN_A_BATCH)),
  });
  let head: { readonly chainTime: number; readonly blockNumber: number } | undefined;
  let steps: Promise<unknown> = Promise.resolve();

  async function step(chainTime: number): Promise<GatewayStep> {
    const { blockNumber } = await chain.head();
    head = { chainTime, blockNumber };
    const result = await settler.step(chainTime);
    const oldest = slotOf(chainTime) - keepSlots;
    if (oldest > 0) store.prune(oldest);
    store.journal.restoreReserve();
    return result;
  }

  async function submitAll(inputs: readonly ReadingInput[]): Promise<ReadingStatus[]> {
    const now = Math.max(head?.chainTime ?? 0, wallClock());
    const readings = inputs.map((input) => ({ ...input, meter: checkReading(domain, input, now) }));
    await learnMeters(store, chain, readings);
    return store.journal.write(() =>
      readings.map((reading) => {
        requireZone(store, reading);
        const known = store.find(reading.meter, reading.slot);
        if (known !== undefined) return sameReading(known, reading);
        store.insert({ ...reading, fromBlock: head?.blockNumber ?? 0 });
        return statusOf({ ...reading, state: "waiting", code: undefined, attempts: 0, block: undefined });
      }),
    );
  }

  return {
    submitAll,
    async submit(reading) {
      const [status] = await submitAll([reading]);
      if (status === undefined) throw new RangeError("a reading has no status");
      return status;
    },
    step: (chainTime) => {
      // Two at once would send the same readings.
      const result = steps.then(() => step(chainTime));
      steps = result.catch(() => undefined);
      return result;
    },
    status: (meter, slot) => {
      const known = isAddress(meter) ? store.find(getAddress(meter), slot) : undefined;
      return known === undefined ? undefined : statusOf(known);
    },
    health: () => ({ ...store.counts(), chainTime: head?.chainTime, blockNumber: head?.blockNumber }),
    close: () => store.journal.close(),
  };
}

function checkReading(domain: MarketDomain, reading: ReadingInput, now: number): string {
  const { slot, importWh, exportWh } = reading;
  const whole = [importWh, exportWh].every((wh) => Number.isSafeInteger(wh) && wh >= 0 && wh <= MAX_REGISTER_WH);
  if (!whole || !Number.isSafeInteger(slot) || slot < 1 || slot > MAX_SLOT) {
    throw new JouleworkError({
      code: "READING_INVALID",
      what: "The reading does not fit the registers",
      values: { slot, importWh, exportWh },
      hint: "Registers are whole watt-hours below 2^40, the slot is Unix time divided by 900.",
    });
  }
  if (slot > slotOf(now) + SLOTS_AHEAD) {
    throw new JouleworkError({
      code: "READING_IN_FUTURE",
      what: "The reading is of a slot that is far ahead of the present one",
      values: { slot, presentSlot: slotOf(now) },
      hint: "Set the device's clock, then sign the slot that has just ended.",
    });
  }
  return readingSigner(domain, reading, reading.signature);
}

/** Asks the chain for the meters that were never seen here. A known one is accepted while the node is away. */
async function learnMeters(
  store: ReadingStore,
  chain: GatewayChain,
  readings: readonly { readonly meter: string; readonly zone: number }[],
): Promise<void> {
  const unknown = [...new Set(readings.filter(({ meter, zone }) => store.zoneOf(meter) !== zone).map((r) => r.meter))];
  if (unknown.length === 0) return;
  const states = await chain.meters(unknown);
  store.journal.write(() => {
    unknown.forEach((meter, place) => {
      const zone = states[place]?.zone ?? 0;
      if (zone !== 0) store.rememberMeter(meter, zone);
    });
  });
}

function requireZone(store: ReadingStore, { meter, zone, slot }: { meter: string; zone: number; slot: number }): void {
  const registered = store.zoneOf(meter);
  if (registered === zone) return;
  throw new JouleworkError({
    code: registered === undefined ? "METER_UNKNOWN" : "METER_ZONE_WRONG",
    what:
      registered === undefined
        ? "The key that signed the reading is not a registered meter"
        : "The meter belongs to another zone",
    values: { meter, zone, slot, ...(registered === undefined ? {} : { registered }) },
    hint: "Check device key, zone, chain id and exchange: another of them gives another signer.",
  });
}

function sameReading(known: StoredReading, given: ReadingInput): ReadingStatus {
  const { meter, slot, importWh, exportWh } = known;
  if (importWh === given.importWh && exportWh === given.exportWh) return statusOf(known);
  throw new JouleworkError({
    code: "READING_EQUIVOCATES",
    what: "The meter has signed other registers for this slot before",
    values: { meter, slot, importWh, exportWh, givenImportWh: given.importWh, givenExportWh: given.exportWh },
    hint: "A device signs a slot once. The first reading stands; have the device inspected.",
  });
}

function statusOf({
  meter,
  zone,
  slot,
  importWh,
  exportWh,
  state,
  code,
  attempts,
  block,
}: ReadingStatus): ReadingStatus {
  return { meter, zone, slot, importWh, exportWh, state, code, attempts, block };
}
