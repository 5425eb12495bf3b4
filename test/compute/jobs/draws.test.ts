import { expect } from "chai";
import { AbiCoder, id, keccak256, ZeroHash } from "ethers";
import hre from "hardhat";
import { deployJobWorld, EVALUATORS, KIND, saltOf, STATE, WORKERS, type JobWorld } from "./world.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const coder = AbiCoder.defaultAbiCoder();

const SOURCES = { blockHash: 0, prevRandao: 1 } as const;

async function byBlockHash() {
  return waiting(await deployJobWorld(connection, SOURCES.blockHash));
}

async function byPrevRandao() {
  return waiting(await deployJobWorld(connection, SOURCES.prevRandao));
}

async function waiting(world: JobWorld) {
  const job = await world.post({ evaluators: 3 });
  await world.join(job, WORKERS, EVALUATORS);
  await world.driveTo(job, STATE.draw);
  return { world, job };
}

/** Who is drawn from these accounts, in this order, worked out from the rule's words. */
function expected(randomness: bigint, job: bigint, eligible: readonly number[]): number[] {
  const entropy = WORKERS.reduce(
    (before, index) => keccak256(coder.encode(["bytes32", "bytes32"], [before, saltOf(index)])),
    ZeroHash,
  );
  const seed = keccak256(
    coder.encode(["uint256", "bytes32", "uint256", "uint256", "uint8"], [randomness, entropy, job, 1, KIND.first]),
  );
  const left = [...eligible];
  return [0, 1, 2].map((i) => {
    const random = BigInt(keccak256(coder.encode(["bytes32", "uint256"], [seed, i])));
    const pick = i + Number(random % BigInt(left.length - i));
    const drawn = left[pick] ?? -1;
    left[pick] = left[i] ?? -1;
    return drawn;
  });
}

describe("a draw", () => {
  it("follows from the workers' salts and the hash of the block that was to come, whoever calls and when", async () => {
    const { world, job } = await networkHelpers.loadFixture(byBlockHash);
    const { drawBlock } = await world.jobs.jobInfo(job);
    await world.mine(40);
    await world.jobs.advance(job);
    const block = await ethers.provider.getBlock(Number(drawBlock));
    expect(await world.drawn(job)).to.deep.equal(expected(BigInt(block?.hash ?? 0), job, EVALUATORS));
  });

  it("follows from the beacon's value of its own block where the chain's entry says so", async () => {
    const { world, job } = await networkHelpers.loadFixture(byPrevRandao);
    await world.mine(3);
    const beacon = id("a beacon value");
    await networkHelpers.setPrevRandao(BigInt(beacon));
    await world.jobs.advance(job);
    expect(await world.drawn(job)).to.deep.equal(expected(BigInt(beacon), job, EVALUATORS));
  });

  it("reaches every evaluator sooner or later, and none twice in a round", async () => {
    const { world, job } = await networkHelpers.loadFixture(byPrevRandao);
    await world.mine(3);
    const snapshot = await networkHelpers.takeSnapshot();
    const seen = new Set<number>();
    for (let n = 0; n < 30; ++n) {
      await networkHelpers.setPrevRandao(BigInt(id(`beacon ${String(n)}`)));
      await world.jobs.advance(job);
      const drawn = await world.drawn(job);
      expect(new Set(drawn).size).to.equal(3);
      for (const index of drawn) seen.add(index);
      await snapshot.restore();
    }
    expect([...seen].sort((a, b) => a - b)).to.deep.equal([...EVALUATORS]);
  });
});
