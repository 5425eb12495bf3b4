import { expect } from "chai";
import { id } from "ethers";
import hre from "hardhat";
import { deployFullJob, EVALUATORS, KIND, OUTCOME, STATE, WORKERS, type Finding } from "./world.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

const ROOTS = new Map(WORKERS.map((index) => [index, id(`update of ${String(index)}`)]));
const HONEST: Finding = { scores: [700n, 200n, -50n, 100n], aggregate: id("model 1") };
const LIE: Finding = { scores: [0n, 0n, 900n, 0n], aggregate: id("lie") };

async function fullJob() {
  return deployFullJob(connection);
}

describe("three evaluators", () => {
  async function three(findings: readonly (Finding | undefined)[], feeTicks = 90n) {
    const { world } = await networkHelpers.loadFixture(fullJob);
    const job = await world.post({ evaluators: 3, feeTicks });
    await world.join(job, WORKERS, EVALUATORS);
    await world.train(job, ROOTS);
    await world.revealValidation(job);
    const drawn = await world.draw(job);
    expect(new Set(drawn).size).to.equal(3);
    const found = drawn.flatMap((index, place): [number, Finding][] => {
      const finding = findings[place];
      return finding === undefined ? [] : [[index, finding]];
    });
    await world.score(job, new Map(found));
    return { world, job, drawn };
  }

  it("let two outvote one, which loses its bond to the season pool", async () => {
    const { world, job, drawn } = await three([HONEST, LIE, HONEST]);
    expect(await world.state(job)).to.equal(STATE.challenge);
    await world.pass(job);
    const [a = 0, b = 0, c = 0] = drawn;
    expect([await world.held(a), await world.held(b), await world.held(c)]).to.deep.equal([45n, 0n, 45n]);
    expect(await world.stake(b)).to.deep.equal({ stake: 18_400n / 2n, locked: 800n });
    expect(await world.credit.balanceOf(world.signer(19).address)).to.equal(800n * 10n ** 9n);
    await world.expectConserved();
  });

  it("get no fee that is too small to be shared: it goes back", async () => {
    const { world, job, drawn } = await three([HONEST, HONEST, HONEST], 2n);
    await world.pass(job);
    expect(await Promise.all(drawn.map(async (index) => world.held(index)))).to.deep.equal([0n, 0n, 0n]);
    expect((await world.jobs.receipt(job)).feeTicks).to.equal(0n);
    // With the 200 of the pool above a site's cap.
    expect(await world.held(2)).to.equal(202n);
    await world.expectConserved();
  });

  it("are joined by others in the place of two that are silent, and by none in the place of who was not", async () => {
    const { world, job, drawn } = await three([HONEST]);
    expect((await world.jobs.jobInfo(job)).draw).to.equal(KIND.redraw);
    const again = await world.draw(job);
    expect(again).to.have.length(2);
    expect(new Set([...drawn, ...again]).size).to.equal(5);
    await world.score(job, new Map(again.map((index) => [index, HONEST])));
    await world.pass(job);
    const [revealed = 0, ...silent] = drawn;
    for (const index of [revealed, ...again]) expect(await world.held(index)).to.equal(30n);
    for (const index of silent) expect((await world.stake(index)).stake).to.equal(9_200n);
    await world.expectConserved();
  });

  it("go to a panel where no result has more votes than another, without a challenger", async () => {
    const other = { ...LIE, aggregate: id("another lie") };
    const { world, job, drawn } = await three([HONEST, LIE, other]);
    const [a = 0, b = 0, c = 0] = drawn;
    const panel = await world.draw(job);
    expect(panel).to.have.length(7);
    await world.score(job, new Map(panel.map((index) => [index, HONEST])));
    // Two bonds of 800 are lost, three quarters of them shared by eight; 90 of the fee likewise.
    for (const index of [a, ...panel]) expect(await world.held(index)).to.equal(11n + 150n);
    for (const index of [b, c]) expect((await world.stake(index)).stake).to.equal(9_200n);
    await world.expectConserved();
  });

  it("let the round be void where a panel decides a tie no better", async () => {
    const other = { ...LIE, aggregate: id("another lie") };
    const { world, job } = await three([HONEST, LIE, other]);
    const panel = await world.draw(job);
    const [a = 0, b = 0] = panel;
    await world.score(
      job,
      new Map([
        [a, HONEST],
        [b, LIE],
      ]),
    );
    expect((await world.jobs.roundInfo(job, 1)).outcome).to.equal(OUTCOME.void);
    expect((await world.stake(a)).stake).to.equal(10_000n);
    await world.expectConserved();
  });
});
