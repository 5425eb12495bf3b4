import { expect } from "chai";
import { id } from "ethers";
import hre from "hardhat";
import { EnergyQueueTwin } from "../../src/market/energyQueue.ts";
import { GATE_OPEN_SLOTS } from "../../src/market/timeline.ts";
import { Choices, fuzzRuns } from "../differential/random.ts";
import { deployMockWorld } from "./mockWorld.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;
const SEQUENCES = fuzzRuns(200);
const STEPS = 60;
const ZONES = [1, 2] as const;
const ITEMS = ["a", "b", "c", "d", "e"].map((name) => id(name));

async function empty() {
  return deployMockWorld(connection);
}

describe("the queue of energy and its twin", () => {
  const bounds = new Map<string, number>();
  for (let seed = 0; seed < SEQUENCES; ++seed) {
    it(`agree, and keep their word on every gate that is open, sequence ${String(seed)}`, async () => {
      const { exchange, queue, signers } = await networkHelpers.loadFixture(empty);
      const [first, , ...others] = signers;
      const ledgers = [first, others.at(-2)].filter((signer) => signer !== undefined);
      const choices = new Choices(`queue ${String(seed)}`);
      const twin = new EnergyQueueTwin();
      const said = new Map<string, bigint>();
      let time = (Math.floor((await networkHelpers.time.latest()) / 900) + 2) * 900;
      const begin = Math.floor(time / 900);
      for (let step = 0; step < STEPS; ++step) {
        time += choices.of([1, 1, 1, 300, 900, 900, 2_700]);
        const slot = Math.floor(time / 900);
        const zone = choices.of(ZONES);
        const ratedWh = BigInt(choices.of([0, 7, 80, 10_000, 10_000, 100_000]));
        const importPrice = BigInt(choices.of([1, 199_999, 250_000]));
        await exchange.setZone(zone, ratedWh, importPrice, 0);
        const ledger = choices.of(ledgers);
        const asked = {
          ledger: ledger.address,
          item: choices.of(ITEMS),
          zone,
          requester: choices.of(others.slice(0, 3)).address,
          energyWh: choices.chance(0.3) ? 0n : BigInt(choices.of([1, 40, 900, 5_000, 1_000_000])),
          escrowTicks: BigInt(choices.whole(0, 3_000)) * BigInt(choices.of([1, 250_000])),
        };
        await networkHelpers.time.setNextBlockTimestamp(time);
        await queue.connect(ledger).setQueued(asked.item, zone, asked.requester, asked.energyWh, asked.escrowTicks);
        const counted = twin.setQueued(slot, asked, { ratedWh, importPrice });
        note(bounds, asked, counted, importPrice);
        expect(await queue.countedWh(ledger, asked.item), "the item").to.equal(counted);
        expect(twin.countedWh(asked.ledger, asked.item)).to.equal(counted);
        expect(await queue.requesterWh(zone, asked.requester), "the requester").to.equal(
          twin.requesterWh(zone, asked.requester),
        );
        for (const asking of ZONES) {
          // The newest gate, the one that opens next, and one of the past.
          const newest = slot + GATE_OPEN_SLOTS;
          for (const of of [newest, newest + 1, begin + choices.whole(0, slot - begin)]) {
            const answer = await queue.queuedWh(asking, of);
            expect(answer, `zone ${String(asking)}, slot ${String(of)}`).to.equal(twin.queuedWh(asking, of));
            if (of > newest) continue;
            const key = `${String(asking)} ${String(of)}`;
            expect(answer, `what was said of ${key}`).to.equal(said.get(key) ?? answer);
            said.set(key, answer);
          }
        }
      }
    });
  }

  it("meet every bound in these sequences", () => {
    expect([...bounds.keys()].sort()).to.deep.equal(["all of it", "ended", "escrow", "nothing", "share"]);
  });
});

/** What held an item down. */
function note(
  bounds: Map<string, number>,
  { energyWh, escrowTicks }: { readonly energyWh: bigint; readonly escrowTicks: bigint },
  counted: bigint,
  importPrice: bigint,
): void {
  let bound = "share";
  if (counted === escrowTicks / importPrice) bound = "escrow";
  if (counted === energyWh) bound = "all of it";
  if (counted === 0n) bound = "nothing";
  if (energyWh === 0n) bound = "ended";
  bounds.set(bound, (bounds.get(bound) ?? 0) + 1);
}
