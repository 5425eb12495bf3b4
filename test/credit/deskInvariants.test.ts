import { expect } from "chai";
import { MaxUint256 } from "ethers";
import fc from "fast-check";
import hre from "hardhat";
import { deployDesk, PRICE } from "./givenDesk.ts";
import { ACTORS, GhostDesk, Refusal } from "./ghost/ghostDesk.ts";
import { headroomTicks, STEPS, WEIGHTS, type Chain, type Choices } from "./ghost/steps.ts";

const connection = await hre.network.create();
const { networkHelpers } = connection;

const number = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise);
const RUNS = number("JOULEWORK_DESK_RUNS", 10);
const LENGTH = number("JOULEWORK_DESK_LENGTH", 80);
const SEED = number("JOULEWORK_DESK_SEED", 20250621);
const TOKENS = 10n ** 40n;

async function freshChain(): Promise<Chain> {
  const { desk, credit, token, grid, alice, bob, carol, exchange, governor } = await deployDesk(connection);
  for (const holder of [grid, alice, bob, carol]) {
    await token.mint(holder.address, TOKENS - (await token.balanceOf(holder.address)));
    await token.connect(holder).approve(desk, MaxUint256);
    await credit.connect(holder).approve(desk, MaxUint256);
  }
  return { desk, credit, token, signers: { grid, alice, bob, carol, exchange, governor } };
}

/** What came of a call: "done", or the custom error's name. */
async function outcome(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "done";
  } catch (error) {
    if (error instanceof Refusal) return error.error;
    const name = /custom error '(\w+)/.exec(String(error))?.[1];
    if (name === undefined) throw error;
    return name;
  }
}

/** The invariants, each read from the chain, and every figure as the ghost has it. */
async function check({ desk, credit, token, signers }: Chain, ghost: GhostDesk): Promise<void> {
  const { last, amount } = await desk.queue();
  const supply = await credit.totalSupply();
  // 1. Supply never exceeds backing, and is the sum of balances.
  expect(await desk.backing(), "backing").to.be.gte(supply);
  expect(supply, "supply").to.equal(ghost.supply);
  for (const actor of ACTORS) {
    expect(await credit.balanceOf(signers[actor].address), `credits of ${actor}`).to.equal(ghost.credits.get(actor));
  }
  // 2. The desk holds its funds, what is set aside, and gifts; nobody has more or less than they were paid.
  expect(await token.balanceOf(desk), "tokens of the desk").to.equal(ghost.funds + ghost.setAside + ghost.donated);
  for (const actor of ["alice", "bob", "carol", "grid"] as const) {
    expect(await token.balanceOf(signers[actor].address), `tokens of ${actor}`).to.equal(
      TOKENS + (ghost.tokens.get(actor) ?? 0n),
    );
  }
  // 3. The queue is what was requested and not paid, cancelled or set aside.
  expect({ funds: await desk.funds(), owed: await desk.owed(), aside: await desk.setAside() }).to.deep.equal({
    funds: ghost.funds,
    owed: ghost.owed,
    aside: ghost.setAside,
  });
  expect({ last, amount }).to.deep.equal({ last: ghost.last, amount: ghost.queued });
  // 4. What may be minted leaves room for the queue, paid or cancelled.
  expect(await desk.headroomTicks(), "headroom").to.equal(headroomTicks(ghost));
}

const choice = fc.nat(999);
const drawn = fc.oneof(
  ...Object.keys(STEPS).map((name) => ({
    weight: WEIGHTS[name] ?? 1,
    arbitrary: fc.tuple(fc.constant(name), fc.tuple(choice, choice, choice, choice)),
  })),
);
const steps = fc.array(drawn, { minLength: LENGTH / 2, maxLength: LENGTH, size: "max" });
/** Every sequence begins with credits that only GRID's line backs, a payment that was refused, and one that waits. */
const PRELUDE: readonly (readonly [string, Choices])[] = [
  ["buy", [0, 0, 400, 0]],
  ["buy", [1, 1, 301, 0]],
  ["buy", [2, 2, 901, 0]],
  ["setCreditLine", [900, 0, 0, 0]],
  ["withdrawPledge", [950, 0, 0, 0]],
  ["redeemOrQueue", [0, 1, 300, 0]],
  ["refuse", [1, 0, 0, 0]],
  ["pledge", [3, 951, 0, 0]],
  ["payQueue", [0, 0, 0, 0]],
  ["withdrawPledge", [950, 0, 0, 0]],
  ["redeemOrQueue", [2, 2, 500, 0]],
];

describe("invariants of the desk", function () {
  this.timeout(0);
  const seen = new Map<string, number>();

  async function take(chain: Chain, ghost: GhostDesk, name: string, choices: Choices): Promise<void> {
    const make = STEPS[name];
    if (make === undefined) throw new Error(`there is no step ${name}`);
    const step = make(ghost, choices);
    const expected = await outcome(() => {
      step.ghost(ghost);
      return Promise.resolve();
    });
    // While nothing but one price is in the queue, whoever waits may always have its credits back.
    if (name === "cancelRedemption" && expected === "Unbacked") expect(ghost.onePrice).to.equal(false);
    expect(await outcome(() => step.chain(chain)), name).to.equal(expected);
    const what = `${name}: ${expected}`;
    seen.set(what, (seen.get(what) ?? 0) + 1);
    await check(chain, ghost);
  }

  it("hold after every call of random sequences, each of which goes as the ghost predicts", async () => {
    const sequences = fc.asyncProperty(steps, async (sequence) => {
      const chain = await networkHelpers.loadFixture(freshChain);
      const ghost = new GhostDesk(PRICE);
      for (const [index, [name, choices]] of [...PRELUDE, ...sequence].entries()) {
        try {
          await take(chain, ghost, name, choices);
        } catch (problem) {
          throw new Error(`step ${String(index)}, ${name} ${JSON.stringify(choices)}: ${String(problem)}`, {
            cause: problem,
          });
        }
      }
      await everybodyIsPaid(chain, ghost);
    });
    await fc.assert(sequences, { numRuns: RUNS, seed: SEED, endOnFailure: RUNS > 20 });
  });

  /** Whatever happened: with enough pledged, nothing stays in the queue or set aside. */
  async function everybodyIsPaid(chain: Chain, ghost: GhostDesk): Promise<void> {
    const { desk, token, signers } = chain;
    const missing = ghost.owed - ghost.funds;
    if (missing > 0n) {
      await desk.connect(signers.grid).pledge(missing);
      ghost.pledge("grid", missing);
    }
    await desk.payQueue(MaxUint256);
    ghost.payAll();
    await token.setRefused(signers.alice.address, false);
    ghost.refused.delete("alice");
    for (const { id, seller } of [...ghost.aside]) {
      await desk.connect(signers[seller]).collectRedemption(id, signers.alice.address);
      ghost.collect(seller, id, "alice");
    }
    await check(chain, ghost);
    expect({ owed: await desk.owed(), aside: await desk.setAside() }).to.deep.equal({ owed: 0n, aside: 0n });
  }

  it("are tried by sequences in which every verb succeeds and is refused", () => {
    const summary = [...seen].map(([what, times]) => `${what} ${String(times)}`).sort();
    if (process.env.JOULEWORK_DESK_SUMMARY === "1") console.log(summary.join("\n"));
    const wanted = [
      ...["buy", "redeem", "redeemOrQueue", "payQueue", "cancelRedemption", "collectRedemption"],
      ...["pledge", "withdrawPledge", "setCreditLine", "setPrices", "mint", "burn"],
    ].map((verb) => `${verb}: done`);
    const refusals = ["redeem: FundsShort", "withdrawPledge: FundsShort", "setCreditLine: Unbacked"];
    const more = ["setPrices: Unbacked", "cancelRedemption: UnknownRedemption", "collectRedemption: StillQueued"];
    expect(
      [...wanted, ...refusals, ...more].filter((what) => !seen.has(what)),
      summary.join(", "),
    ).to.deep.equal([]);
  });
});
