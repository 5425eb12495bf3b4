import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import hre from "hardhat";
import { connectExchange } from "../../src/chain/exchange.ts";
import { localClock } from "../../src/community/localClock.ts";
import { localSenders } from "../../src/community/localSenders.ts";
import { playReproducible, type ReproducibleFigures } from "../../src/community/training/playReproducible.ts";
import { deploymentOf } from "../audit/smallRun.ts";
import { deployTestMarket } from "../support/testMarket.ts";
import { exampleText } from "../training/goldenRun.ts";
import { serveConnection } from "../training/jobs/rpcBridge.ts";

/** The test account that the local node calls its treasury. */
const TREASURY = 8;
const TICKS = 1_000_000_000_000n;
const SEED = 7;

async function play(): Promise<ReproducibleFigures> {
  const connection = await hre.network.create();
  const market = await deployTestMarket(connection);
  const { url, close } = await serveConnection(connection);
  const folder = await mkdtemp(join(tmpdir(), "joulework-reproducible-"));
  try {
    const treasury = market.signers[TREASURY];
    if (treasury !== undefined) await market.fund(treasury, TICKS);
    const deployment = await deploymentOf(market);
    const ReproducibleJobs = await market.reproducibleJobs.getAddress();
    const contracts = { ...deployment.contracts, ReproducibleJobs };
    const exchange = await connectExchange({ rpcUrl: url, deployment: { ...deployment, contracts } });
    const { timestamp } = (await connection.ethers.provider.getBlock("latest")) ?? { timestamp: 0 };
    const clock = localClock(timestamp + 1);
    const senders = localSenders(exchange);
    return await playReproducible({ exchange, senders, clock, corpus: exampleText(), seed: SEED, folder });
  } finally {
    close();
    await rm(folder, { recursive: true, force: true });
  }
}

describe("the reproducible job of a community's day", () => {
  it("is refuted at the weight that its provider changed, and is the same to the last unit of gas every time", async () => {
    const [first, second] = [await play(), await play()];
    expect(first).to.include({
      rounds: 2,
      disputes: 1,
      disputeWinner: "challenger",
      refereeOperation: "weights.unembedding",
    });
    expect(first.disputeMoves).to.be.greaterThan(15);
    expect(second).to.deep.equal(first);
  });
});
