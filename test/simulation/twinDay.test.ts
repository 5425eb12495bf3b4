import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { toldQueue } from "../../scripts/simulate/energyQueue.ts";
import { notedWork } from "../../scripts/simulate/notedWork.ts";
import { deployLocally } from "../../scripts/start/deployLocally.ts";
import { blockNumberCall } from "../../src/chain/calls.ts";
import { fetchEvents } from "../../src/chain/logs.ts";
import { SEASONS_ABI } from "../../src/chain/seasonsAbi.ts";
import { connectSeasons } from "../../src/game/seasonsLink.ts";
import { connectExchange } from "../../src/chain/exchange.ts";
import { PREPARATION_SLOTS } from "../../src/community/registerCommunity.ts";
import { startLocalNode } from "../../src/community/startLocalNode.ts";
import { parseScenario } from "../../src/simulation/index.ts";
import { playTwin, sampleDay, seasonOf, type Sample } from "../../src/simulation/twin/index.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { freePort } from "../explorer/support/freePort.ts";

/** A day, without which no price moves, and some slots of the next one. */
const SLOTS = 104;
const scenario = parseScenario({
  ...{ name: "twin day", start: "2025-06-16", days: 2, latitudeDeg: 47, longitudeDeg: 8, zones: 1 },
  ...{ certificatePrice: 3_000, game: { giftCredits: 1, feeDiscountsPpm: [0, 100_000, 200_000] } },
  market: { rule: "sbba", importPrice: 310_000, exportPrice: 70_000, slopePpm: 800_000, feePpm: 12_345 },
  agents: [
    // Both value a trade the same, so that their orders tie.
    { name: "homes", kind: "household", count: 2, ratedPowerW: 9_200, reluctance: [0.1, 0.1] },
    {
      ...{ name: "battery", kind: "prosumer", count: 1, ratedPowerW: 11_000, solarPowerW: 9_000 },
      ...{ storage: { capacityWh: 9_000, powerW: 4_000, roundTripPpm: 900_000 }, strategy: { kind: "zip" } },
    },
    { name: "plant", kind: "hydro", count: 1, ratedPowerW: 12_000 },
    {
      ...{ name: "centre", kind: "data centre", count: 1, ratedPowerW: 10_000 },
      training: { dailyWh: 40_000, powerW: 6_000 },
    },
  ],
});

function firstSlots({ series, ...sample }: Sample, slots: number): Sample {
  const shapes = series.netWh.length / series.slots;
  const netWh = Int32Array.from({ length: shapes * slots }, (_, place) => {
    return series.netWh[Math.floor(place / slots) * series.slots + (place % slots)] ?? 0;
  });
  return { ...sample, series: { ...series, slots, netWh } };
}

describe("a simulated day on a local chain", function () {
  this.timeout(0);

  it("agrees with the contracts in every integer: prices that move with waiting training, reputation, the season and certificates included", async () => {
    const sample = firstSlots(sampleDay(scenario, 2, 5), SLOTS);
    const { firstSlot } = sample.series;
    const port = await freePort();
    const record = `localhost-test-${String(port)}`;
    const node = await startLocalNode({ port, startsAt: (firstSlot - PREPARATION_SLOTS) * SLOT_SECONDS });
    try {
      const deployment = await deployLocally(node.url, seasonOf(sample), record);
      const exchange = await connectExchange({ rpcUrl: node.url, deployment });
      const told = await toldQueue(exchange);
      const noteWork = await notedWork(exchange);
      let waiting = 0;
      const differences = await playTwin({
        ...{ exchange, sample, noteWork },
        async setQueue(zone, first, queuedWh) {
          waiting += queuedWh.slice(96).filter((wh) => wh > 0).length;
          await told(zone, first, queuedWh);
        },
      });
      expect(differences.kept).to.deep.equal([]);
      expect(differences.different).to.equal(0);
      for (const { kind, compared } of differences.counts) expect(compared, kind).to.be.greaterThan(0);
      expect(waiting).to.be.greaterThan(0);
      const { address } = (await connectSeasons(exchange.rpc, deployment)).contract;
      const range = { fromBlock: 0, toBlock: await exchange.rpc.call(blockNumberCall()) };
      const seasons = { rpc: exchange.rpc, abi: SEASONS_ABI, address, ...range };
      expect(await fetchEvents({ ...seasons, names: ["RewardCollected"] })).to.not.have.lengthOf(0);
      const moved = await exchange.events({ names: ["TariffFixed"] });
      expect(moved.filter(({ args }) => args.scarcityPpm !== 0).length).to.be.greaterThan(3);
    } finally {
      await node.stop();
      const path = fileURLToPath(new URL(`../../deployments/${record}`, import.meta.url));
      await rm(path, { recursive: true, force: true });
    }
  });
});
