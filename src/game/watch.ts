import type { MarketDomain } from "../market/messages.ts";
import { ContractRefusal } from "../market/service/exchangeLink.ts";
import { readingSigner, type SignedReading } from "../market/sign.ts";
import { RECORD_RING_SLOTS } from "../market/timeline.ts";
import { slotOf } from "../units.ts";

/** A reading as somebody shows it: whoever signed it is the meter. */
export type ShownReading = Omit<SignedReading, "meter">;

/** Two readings of one meter and slot with different registers. */
export interface Contradiction {
  readonly meter: string;
  readonly zone: number;
  readonly slot: number;
  readonly readings: readonly [ShownReading, ShownReading];
}

/** What became of a contradiction on the chain: the error's name where the exchange refused the proof. */
export interface Reported extends Contradiction {
  readonly refusal: string | undefined;
}

/** The chain as the watcher sees it. */
export interface WatcherChain {
  /** Hands a proof in. Throws `ContractRefusal` where the exchange does not take it. */
  reportEquivocation(contradiction: Contradiction): Promise<void>;
}

export interface Watcher {
  /** Takes in readings from one of the places that devices send them to. One by an unknown key proves nothing. */
  readonly see: (readings: Iterable<ShownReading>) => void;
  /** Reports what contradicts itself, and forgets what is too old to be punished. */
  readonly step: (chainTime: number) => Promise<Reported[]>;
}

/**
 * Compares readings that reached different places. A meter that tells one thing here and another there has signed the proof
 * itself: the exchange needs nothing but both messages.
 */
export function createWatcher({ domain, chain }: { domain: MarketDomain; chain: WatcherChain }): Watcher {
  const first = new Map<string, { readonly slot: number; readonly reading: ShownReading }>();
  const found = new Set<string>();
  const open: Contradiction[] = [];

  function look(reading: ShownReading): void {
    const { zone, slot, importWh, exportWh, signature } = reading;
    const meter = readingSigner(domain, reading, signature);
    const key = `${slot}/${zone}/${meter}`;
    const known = first.get(key)?.reading;
    if (known === undefined) {
      first.set(key, { slot, reading });
      return;
    }
    if ((known.importWh === importWh && known.exportWh === exportWh) || found.has(key)) return;
    found.add(key);
    open.push({ meter, zone, slot, readings: [known, reading] });
  }

  async function report(contradiction: Contradiction): Promise<Reported> {
    try {
      await chain.reportEquivocation(contradiction);
      return { ...contradiction, refusal: undefined };
    } catch (error) {
      // Somebody else was faster, or it is no meter of the zone: nothing is left to do.
      if (error instanceof ContractRefusal) return { ...contradiction, refusal: error.errorName };
      throw error;
    }
  }

  function forget(oldest: number): void {
    for (const [key, { slot }] of first) {
      if (slot > oldest) continue;
      first.delete(key);
      found.delete(key);
    }
  }

  return {
    see(readings) {
      for (const reading of readings) look(reading);
    },
    async step(chainTime) {
      const reported: Reported[] = [];
      for (let next = open[0]; next !== undefined; next = open[0]) {
        // What the node did not take stays for the next step.
        reported.push(await report(next));
        open.shift();
      }
      forget(slotOf(chainTime) - RECORD_RING_SLOTS);
      return reported;
    },
  };
}
