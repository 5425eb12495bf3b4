import { expect } from "chai";
import { createWatcher, type Contradiction, type Watcher } from "../../src/game/watch.ts";
import { ContractRefusal } from "../../src/market/service/exchangeLink.ts";
import { signReading, type SignedReading } from "../../src/market/sign.ts";
import { slotEnd } from "../../src/units.ts";
import { DOMAIN, numberedKey } from "./serviceKeys.ts";

const SLOT = 1_944_960;
const NOW = slotEnd(SLOT) + 20;

describe("watcher", () => {
  let watcher: Watcher;
  let reports: Contradiction[];
  let fate: (() => Error) | undefined;

  const reading = (importWh: number, exportWh = 0, number = 1, slot = SLOT): SignedReading =>
    signReading(DOMAIN, numberedKey(number), { zone: 1, slot, importWh, exportWh });

  beforeEach(() => {
    reports = [];
    fate = undefined;
    watcher = createWatcher({
      domain: DOMAIN,
      chain: {
        reportEquivocation: (contradiction) => {
          if (fate !== undefined) return Promise.reject(fate());
          reports.push(contradiction);
          return Promise.resolve();
        },
      },
    });
  });

  it("reports a meter that tells two places different registers, once, with both messages", async () => {
    const [here, there] = [reading(1_000), reading(900)];
    watcher.see([here, reading(500, 0, 2)]);
    expect(await watcher.step(NOW)).to.deep.equal([]);
    watcher.see([there, reading(800)]);
    const [first] = await watcher.step(NOW);
    expect(first).to.deep.include({ meter: numberedKey(1).address, slot: SLOT, refusal: undefined });
    expect(reports.map(({ readings }) => readings)).to.deep.equal([[here, there]]);
    watcher.see([there]);
    expect(await watcher.step(NOW)).to.deep.equal([]);
  });

  it("takes a contradiction in either register, and none between meters, slots or the same message twice", async () => {
    watcher.see([reading(1_000, 5), reading(1_000, 5), reading(900, 0, 2), reading(1_100, 5, 1, SLOT + 1)]);
    expect(await watcher.step(NOW)).to.deep.equal([]);
    watcher.see([reading(1_000, 6)]);
    expect(await watcher.step(NOW)).to.have.length(1);
  });

  it("takes a refusal as the end, and tries again where the node did not answer", async () => {
    watcher.see([reading(1_000), reading(900)]);
    fate = () => new Error("the node is away");
    const failed: unknown = await watcher.step(NOW).catch((error: unknown) => error);
    expect(String(failed)).to.contain("the node is away");
    fate = () => new ContractRefusal("AlreadyPenalised");
    expect((await watcher.step(NOW)).map(({ refusal }) => refusal)).to.deep.equal(["AlreadyPenalised"]);
    expect(await watcher.step(NOW)).to.deep.equal([]);
  });

  it("forgets readings that can no longer be punished", async () => {
    watcher.see([reading(1_000), reading(900, 0, 2)]);
    await watcher.step(slotEnd(SLOT + 126));
    watcher.see([reading(800, 0, 2)]);
    expect(await watcher.step(slotEnd(SLOT + 126))).to.have.length(1);
    await watcher.step(slotEnd(SLOT + 127));
    watcher.see([reading(900)]);
    expect(await watcher.step(slotEnd(SLOT + 127))).to.deep.equal([]);
  });
});
