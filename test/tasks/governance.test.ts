import { expect } from "chai";
import { encodeBytes32String } from "ethers";
import { connectExchange, type ConnectedExchange } from "../../src/chain/exchange.ts";
import { mineAt } from "../../src/chain/localChain.ts";
import { blockCall } from "../../src/chain/calls.ts";
import { connectContract } from "../../src/chain/contract.ts";
import { BADGES_ABI, SEASONS_ABI } from "../../src/chain/seasonsAbi.ts";
import { DESK_ABI } from "../../src/chain/tokenAbi.ts";
import { packRebatePrices } from "../../src/game/seasonRewards.ts";
import { encodeTierDiscounts } from "../../src/market/fees.ts";
import { SLOT_SECONDS } from "../../src/units.ts";
import { startOwnNode, type OwnNode } from "./ownNode.ts";

const S = 1_944_960;
const DAY_SECONDS = 86_400;
const REBATES = packRebatePrices([0, 700, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000]);
/** Tier 1 pays 5 % less of the trading fee, tiers 2 to 7 a tenth. */
const DISCOUNTS = encodeTierDiscounts([0, 50_000, 100_000, 100_000, 100_000, 100_000, 100_000, 100_000]);

describe("the command line from the first sync to an executed proposal, on a node of its own", () => {
  let own: OwnNode;
  let exchange: ConnectedExchange;
  let proposal: string;
  let fromSlot: number;

  before(async () => {
    own = await startOwnNode(S - 30);
  });
  after(() => own.stop());

  async function shown(): Promise<{ state: string; votingStart: number; votingEnd: number; executableFrom: number }> {
    return JSON.parse(await own.succeeds("show-proposal", { proposal, json: true })) as Awaited<
      ReturnType<typeof shown>
    >;
  }

  it("syncs sites and shows their reputation", async () => {
    const parameters = await own.file(
      "parameters.json",
      JSON.stringify({ handOverSites: 2, votingDelay: 1800, timelockDelay: 7200 }),
    );
    await own.succeeds("deploy", { parameters });
    const record = await own.deployment();
    exchange = await connectExchange({ rpcUrl: own.url, deployment: record });
    await mineAt(own.rpc, (S - 20) * SLOT_SECONDS);
    await own.succeeds("zone", { zone: 1 });
    for (const site of [1, 2]) {
      await own.succeeds("site", { zone: 1 });
      await own.succeeds("meter", { site, kind: "consumer", ratedPower: 4000, device: site });
    }
    expect(await own.fails("hand-over", {})).to.include("TooFewVotingSites");
    expect(await own.succeeds("sync")).to.equal("Site 1: score 0.500000, tier 0\nSite 2: score 0.500000, tier 0");
    expect(await own.fails("sync", { site: 1 })).to.include("AlreadySynced");
    expect(await own.succeeds("show-reputation", { site: 2 })).to.match(/votes\s+│ 0\.5/);
    const held = JSON.parse(await own.succeeds("show-reputation", { site: 1, json: true })) as { votes: number };
    expect(held.votes).to.equal(500_000);
  });

  it("ends the council's rule", async () => {
    expect(await own.succeeds("hand-over")).to.match(/^Handed over: the timelock 0x/);
    expect(await own.fails("hand-over", {})).to.include("AlreadyHandedOver");
  });

  it("proposes several calls in one decision, and shows them in words", async () => {
    const now = ((await own.rpc.call(blockCall("latest")))?.timestamp ?? 0) + 60;
    // Votes count from the second after the sync on.
    await mineAt(own.rpc, now);
    fromSlot = Math.ceil((now + 3 * DAY_SECONDS) / SLOT_SECONDS);
    const terms = await exchange.zone(1).then(({ terms: held }) => held);
    const calls = [
      { target: "CreditDesk", call: "setPrices", args: ["320000", "310000"] },
      { target: "EnergyExchange", call: "setTierDiscounts", args: [String(DISCOUNTS)] },
      { target: "EnergyExchange", call: "setZoneTerms", args: [1, { ...plain(terms), fromSlot, rule: 1 }] },
      {
        target: "Reputation",
        call: "setTierRules",
        args: [{ tier1Ppm: 560000, tier2Ppm: 630000, tier3Ppm: 700000, tier4Ppm: 800000, hysteresisPpm: 10000 }],
      },
      { target: "Seasons", call: "setRebatePrices", args: [String(REBATES)] },
      { target: "Badges", call: "addQuest", args: [0, "500", encodeBytes32String("Sun chaser")] },
    ];
    const file = await own.file("calls.json", JSON.stringify(calls));
    const out = await own.succeeds("propose", { description: "Truthful clearing, dearer credits", calls: file });
    proposal = /proposal\s+│ (\d+)/.exec(out)?.[1] ?? "";
    expect(proposal).to.match(/^\d{50,78}$/);
    const text = await own.succeeds("show-proposal", { proposal });
    expect(text).to.include("CreditDesk.setPrices(320000, 310000)");
    expect(text).to.include(`EnergyExchange.setZoneTerms(1, [${String(fromSlot)}, `);
    expect(text).to.include("Reputation.setTierRules([560000, 630000, 700000, 800000, 10000])");
    expect(text).to.match(/state\s+│ pending/);
  });

  it("votes once voting has begun", async () => {
    expect(await own.fails("vote", { proposal, choice: "for" })).to.include("GovernorUnexpectedProposalState");
    expect(await own.fails("vote", { proposal, choice: "yes" })).to.include("must be for, against or abstain");
    await mineAt(own.rpc, (await shown()).votingStart + 1);
    expect(await own.succeeds("vote", { proposal, choice: "for" })).to.equal(
      "Voted for. For 1, against 0, abstaining 0.",
    );
    expect(await own.fails("vote", { proposal, choice: "for" })).to.include("GovernorAlreadyCastVote");
    expect(await own.fails("queue", { proposal })).to.include("GovernorUnexpectedProposalState");
  });

  it("queues and executes it, each in its time, and the parameters are changed", async () => {
    await mineAt(own.rpc, (await shown()).votingEnd + 1);
    expect((await shown()).state).to.equal("succeeded");
    expect(await own.succeeds("queue", { proposal })).to.match(/^Queued\. It may be executed from 2025-/);
    expect(await own.fails("execute", { proposal })).to.include("TimelockUnexpectedOperationState");
    await mineAt(own.rpc, (await shown()).executableFrom);
    const out = await own.succeeds("execute", { proposal });
    expect(out).to.include("CreditDesk.setPrices(320000, 310000)");
    expect((await shown()).state).to.equal("executed");
    const [discounts] = await exchange.events({ names: ["TierDiscountsSet"] });
    expect(Object.values(discounts?.args ?? {})).to.deep.equal([DISCOUNTS]);

    const { CreditDesk = "" } = exchange.deployment.contracts;
    const desk = connectContract({ rpc: own.rpc, abi: DESK_ABI, address: CreditDesk });
    expect([await desk.read("sellPrice", []), await desk.read("redeemPrice", [])]).to.deep.equal([320_000n, 310_000n]);
    const [before, after] = await Promise.all([
      exchange.contract.read("termsAt", [1, fromSlot - 1]),
      exchange.contract.read("termsAt", [1, fromSlot]),
    ]);
    expect([before.rule, after.rule]).to.deep.equal([0, 1]);
    const { Seasons = "", Badges = "" } = exchange.deployment.contracts;
    const seasons = connectContract({ rpc: own.rpc, abi: SEASONS_ABI, address: Seasons });
    expect(await seasons.read("rebatePrices", [])).to.equal(REBATES);
    expect(await connectContract({ rpc: own.rpc, abi: BADGES_ABI, address: Badges }).read("questCount", [])).to.equal(
      1,
    );
  });

  it("says what is wrong with a proposal before it sends one", async () => {
    expect(await own.fails("propose", { description: "x", call: "nothing" })).to.match(/^Error PROPOSED_CALL_INVALID/);
    expect(await own.fails("propose", { description: "x", target: "Nobody", call: "a" })).to.match(
      /^Error CONTRACT_UNKNOWN/,
    );
    expect(await own.fails("propose", { description: "x", call: "unpause", args: "[" })).to.include(
      "must be a JSON array",
    );
    expect(await own.fails("propose", { description: "x", call: "unpause", as: "mallory" })).to.include(
      "must be one of",
    );
    expect(await own.fails("show-proposal", { proposal: "17" })).to.match(/^Error PROPOSAL_UNKNOWN/);
    expect(await own.fails("propose", { description: "x", call: "unpause", as: "fee" })).to.include(
      "GovernorInsufficientProposerVotes",
    );
  });
});

/** A struct as the JSON of a proposal has it. */
function plain(struct: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(struct).map(([name, value]) => [name, typeof value === "bigint" ? value.toString() : value]),
  );
}
