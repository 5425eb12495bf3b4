import hre from "hardhat";
import type { SignedOrder } from "../../src/market/sign.ts";
import { crowdOf } from "../../test/exchange/crowd.ts";
import { measure, type Measured } from "./measure.ts";
import { deployTestMarket, FIRST_SLOT, TERMS, type TestMarket, type TestMeter } from "../../test/support/testMarket.ts";

/** A book is cleared and readings are settled up to this many at once; a transaction's gas is bounded. */
const MOST = 1_000;
const GAS_LIMIT = 16_777_216;
const BALANCE_TICKS = 10_000_000_000n;
/** From the start on, the gates of this many slots are open, so that their rule is fixed. */
const OPEN_GATES = 9;

/** The slot from which the second rule holds. */
export const SECOND_RULE_SLOT = FIRST_SLOT + OPEN_GATES;

/**
 * A thousand homes on one chain that are read in every slot. Their zone clears by the strongly budget balanced rule until
 * `SECOND_RULE_SLOT` and at the midpoint from then on.
 */
export class BenchMarket {
  readonly market: TestMarket;
  readonly meters: readonly TestMeter[];
  readonly #registers: { importWh: number; exportWh: number }[];
  /** How many meters, from the first on, hold a position in a slot. */
  readonly #traded = new Map<number, number>();

  private constructor(market: TestMarket, meters: readonly TestMeter[]) {
    this.market = market;
    this.meters = meters;
    this.#registers = meters.map(() => ({ importWh: 0, exportWh: 0 }));
  }

  static async create(): Promise<BenchMarket> {
    const market = await deployTestMarket(await hre.network.create(), { rule: "sbba" });
    await market.exchange.connect(market.governor).setZoneTerms(1, { ...TERMS, rule: 0, fromSlot: SECOND_RULE_SLOT });
    return new BenchMarket(market, await crowdOf(market, MOST, BALANCE_TICKS));
  }

  /** Orders of the first `count` meters, half of them offers, at prices at which nearly all of them trade. */
  orders(slot: number, count: number, from = 0): SignedOrder[] {
    return this.meters
      .slice(from, from + count)
      .map((meter, i) =>
        i % 2 === 1
          ? this.market.order(meter, slot, "offer", 100 + (i % 50), 120_000 + 10 * i)
          : this.market.order(meter, slot, "bid", 100 + (i % 50), 280_000 - 10 * i),
      );
  }

  /** Commit and clear a book of the first meters, while the slot before runs. */
  async clear(slot: number, orders: readonly SignedOrder[]): Promise<Measured> {
    this.#traded.set(slot, orders.length);
    return measure(await this.market.clear(slot, orders));
  }

  /**
   * Read every meter for a slot, those that traded first and in a batch of their own: what that batch took, or the batch
   * of all.
   */
  async settle(slot: number): Promise<Measured> {
    const traded = this.#traded.get(slot) ?? MOST;
    const registers = this.meters.map((meter, i) => {
      const total = this.#registers[i] ?? { importWh: 0, exportWh: 0 };
      if (i % 2 === 1) total.exportWh += 95 + (i % 60);
      total.importWh += i % 2 === 1 ? 3 : 100 + (i % 60);
      return { meter, ...total };
    });
    await this.market.at(slot + 1, 10);
    const exchange = this.market.exchange.connect(this.market.worker);
    const first = await measure(
      await exchange.settle(1, slot, this.market.readings(slot, registers.slice(0, traded)), { gasLimit: GAS_LIMIT }),
    );
    if (traded < MOST) {
      const rest = this.market.readings(slot, registers.slice(traded));
      await exchange.settle(1, slot, rest, { gasLimit: GAS_LIMIT });
    }
    return first;
  }

  /** Let the ring of slot records come round, so that `slot` and those after it take over used records. */
  async comeRound(slot: number): Promise<void> {
    const { exchange } = this.market;
    // A reading after a gap waits for the deadlines of the slots in between, and the meters have to catch up after it.
    const gap = slot - 5;
    await this.market.mineAt(gap + 4);
    const { closedThrough, newestSlot } = await exchange.zoneInfo(1);
    for (let next = Number(closedThrough) + 1; next <= Number(newestSlot); ++next) await exchange.close(1, next, []);
    await this.#readAt(gap, gap + 4, 10);
    for (let late = gap + 1; late < gap + 4; ++late) await this.#readAt(late, gap + 4, 10 * (late - gap + 1));
  }

  async #readAt(slot: number, at: number, seconds: number): Promise<void> {
    const registers = this.meters.map((meter, i) => ({
      meter,
      ...(this.#registers[i] ?? { importWh: 0, exportWh: 0 }),
    }));
    await this.market.at(at, seconds);
    const exchange = this.market.exchange.connect(this.market.worker);
    // A gap reading takes more than one in time.
    for (let from = 0; from < MOST; from += MOST / 2) {
      const batch = this.market.readings(slot, registers.slice(from, from + MOST / 2));
      await exchange.settle(1, slot, batch, { gasLimit: GAS_LIMIT });
    }
  }

  /** Storage slots that were zero before the transaction and are not afterwards. */
  async slotsCreated({ hash }: Measured): Promise<number> {
    const { pre, post } = (await this.market.connection.provider.request({
      method: "debug_traceTransaction",
      params: [hash, { tracer: "prestateTracer", tracerConfig: { diffMode: true } }],
    })) as { readonly pre: StorageDiff; readonly post: StorageDiff };
    let count = 0;
    for (const [address, { storage = {} }] of Object.entries(post)) {
      for (const [key, value] of Object.entries(storage)) {
        const before = pre[address]?.storage?.[key] ?? "0x0";
        if (BigInt(before) === 0n && BigInt(value) !== 0n) ++count;
      }
    }
    return count;
  }

  async stop(): Promise<void> {
    await this.market.connection.close();
  }
}

type StorageDiff = Readonly<Record<string, { readonly storage?: Readonly<Record<string, string>> }>>;
