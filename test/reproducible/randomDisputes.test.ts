import { expect } from "chai";
import hre from "hardhat";
import type { RoundComputation } from "../../src/training/reproducible/players/roundComputation.ts";
import { disputeSize } from "../../src/training/reproducible/players/disputeSize.ts";
import { elementsOf } from "../../src/training/reproducible/primitives.ts";
import { Choices } from "../differential/random.ts";
import {
  BASE_UNITS,
  BOND,
  CHALLENGE_BOND,
  CHECKPOINTS,
  CLOCK,
  deployReproducible,
  FIRST_STEP,
  PAY,
  ROUNDS,
  STRIDE,
  type Pointer,
  type ReproducibleWorld,
} from "./jobsWorld.ts";

const DISPUTES = Number(process.env.JOULEWORK_DISPUTES ?? 6);
/** Different lies that the random disputes are about. */
const LIES = Math.min(24, DISPUTES);
const SHAPE = { firstStep: FIRST_STEP, stride: STRIDE, checkpoints: CHECKPOINTS };

describe("random disputes", function () {
  this.timeout(1_800_000);
  let world: ReproducibleWorld;
  let honest: RoundComputation;
  /** Jobs that a dispute has left in training: their pay and their bonds are still there. */
  let training = 0n;

  before(async () => {
    world = await deployReproducible(await hre.network.create());
    honest = await world.honest();
  });

  async function challenged(computation: RoundComputation): Promise<bigint> {
    const job = await world.claim(computation);
    await world.as(3).challenge(job, 0);
    return (await world.jobs.queryFilter(world.jobs.filters.RoundChallenged())).at(-1)?.args.dispute ?? 0n;
  }

  const heldBy = (index: number): Promise<bigint> => world.jobs.heldFor(world.signer(index).address);

  /** Every tick that the contract has is escrow or a bond of a job in training, or held for somebody. */
  async function conserve(): Promise<void> {
    let owed = training * (PAY * BigInt(ROUNDS) + BOND);
    for (const index of [1, 2, 3, 4]) owed += await heldBy(index);
    expect((await world.credit.balanceOf(world.jobs)) / BASE_UNITS).to.equal(owed);
  }

  async function lies(choices: Choices): Promise<RoundComputation[]> {
    const { primitives } = world.tape;
    const found: RoundComputation[] = [];
    while (found.length < LIES) {
      const operation = choices.whole(0, primitives.length - 1);
      const primitive = primitives[operation];
      if (primitive === undefined) continue;
      const step = FIRST_STEP + choices.whole(0, STRIDE * CHECKPOINTS - 1);
      const element = choices.whole(0, elementsOf(primitive) - 1);
      const lying = await world.lying({ step, operation, element, terms: choices.whole(0, 3) });
      // Some bits are rounded away or never read.
      if (!lying.checkpoints.root.equals(honest.checkpoints.root)) found.push(lying);
    }
    return found;
  }

  /** The party that is to move is silent: a second too early nobody can end the dispute, then anybody. */
  async function runOut(dispute: bigint): Promise<void> {
    const { turnStart, providerMoves, providerClock, challengerClock } = await world.jobs.disputeInfo(dispute);
    const last = Number(turnStart + (providerMoves ? providerClock : challengerClock));
    const { provider } = world.connection;
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [last] });
    await provider.request({ method: "evm_mine" });
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [last + 1] });
    await world.as(4).callTime(dispute);
  }

  it(`cost no honest party its bond and create or lose no tick, ${DISPUTES} times`, async () => {
    const choices = new Choices("random disputes");
    const lying = await lies(choices);
    const anywhere: Pointer = (children) => choices.whole(0, children - 1);
    for (let run = 0; run < DISPUTES; ++run) {
      const providerIsHonest = choices.whole(0, 1) === 0;
      // Whoever repeats an honest round finds nothing to challenge.
      const challengerRepeats = !providerIsHonest && choices.whole(0, 2) > 0;
      const defence = providerIsHonest ? honest : choices.of(lying);
      const dispute = await challenged(defence);
      const before = { provider: await heldBy(2), challenger: await heldBy(3), pool: await world.poolTicks() };
      let left = choices.whole(0, 40);
      const { view } = await world.play(
        dispute,
        defence,
        challengerRepeats ? honest : anywhere,
        ({ providerMoves }) => {
          left -= 1;
          // The honest are never silent.
          return left < 0 && !(providerMoves ? providerIsHonest : challengerRepeats);
        },
      );
      if (!["providerWon", "challengerWon"].includes(view.phase)) await runOut(dispute);
      const won = (await world.jobs.disputeInfo(dispute)).phase === 9n ? "provider" : "challenger";
      if (providerIsHonest) expect(won).to.equal("provider");
      if (challengerRepeats) expect(won).to.equal("challenger");
      if (won === "provider") training += 1n;
      const gains = {
        provider: (await heldBy(2)) - before.provider,
        challenger: (await heldBy(3)) - before.challenger,
        pool: (await world.poolTicks()) - before.pool,
      };
      expect(gains).to.deep.equal(
        won === "provider"
          ? { provider: CHALLENGE_BOND / 2n, challenger: 0n, pool: CHALLENGE_BOND - CHALLENGE_BOND / 2n }
          : { provider: 0n, challenger: 2n * CHALLENGE_BOND, pool: BOND - CHALLENGE_BOND },
      );
      await conserve();
    }
  });

  it("are lost by whoever is silent, at any of their moves, a second after the clock and not before", async () => {
    const operation = world.tape.primitives.findIndex(({ name }) => name === "layers.0.mlpIn.gradient");
    const lying = await world.lying({ step: FIRST_STEP + 1, operation, element: 9, terms: 2 });
    const { moves } = disputeSize(world.tape, SHAPE, operation);
    let silent = 0;
    for (let at = 0; at < moves; ++at) {
      const dispute = await challenged(lying);
      let left = at;
      const { view } = await world.play(dispute, lying, honest, () => left-- === 0);
      if (["providerWon", "challengerWon"].includes(view.phase)) break;
      const { turnStart, providerMoves, providerClock, challengerClock } = await world.jobs.disputeInfo(dispute);
      const last = Number(turnStart + (providerMoves ? providerClock : challengerClock));
      await world.connection.provider.request({ method: "evm_setNextBlockTimestamp", params: [last] });
      await expect(world.jobs.callTime(dispute)).to.be.revertedWithCustomError(world.jobs, "TimeNotOver");
      await world.connection.provider.request({ method: "evm_setNextBlockTimestamp", params: [last + 1] });
      await expect(world.jobs.callTime(dispute))
        .to.emit(world.jobs, "DisputeEnded")
        .withArgs(dispute, world.signer(view.providerMoves ? 3 : 2).address, true);
      if (!view.providerMoves) training += 1n;
      silent += 1;
      await conserve();
    }
    expect(silent).to.be.greaterThan(20);
  });

  it("take a move in the clock's last second, and none after it", async () => {
    const dispute = await challenged(honest);
    const { turnStart } = await world.jobs.disputeInfo(dispute);
    const { provider } = world.connection;
    const children = [honest.checkpoints.leaf(0), honest.checkpoints.leaf(1)];
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(turnStart) + CLOCK] });
    await world.as(2).reveal(dispute, children);
    const { turnStart: pointed, providerClock } = await world.jobs.disputeInfo(dispute);
    // What the move gave back is all that is left.
    expect(providerClock).to.equal(60n);
    await provider.request({ method: "evm_setNextBlockTimestamp", params: [Number(pointed) + CLOCK + 1] });
    await expect(world.as(3).point(dispute, children, 0)).to.be.revertedWithCustomError(world.jobs, "TimeOver");
    await world.jobs.callTime(dispute);
    training += 1n;
    await conserve();
  });

  it("of many strangers at once cost an honest provider nothing but gas, and each of them its bond", async () => {
    const job = await world.claim(honest);
    const before = await heldBy(2);
    const strangers = 8n;
    for (let stranger = 0n; stranger < strangers; ++stranger) await world.as(3).challenge(job, 0);
    const last = (await world.jobs.queryFilter(world.jobs.filters.RoundChallenged())).at(-1)?.args.dispute ?? 0n;
    const choices = new Choices("strangers");
    for (let dispute = last - strangers + 1n; dispute <= last; ++dispute) {
      const { view } = await world.play(dispute, honest, (children) => choices.whole(0, children - 1));
      expect(view.phase).to.equal("providerWon");
    }
    expect((await heldBy(2)) - before).to.equal(strangers * (CHALLENGE_BOND / 2n));
    training += 1n;
    await conserve();
  });

  it("have as many moves as the shape of the trees says, and no more calldata", async () => {
    for (const name of ["layers.0.mlpIn.gradient", "weights.tokens", "inputs", "layers.0.attention.norm.means"]) {
      const operation = world.tape.primitives.findIndex((primitive) => primitive.name === name);
      const lying = await world.lying({ step: FIRST_STEP + 1, operation, element: 1, terms: 2 });
      const dispute = await challenged(lying);
      const { receipts } = await world.play(dispute, lying, honest);
      let bytes = 0;
      for (const { hash } of receipts) {
        const data = (await world.connection.ethers.provider.getTransaction(hash))?.data ?? "0x";
        bytes += (data.length - 2) / 2;
      }
      const size = disputeSize(world.tape, SHAPE, operation);
      expect(receipts, name).to.have.lengthOf(size.moves);
      expect(bytes, name).to.be.at.most(size.bytes);
      expect(bytes, name).to.be.greaterThan(0.9 * size.bytes);
    }
    await conserve();
  });
});
