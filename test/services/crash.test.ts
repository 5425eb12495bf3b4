import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { audit } from "../../src/audit/index.ts";
import { blockCall } from "../../src/chain/calls.ts";
import { connectExchange } from "../../src/chain/exchange.ts";
import type { ConnectedExchange } from "../../src/chain/exchange.ts";
import { createSender } from "../../src/chain/sender.ts";
import { bookHash } from "../../src/market/book.ts";
import { itemErrorOf } from "../../src/market/itemErrors.ts";
import { marketDomain } from "../../src/market/messages.ts";
import { decodeMeterWord } from "../../src/market/meterWord.ts";
import { decodeFill } from "../../src/market/packed.ts";
import { encodeReadings } from "../../src/market/readings.ts";
import { receiptSigner, signOrder, signReading } from "../../src/market/sign.ts";
import type { OrderReceipt } from "../../src/market/sign.ts";
import { signingKey } from "../../src/market/signer.ts";
import { GATE_CLOSURE_SECONDS, readingDeadline } from "../../src/market/timeline.ts";
import { slotEnd, slotStart } from "../../src/units.ts";
import { startService, startTestChain } from "./children.ts";
import type { Child, RunningTestChain } from "./children.ts";
import { numberedKey } from "./serviceKeys.ts";
import type { TestChainInfo } from "./testChain.ts";

const KILLS = Number(process.env.JOULEWORK_CRASHES ?? 5);
const METERS = 6;
const WAIT_MS = 90_000;

type Service = Child & { readonly url: string };

describe("services that are killed", () => {
  let chain: RunningTestChain;
  let exchange: ConnectedExchange;
  let service: Service | undefined;

  async function open(blockMs: number): Promise<void> {
    chain = await startTestChain({ meters: METERS, blockMs, blockSeconds: 1 });
    const info: TestChainInfo = chain;
    expect(info.meters).to.deep.equal(Array.from({ length: METERS }, (_, number) => numberedKey(number).address));
    exchange = await connectExchange({ rpcUrl: chain.url, deployment: chain.deployment });
  }

  afterEach(async () => {
    await service?.kill();
    service = undefined;
    chain.child.process.kill("SIGCONT");
    await chain.stop();
  });

  /** Posts until the service has acknowledged, through every crash, and never again afterwards. */
  async function postUntilTaken(path: string, body: unknown): Promise<unknown> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      try {
        const response = await fetch(`${service?.url ?? "http://127.0.0.1:1"}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(10_000),
        });
        const answer: unknown = await response.json();
        if (response.ok) return answer;
        if (response.status !== 503) throw new Error(`refused: ${JSON.stringify(answer)}`);
      } catch (error) {
        if (error instanceof Error && error.message.startsWith("refused")) throw error;
      }
      if (Date.now() > deadline) throw new Error(`nobody took ${JSON.stringify(body)}`);
      await sleep(40);
    }
  }

  async function until(what: string, done: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + WAIT_MS;
    while (!(await done())) {
      await sleep(100);
      if (Date.now() > deadline) throw new Error(`${what}: not in time\n${service?.lines.join("\n") ?? ""}`);
    }
  }

  /** Kills and restarts the service at moments that differ from run to run of the loop, but not from test to test. */
  async function killOften(kind: "gateway" | "matcher", kills: number, seed: number): Promise<void> {
    const random = xoroshiro128plus(seed);
    for (let kill = 0; kill < kills; kill += 1) {
      service = await startService(chain, kind);
      await sleep(uniformInt(random, 30, 900));
      await service.kill();
    }
    service = await startService(chain, kind);
  }

  /** What the audit finds in the end: every figure that does not say how many blocks it took. */
  async function finalAudit(): Promise<object> {
    const { passed, checks, totals } = await audit({ deployment: chain.deployment, rpcUrl: chain.url });
    const failed = checks.flatMap(({ name, failures }) => failures.map((failure) => ({ name, ...failure })));
    expect(failed).to.deep.equal([]);
    expect(passed).to.equal(true);
    const blocks = new Set(["fromBlock", "toBlock", "transactions", "events"]);
    const figures = Object.entries(totals).filter(([name]) => !blocks.has(name));
    const words = (await exchange.meters(chain.meters)).map(({ word }) => word);
    return { figures, words };
  }

  /** Ends the disturbed chain and gives the services an undisturbed one of the same kind. */
  async function openAnother(blockMs: number): Promise<void> {
    await service?.kill();
    service = undefined;
    await chain.stop();
    await open(blockMs);
  }

  interface Taken {
    readonly meter: string;
    readonly slot: number;
    readonly importWh: number;
  }

  /** Hands in every meter's reading of one slot after the other while `goesOn` says so, and waits until all are settled. */
  async function playReadings(goesOn: (slots: number) => boolean): Promise<Taken[]> {
    const domain = marketDomain(chain.chainId, chain.exchange);
    const taken: Taken[] = [];
    for (let slot = chain.slot; goesOn(slot - chain.slot); slot += 1) {
      // Readings have an hour. A chain that ran away from its gateway would make them late, which costs what silence costs.
      await until("settling in time", async () => {
        const words = await exchange.meters(chain.meters);
        return words.every(({ word }) => word.lastSlot >= slot - 3);
      });
      await chain.jump(slotEnd(slot));
      await Promise.all(
        chain.meters.map(async (meter, number) => {
          const importWh = 100 * (slot - chain.slot + 1) + number;
          const reading = { zone: chain.zone, slot, importWh, exportWh: 0 };
          const { signature } = signReading(domain, numberedKey(number), reading);
          await postUntilTaken("/readings", { ...reading, signature });
          taken.push({ meter, slot, importWh });
        }),
      );
    }
    await until("settling", async () => {
      const words = await exchange.meters(chain.meters);
      return words.every(({ word }) => word.lastSlot === Math.max(...taken.map(({ slot }) => slot)));
    });
    return taken;
  }

  it(`settles every acknowledged reading exactly once, through ${KILLS} kills of the gateway, as if undisturbed`, async () => {
    await open(100);
    let killing = true as boolean;
    const killer = killOften("gateway", KILLS, 1).finally(() => {
      killing = false;
    });
    const taken = await playReadings((slots) => killing || slots < 8);
    await killer;

    await until("the journal's view", async () => {
      const answers = await Promise.all(
        taken.map(({ meter, slot }) => fetch(`${service?.url ?? ""}/readings/${meter}/${slot}`).then((r) => r.json())),
      );
      return answers.every((answer) => (answer as { state: string }).state === "settled");
    });
    const settled = await exchange.events({ names: ["ReadingSettled"] });
    const onChain = settled.map(({ args }) => {
      const { lastSlot, importWh } = decodeMeterWord(args.word);
      return `${args.meter} ${lastSlot} ${importWh}`;
    });
    expect(onChain.sort()).to.deep.equal(taken.map((r) => `${r.meter} ${r.slot} ${r.importWh}`).sort());
    const skipped = await exchange.events({ names: ["ReadingSkipped"] });
    expect(skipped.map(({ args }) => itemErrorOf(args.reason))).to.deep.equal([]);

    const disturbed = await finalAudit();
    await openAnother(100);
    service = await startService(chain, "gateway");
    await playReadings((slots) => slots < taken.length / METERS);
    expect(disturbed).to.deep.equal(await finalAudit());
  });

  it("takes readings while the node is stopped, and settles them when it goes on", async () => {
    await open(100);
    const domain = marketDomain(chain.chainId, chain.exchange);
    service = await startService(chain, "gateway");
    const post = (slot: number): Promise<unknown[]> =>
      Promise.all(
        chain.meters.map((_, number) => {
          const reading = { zone: chain.zone, slot, importWh: 10 * (slot - chain.slot + 1), exportWh: 0 };
          const { signature } = signReading(domain, numberedKey(number), reading);
          return postUntilTaken("/readings", { ...reading, signature });
        }),
      );
    // Meters that were seen once are known without the node.
    await chain.jump(slotEnd(chain.slot + 1));
    await post(chain.slot);
    chain.child.process.kill("SIGSTOP");
    await post(chain.slot + 1);
    await sleep(1_500);
    chain.child.process.kill("SIGCONT");
    await until("settling", async () => {
      const words = await exchange.meters(chain.meters);
      return words.every(({ word }) => word.lastSlot === chain.slot + 1);
    });
    expect(await exchange.events({ names: ["ReadingSettled"] })).to.have.length(2 * METERS);
  });

  /** Two slots' orders go through the matcher, which is killed so often, and nobody reads what they trade. */
  async function playOrders(kills: number): Promise<void> {
    const domain = marketDomain(chain.chainId, chain.exchange);
    const matcher = signingKey(chain.matcherKey).address;
    const worker = createSender({ rpc: exchange.rpc, privateKey: chain.workerKey, chainId: chain.chainId });
    const slots = [chain.slot + 2, chain.slot + 3];
    const receipts = new Map<number, string[]>();
    let registerWh = 0;
    for (const [round, slot] of slots.entries()) {
      // Trading needs the reading of the slot before the last.
      await chain.jump(slotStart(slot - 1) + 5);
      await until(
        "the slot's start",
        async () => ((await exchange.rpc.call(blockCall("latest")))?.timestamp ?? 0) >= slotStart(slot - 1) + 5,
      );
      for (let read = round === 0 ? chain.slot : slot - 2; read <= slot - 2; read += 1) {
        registerWh += 10;
        const entries = chain.meters.map((_, number) => {
          const reading = { zone: chain.zone, slot: read, importWh: registerWh, exportWh: 0 };
          return { ...reading, signature: signReading(domain, numberedKey(number), reading).signature };
        });
        const data = exchange.contract.encode("settle", [chain.zone, read, encodeReadings(entries)]);
        await worker.send([{ to: exchange.address, data }]);
      }

      let killing = true as boolean;
      const killer = killOften("matcher", Math.ceil(kills / slots.length), 10 + round).finally(() => {
        killing = false;
      });
      const given = await Promise.all(
        chain.meters.map(async (_, number) => {
          const side = number % 2 === 0 ? ("bid" as const) : ("offer" as const);
          const limitPrice = side === "bid" ? 250_000 - number : 150_000 + number;
          const order = { zone: chain.zone, slot, side, energyWh: 100, limitPrice };
          const { signature, hash } = signOrder(domain, numberedKey(number), order);
          const receipt = (await postUntilTaken("/orders", { ...order, signature })) as OrderReceipt;
          expect(receiptSigner(domain, receipt)).to.equal(matcher);
          expect(receipt.orderHash).to.equal(hash);
          return hash;
        }),
      );
      receipts.set(slot, given);
      await chain.jump(slotStart(slot) - GATE_CLOSURE_SECONDS);
      await until("clearing", async () => (await exchange.slot(chain.zone, slot))?.clearingPrice !== 0);
      while (killing) await sleep(50);
      await killer;
      await until("the journal's view", async () => {
        const response = await fetch(`${service?.url ?? ""}/books/${chain.zone}/${slot}`);
        return ((await response.json()) as { state?: string }).state === "final";
      });
      await service?.kill();
      service = undefined;
    }

    const committed = await exchange.events({ names: ["BookCommitted"] });
    const cleared = await exchange.events({ names: ["SlotCleared"] });
    const fills = (await exchange.events({ names: ["OrderCleared"] })).map(({ args }) => ({
      ...args,
      ...decodeFill(args.fill),
    }));
    expect(committed.map(({ args }) => args.slot)).to.deep.equal(slots);
    expect(cleared.map(({ args }) => args.slot)).to.deep.equal(slots);
    for (const { args } of committed) {
      const hashes = receipts.get(args.slot) ?? [];
      // Bids stand by falling, offers by rising limit price: here both by rising number of the meter.
      const book = [...hashes.filter((_, i) => i % 2 === 0), ...hashes.filter((_, i) => i % 2 === 1)];
      expect(args.bookHash).to.equal(bookHash(book));
      const filled = fills.filter(({ slot }) => slot === args.slot);
      expect(filled.map(({ meter }) => meter).sort()).to.deep.equal([...chain.meters].sort());
      expect(filled.reduce((sum, { filledWh, side }) => sum + (side === "bid" ? filledWh : -filledWh), 0)).to.equal(0);
      expect(filled.some(({ filledWh }) => filledWh > 0)).to.equal(true);
    }

    // Nobody reads these positions: whoever closes settles them, once each.
    service = await startService(chain, "gateway", ["--close", String(chain.zone)]);
    await chain.jump(readingDeadline(chain.slot + 3));
    await until("closing", async () => (await exchange.zone(chain.zone)).closedThrough >= chain.slot + 3);
    const closed = await exchange.events({ names: ["PositionClosed"] });
    const positions = fills.filter(({ filledWh }) => filledWh > 0);
    const named = (list: readonly { meter: string; slot: number }[]): string[] =>
      list.map(({ meter, slot }) => `${meter} ${slot}`).sort();
    expect(named(closed.map(({ args }) => args))).to.deep.equal(named(positions));
  }

  it(`clears every receipted order exactly once in the one committed book, through ${KILLS} kills of the matcher, as if undisturbed`, async () => {
    // The two minutes for the commitment last half a minute: time for a few restarts on a slow machine.
    await open(250);
    await playOrders(KILLS);
    const disturbed = await finalAudit();
    await openAnother(250);
    await playOrders(0);
    expect(disturbed).to.deep.equal(await finalAudit());
  });
});
