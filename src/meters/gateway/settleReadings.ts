import { ContractRefusal } from "../../market/service/exchangeLink.ts";
import type { BlockMark } from "../../market/service/exchangeLink.ts";
import { readingDeadline } from "../../market/timeline.ts";
import { SLOT_SECONDS, slotEnd } from "../../units.ts";
import type { ReadingStore, StoredReading } from "./readingStore.ts";
import type { BatchOutcome, GatewayChain } from "./types.ts";

/** What one step did. */
export interface GatewayStep {
  readonly transactions: number;
  /** Readings that the chain has settled in this step, final or not. */
  readonly settled: number;
  readonly refused: number;
  /** Readings that wait for another attempt. */
  readonly postponed: number;
  /** Readings that have become final. */
  readonly final: number;
  /** A transaction of this account has not been taken into a block: nothing was sent before its outcome is known. */
  readonly blocked: boolean;
}

export interface SettlerParameters {
  readonly store: ReadingStore;
  readonly chain: GatewayChain;
  readonly confirmations: number;
  readonly lookbackBlocks: number;
  readonly batchSize: number;
}

/** The reading is settled already, by this gateway before a crash, by somebody else, or as part of a later one. */
const TOO_OLD = "ReadingTooOld";
/** Time alone cures these. */
const TRANSIENT = new Set(["EarlierSlotOpen", "ReadingTooEarly"]);
const OTHER_REGISTERS = "SettledWithOtherRegisters";
const FIRST_RETRY_SECONDS = 30;

interface Tally {
  transactions: number;
  settled: number;
  refused: number;
  postponed: number;
  final: number;
  blocked: boolean;
}

/**
 * Brings stored readings to the chain. Every outcome comes from the chain's own events; what is not known, because the
 * process or the node died, is asked of the chain before anything is sent again.
 */
export function createSettler({ store, chain, confirmations, lookbackBlocks, batchSize }: SettlerParameters): {
  step(chainTime: number): Promise<GatewayStep>;
} {
  const { journal } = store;

  /** Learns what became of readings that were handed over by a run whose answer never came. */
  async function recover(tally: Tally, chainTime: number): Promise<void> {
    const open = store.sending();
    if (open.length === 0) return;
    // Only when none of our transactions can arrive any more does the chain's state say the last word.
    if (await chain.hasWaiting()) {
      tally.blocked = true;
      return;
    }
    for (const group of bySlot(open)) await compareWithChain(group, tally, () => chainTime);
  }

  async function compareWithChain(
    readings: readonly StoredReading[],
    tally: Tally,
    notBefore: (reading: StoredReading) => number,
  ): Promise<void> {
    const [first] = readings;
    if (first === undefined) return;
    const meters = readings.map(({ meter }) => meter);
    const states = await chain.meters(meters);
    const behind = readings.filter((_, place) => (states[place]?.lastSlot ?? 0) < first.slot);
    const passed = readings.filter((_, place) => (states[place]?.lastSlot ?? 0) >= first.slot);
    const oldestBlock = Math.min(...passed.map(({ fromBlock }) => fromBlock));
    const found =
      passed.length === 0
        ? new Map<string, never>()
        : await chain.settledReadings(
            first.slot,
            passed.map(({ meter }) => meter),
            Math.max(0, oldestBlock - lookbackBlocks),
          );
    const { blockNumber } = await chain.head();
    const verdicts = passed.map((reading) => {
      const onChain = found.get(reading.meter);
      // A later reading has carried the registers past this one: its energy is settled, it is not.
      if (onChain === undefined) return { reading, block: { number: blockNumber, hash: "" }, code: TOO_OLD };
      const own = onChain.importWh === reading.importWh && onChain.exportWh === reading.exportWh;
      return { reading, block: onChain.block, code: own ? undefined : OTHER_REGISTERS };
    });
    journal.progress(() => {
      for (const reading of behind) store.postpone(reading, notBefore(reading), reading.code);
      for (const { reading, block, code } of verdicts) store.markMined(reading, block, code);
    });
    const refused = verdicts.filter(({ code }) => code !== undefined).length;
    tally.refused += refused;
    tally.settled += verdicts.length - refused;
  }

  /** Makes what is deep enough final, and sends again what a reorganisation took out of the chain. */
  async function finalise(tally: Tally, chainTime: number): Promise<void> {
    const mined = store.mined();
    if (mined.length === 0) return;
    const { blockNumber } = await chain.head();
    for (const group of byBlock(mined)) {
      const block = group[0]?.block;
      if (block === undefined || blockNumber < block.number + confirmations) continue;
      // Where the chain's state alone was the evidence there is no block to compare; it is asked again instead.
      const stands = block.hash === "" ? await stillPassed(group) : await chain.isCanonical(block);
      journal.progress(() => {
        for (const reading of group) {
          if (stands) store.markFinal(reading);
          else store.postpone(reading, chainTime, undefined);
        }
      });
      if (stands) tally.final += group.length;
    }
  }

  async function stillPassed(readings: readonly StoredReading[]): Promise<boolean> {
    const states = await chain.meters(readings.map(({ meter }) => meter));
    return readings.every(({ slot }, place) => (states[place]?.lastSlot ?? 0) >= slot);
  }

  async function sendDue(tally: Tally, chainTime: number): Promise<void> {
    for (const { zone, slot } of store.dueGroups(chainTime)) {
      if (slotEnd(slot) > chainTime) continue;
      const earlierSlotsOver = chainTime >= readingDeadline(slot - 1);
      for (;;) {
        const batch = store.due(zone, slot, chainTime, earlierSlotsOver, batchSize);
        if (batch.length === 0) break;
        await sendBatch(batch, tally, chainTime);
        if (batch.length < batchSize) break;
      }
    }
  }

  async function sendBatch(batch: readonly StoredReading[], tally: Tally, chainTime: number): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    const { blockNumber } = await chain.head();
    store.markSending(batch, blockNumber);
    try {
      const { block, outcomes } = await chain.settle(first.zone, first.slot, batch);
      tally.transactions += 1;
      const results = journal.progress(() =>
        batch.map((reading) => note(reading, outcomes.get(reading.meter), block, chainTime)),
      );
      for (const result of results) if (result !== "overtaken") tally[result] += 1;
      const overtaken = batch.filter((_, place) => results[place] === "overtaken");
      await compareWithChain(overtaken, tally, (reading) => retryAt(reading, chainTime));
    } catch (error) {
      if (!(error instanceof ContractRefusal)) throw error;
      await split(batch, error.errorName, tally, chainTime);
    }
  }

  /** Notes an outcome. Where the reading was overtaken the chain has to be asked which one it settled instead. */
  function note(
    reading: StoredReading,
    outcome: BatchOutcome | undefined,
    block: BlockMark,
    chainTime: number,
  ): "settled" | "refused" | "postponed" | "overtaken" {
    if (outcome?.settled === true) {
      store.markMined(reading, block, undefined);
      return "settled";
    }
    const code = outcome?.code ?? "NoOutcome";
    if (code === TOO_OLD) return "overtaken";
    if (TRANSIENT.has(code) || outcome === undefined) {
      store.postpone(reading, retryAt(reading, chainTime), code);
      return "postponed";
    }
    store.markMined(reading, block, code);
    return "refused";
  }

  /** A batch that the contract refused as a whole: halves show which reading is to blame, and the others go on. */
  async function split(batch: readonly StoredReading[], code: string, tally: Tally, chainTime: number): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    if (batch.length === 1) {
      tally.postponed += 1;
      journal.progress(() => store.postpone(first, retryAt(first, chainTime), code));
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    await sendBatch(batch.slice(0, middle), tally, chainTime);
    await sendBatch(batch.slice(middle), tally, chainTime);
  }

  return {
    async step(chainTime) {
      const tally = { transactions: 0, settled: 0, refused: 0, postponed: 0, final: 0, blocked: false };
      await recover(tally, chainTime);
      if (!tally.blocked) await sendDue(tally, chainTime);
      await finalise(tally, chainTime);
      return tally;
    },
  };
}

/** Twice as long after every attempt, at most a slot; at the latest when the slot before can no longer be read in time. */
function retryAt({ attempts, slot }: StoredReading, chainTime: number): number {
  const pause = Math.min(FIRST_RETRY_SECONDS * 2 ** Math.min(attempts, 10), SLOT_SECONDS);
  const cured = readingDeadline(slot - 1);
  return cured > chainTime ? Math.min(chainTime + pause, cured) : chainTime + pause;
}

function bySlot(readings: readonly StoredReading[]): StoredReading[][] {
  return grouped(readings, ({ zone, slot }) => `${zone}/${slot}`);
}

function byBlock(readings: readonly StoredReading[]): StoredReading[][] {
  return grouped(readings, ({ block }) => `${block?.number ?? ""}/${block?.hash ?? ""}`);
}

function grouped(readings: readonly StoredReading[], keyOf: (reading: StoredReading) => string): StoredReading[][] {
  const groups = new Map<string, StoredReading[]>();
  for (const reading of readings) {
    const key = keyOf(reading);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [reading]);
    else group.push(reading);
  }
  return [...groups.values()];
}
