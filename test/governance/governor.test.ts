import { expect } from "chai";
import hre from "hardhat";
import { DEFAULT_TIER_RULES } from "../../src/game/tiers.ts";
import { TERMS } from "../support/testMarket.ts";
import {
  deployGoverned,
  NEUTRAL_VOTES,
  NEXT_DAY,
  Proposal,
  TIMELOCK_DELAY,
  VOTING_DELAY,
  VOTING_PERIOD,
  type Call,
} from "./community.ts";

const connection = await hre.network.create();
const { ethers, networkHelpers } = connection;
const STATES = ["pending", "active", "canceled", "defeated", "succeeded", "queued", "expired", "executed"];

async function governed() {
  return deployGoverned(connection);
}

async function load() {
  const community = await networkHelpers.loadFixture(governed);
  const { market, voters } = community;
  const governor = market.gridGovernor;
  const setPrices: Call = {
    target: await market.desk.getAddress(),
    data: market.desk.interface.encodeFunctionData("setPrices", [320_000n, 310_000n]),
  };
  const propose = (calls: readonly Call[] = [setPrices]) =>
    Proposal.propose(market, voters[0], calls, "Dearer credits, because the grid is");
  const stateOf = async ({ id }: Proposal) => STATES[Number(await governor.state(id))];
  return { ...community, governor, propose, stateOf, setPrices };
}

describe("a decision of the community", () => {
  it("goes from proposal to changed parameter in five steps, each in its time", async () => {
    const { market, voters, governor, propose, stateOf } = await load();
    const proposal = await propose();
    expect(await stateOf(proposal)).to.equal("pending");
    await expect(governor.connect(voters[0]).castVote(proposal.id, 1)).to.be.revertedWithCustomError(
      governor,
      "GovernorUnexpectedProposalState",
    );
    await proposal.vote([
      [voters[0], 1],
      [voters[1], 2],
    ]);
    expect(await stateOf(proposal)).to.equal("active");
    expect([...(await governor.proposalVotes(proposal.id))]).to.deep.equal([0n, NEUTRAL_VOTES, NEUTRAL_VOTES]);
    await proposal.end();
    expect(await stateOf(proposal)).to.equal("succeeded");
    await expect(proposal.execute()).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
    await proposal.queue();
    expect(await stateOf(proposal)).to.equal("queued");
    await networkHelpers.time.increase(TIMELOCK_DELAY - 10);
    await expect(proposal.execute()).to.be.revertedWithCustomError(market.timelock, "TimelockUnexpectedOperationState");
    await networkHelpers.time.increase(10);
    await expect(proposal.execute()).to.emit(market.desk, "PricesSet").withArgs(320_000n, 310_000n);
    expect(await stateOf(proposal)).to.equal("executed");
    await expect(proposal.execute()).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
  });

  it("changes terms and clearing rule of a zone from a coming slot on, and the rules of tiers, at once", async () => {
    const { market, voters, propose } = await load();
    const fromSlot = Math.floor((await networkHelpers.time.latest()) / 900) + 400;
    const terms = { ...TERMS, fromSlot, importPrice: 320_000, rule: 1 };
    const proposal = await propose([
      {
        target: await market.exchange.getAddress(),
        data: market.exchange.interface.encodeFunctionData("setZoneTerms", [1, terms]),
      },
      {
        target: await market.reputation.getAddress(),
        data: market.reputation.interface.encodeFunctionData("setTierRules", [
          { ...DEFAULT_TIER_RULES, tier1Ppm: 560_000 },
        ]),
      },
    ]);
    await proposal.carry(voters);
    const before = await market.exchange.termsAt(1, fromSlot - 1);
    const after = await market.exchange.termsAt(1, fromSlot);
    expect([before.rule, before.importPrice]).to.deep.equal([0n, BigInt(TERMS.importPrice)]);
    expect([after.rule, after.importPrice]).to.deep.equal([1n, 320_000n]);
    expect((await market.reputation.tierRules()).tier1Ppm).to.equal(560_000n);
  });

  it("fails as a whole where one of its calls fails", async () => {
    const { market, voters, propose, setPrices, stateOf } = await load();
    const impossible = market.desk.interface.encodeFunctionData("setPrices", [1n, 2n]);
    const proposal = await propose([setPrices, { ...setPrices, data: impossible }]);
    await expect(proposal.carry(voters)).to.be.revertedWithCustomError(market.desk, "BadPrices");
    expect(await market.desk.sellPrice()).to.equal(300_000n);
    expect(await stateOf(proposal)).to.equal("queued");
  });

  it("is defeated by more votes against it", async () => {
    const { voters, propose, stateOf, governor } = await load();
    const contested = await propose();
    await contested.vote([
      [voters[0], 1],
      [voters[1], 0],
      [voters[2], 0],
    ]);
    await contested.end();
    expect(await stateOf(contested)).to.equal("defeated");
    await expect(contested.queue()).to.be.revertedWithCustomError(governor, "GovernorUnexpectedProposalState");
  });

  it("needs its quorum: a fifth of all votes, or what the community decides", async () => {
    const { market, voters, governor, propose, setPrices, stateOf } = await load();
    const target = await governor.getAddress();
    const raise = await propose([
      { target, data: governor.interface.encodeFunctionData("updateQuorumNumerator", [40]) },
    ]);
    await raise.carry(voters);
    // A fifth of 1,500,000 votes then, two fifths now: one voter of three is not enough any more.
    expect(await governor.quorum(await governor.proposalSnapshot(raise.id))).to.equal(300_000n);
    const lonely = await Proposal.propose(market, voters[0], [setPrices], "One voter");
    await lonely.vote([[voters[0], 1]]);
    await lonely.end();
    expect(await governor.quorum(await governor.proposalSnapshot(lonely.id))).to.equal(600_000n);
    expect(await stateOf(lonely)).to.equal("defeated");
    const shared = await Proposal.propose(market, voters[0], [setPrices], "Two voters");
    await shared.vote([
      [voters[0], 1],
      [voters[1], 2],
    ]);
    await shared.end();
    expect(await stateOf(shared)).to.equal("succeeded");
  });

  it("may be proposed only by who has the votes of a site in good standing", async () => {
    const { market, governor, setPrices } = await load();
    await expect(Proposal.propose(market, market.worker, [setPrices], "Mine"))
      .to.be.revertedWithCustomError(governor, "GovernorInsufficientProposerVotes")
      .withArgs(market.worker.address, 0n, 400_000n);
  });

  it("counts the votes of the moment when voting began, not of later syncs and delegations", async () => {
    const { market, voters, meters, governor, propose } = await load();
    const proposal = await propose();
    await networkHelpers.time.increaseTo(Number(await governor.proposalSnapshot(proposal.id)) + 1);
    await market.reputation.connect(voters[1]).delegate(voters[0].address);
    await networkHelpers.time.increaseTo(NEXT_DAY);
    await market.reputation.syncMany(meters.map(({ site }) => site));
    await proposal.vote([[voters[0], 1]]);
    expect((await governor.proposalVotes(proposal.id)).forVotes).to.equal(NEUTRAL_VOTES);
    await expect(governor.connect(voters[0]).castVote(proposal.id, 1)).to.be.revertedWithCustomError(
      governor,
      "GovernorAlreadyCastVote",
    );
  });

  it("may be withdrawn by its proposer before voting begins, and by nobody else", async () => {
    const { voters, governor, propose, stateOf } = await load();
    const proposal = await propose();
    await expect(governor.connect(voters[1]).cancel(...proposal.parts())).to.be.revertedWithCustomError(
      governor,
      "GovernorUnableToCancel",
    );
    await governor.connect(voters[0]).cancel(...proposal.parts());
    expect(await stateOf(proposal)).to.equal("canceled");
  });

  it("may change how it decides: delay, period, threshold and quorum, and nobody may but by a decision", async () => {
    const { market, voters, governor, propose } = await load();
    const target = await governor.getAddress();
    const calls = [
      governor.interface.encodeFunctionData("setVotingDelay", [7_200]),
      governor.interface.encodeFunctionData("setVotingPeriod", [172_800]),
      governor.interface.encodeFunctionData("setProposalThreshold", [1]),
      governor.interface.encodeFunctionData("updateQuorumNumerator", [30]),
    ].map((data) => ({ target, data }));
    for (const { data } of calls) {
      await expect(voters[0].sendTransaction({ to: target, data })).to.be.revertedWithCustomError(
        governor,
        "GovernorOnlyExecutor",
      );
    }
    expect([await governor.votingDelay(), await governor.votingPeriod()]).to.deep.equal([
      BigInt(VOTING_DELAY),
      BigInt(VOTING_PERIOD),
    ]);
    const proposal = await propose(calls);
    await proposal.carry(voters);
    expect([await governor.votingDelay(), await governor.votingPeriod()]).to.deep.equal([7_200n, 172_800n]);
    expect([await governor.proposalThreshold(), await governor["quorumNumerator()"]()]).to.deep.equal([1n, 30n]);
    await expect(market.timelock.connect(voters[0]).updateDelay(0)).to.be.revertedWithCustomError(
      market.timelock,
      "TimelockUnauthorizedCaller",
    );
  });

  it("runs through a timelock that takes proposals from the governor alone and that nobody administers", async () => {
    const { market, governor } = await load();
    const roles = {
      admin: ethers.ZeroHash,
      proposer: ethers.id("PROPOSER_ROLE"),
      canceller: ethers.id("CANCELLER_ROLE"),
    };
    const timelock = await market.timelock.getAddress();
    const [granted, revoked] = await Promise.all([
      market.timelock.queryFilter(market.timelock.filters.RoleGranted()),
      market.timelock.queryFilter(market.timelock.filters.RoleRevoked()),
    ]);
    const left = new Set(granted.map(({ args }) => `${args.role} ${args.account}`));
    for (const { args } of revoked) left.delete(`${args.role} ${args.account}`);
    expect(left).to.deep.equal(
      new Set([
        `${roles.admin} ${timelock}`,
        `${roles.proposer} ${await governor.getAddress()}`,
        `${roles.canceller} ${await governor.getAddress()}`,
        `${ethers.id("EXECUTOR_ROLE")} ${ethers.ZeroAddress}`,
      ]),
    );
  });
});
