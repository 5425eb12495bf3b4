import { expect } from "chai";
import hre from "hardhat";
import { reproducibleJob as answerSchema, type ReproducibleAnswer } from "../../../explorer/api/reproducible.ts";
import { createIndexer } from "../../../explorer/indexer/indexer.ts";
import { openArtifacts } from "../../../explorer/server/artifacts.ts";
import { createContext, type ServerContext } from "../../../explorer/server/context.ts";
import { reproducibleJob } from "../../../explorer/server/queries/reproducibleJob.ts";
import { reproducibleJobs } from "../../../explorer/server/queries/reproducibleJobs.ts";
import { search } from "../../../explorer/server/queries/search.ts";
import { wordsOf } from "../../../explorer/server/queries/support/errorWords.ts";
import { sqliteStores } from "../../../explorer/store/sqliteStore.ts";
import type { RpcClient } from "../../../src/chain/rpc.ts";
import { PHASES } from "../../../src/training/reproducible/players/disputeView.ts";
import { playReproducibleRun, type ReproducibleRun } from "../../audit/reproducibleRun.ts";
import { BOND, CHALLENGE_BOND, FIRST_STEP, PAY, ROUNDS } from "../../reproducible/jobsWorld.ts";

// Eight jobs, whose disputes end in every way; see the audit's tests.
describe("the explorer's answers about reproducible jobs", () => {
  let run: ReproducibleRun;
  let context: ServerContext;

  const contextWith = (rpc: RpcClient): ServerContext => createContext({ ...context, rpc });

  before(async () => {
    run = await playReproducibleRun(await hre.network.create());
    const { rpc, deployment } = run;
    const indexer = await createIndexer({ rpc, deployment, openStore: sqliteStores({ folder: ":memory:" }) });
    await indexer.backfill();
    const artifacts = openArtifacts(hre.config.paths.artifacts);
    const indexing = () => ({ fromBlock: 0, toBlock: 0, done: true });
    context = createContext({ rpc, deployment, store: indexer.store, artifacts, indexing });
  });
  after(async () => {
    await context.store.close();
  });

  const answerOf = async (job: number, of = context): Promise<ReproducibleAnswer> =>
    answerSchema.parse(await reproducibleJob(of, { job }));

  it("list each job with where it stands", async () => {
    const { jobs } = await reproducibleJobs(context, {});
    expect(jobs.map(({ job, state, claimedRounds, disputes }) => [job, state, claimedRounds, disputes])).to.deep.equal([
      [8, "refuted", 1, 1],
      [7, "training", 1, 1],
      [6, "refuted", 1, 1],
      [5, "abandoned", 0, 0],
      [4, "stopped", 0, 0],
      [3, "cancelled", 0, 0],
      [2, "refuted", 1, 2],
      [1, "done", 2, 1],
    ]);
  });

  it("have state, deadline, claims and escrow as the contract does", async () => {
    const { reproducibleJobs: contract } = run.market;
    for (let job = 1; job <= 8; ++job) {
      const answer = await answerOf(job);
      const info = await contract.jobInfo(job);
      expect(answer.requester).to.equal(info.requester);
      expect(answer.escrow.heldTicks).to.equal(String(info.heldTicks));
      expect(answer.claimDeadline).to.equal(Number(info.claimDeadline));
      expect(answer.rounds.length).to.equal(Number(info.claimedRounds));
      expect(answer.rounds.filter(({ paid }) => paid !== null).length).to.equal(Number(info.settledRounds));
      for (const { round, checkpoints, endState, windowEnd } of answer.rounds) {
        const claim = await contract.claimInfo(job, round);
        expect([checkpoints, endState, windowEnd]).to.deep.equal([
          claim.checkpoints,
          claim.endState,
          Number(claim.windowEnd),
        ]);
      }
    }
    const { escrow, bond } = await answerOf(1);
    expect(escrow).to.deep.equal({
      paidInTicks: String(PAY * BigInt(ROUNDS)),
      paidOutTicks: String(PAY * BigInt(ROUNDS)),
      refundedTicks: "0",
      heldTicks: "0",
    });
    expect(bond).to.deep.equal({ ticks: String(BOND), outcome: "returned" });
    expect((await answerOf(2)).bond.outcome).to.equal("lost");
  });

  it("end every dispute with the clocks, node and place that the contract has, in as many moves", async () => {
    const { reproducibleJobs: contract } = run.market;
    const disputes = (await Promise.all([1, 2, 6, 7, 8].map(async (job) => (await answerOf(job)).disputes))).flat();
    expect(disputes.map(({ dispute, state, byClock }) => [dispute, state, byClock])).to.deep.equal([
      [1, "provider won", false],
      [2, "challenger won", false],
      [3, "withdrawn", false],
      [4, "challenger won", true],
      [5, "provider won", true],
      [6, "challenger won", false],
    ]);
    for (const { dispute, moves, challenger, bondTicks, winner, state } of disputes) {
      const info = await contract.disputeInfo(dispute);
      const last = moves.at(-1);
      expect(last, `moves of ${String(dispute)}`).to.include({
        phase: PHASES[Number(info.phase)],
        height: Number(info.height),
        index: String(info.index),
        node: info.node,
        providerSeconds: Number(info.providerClock),
        challengerSeconds: Number(info.challengerClock),
      });
      expect(challenger).to.equal(info.challenger);
      expect(bondTicks).to.equal(String(CHALLENGE_BOND));
      const provider = run.world.signer(2).address;
      expect(winner).to.equal({ "provider won": provider, "challenger won": challenger }[state] ?? null);
      // Each move left an event of its dispute, and is shown with that one.
      const told = await contract.queryFilter(contract.filters.RoundChallenged(dispute));
      for (const filter of [
        contract.filters.ChildrenRevealed(dispute),
        contract.filters.ChildNamed(dispute),
        contract.filters.LevelOpened(dispute),
        contract.filters.DisputeEnded(dispute),
      ]) {
        told.push(...((await contract.queryFilter(filter)) as unknown as typeof told));
      }
      const hashes = new Set(told.map(({ transactionHash }) => transactionHash));
      expect(new Set(moves.map(({ source }) => source.transactionHash))).to.deep.equal(hashes);
      expect(moves.length).to.equal(hashes.size);
      for (const { source, party, gasUsed } of moves) {
        const receipt = await run.market.connection.ethers.provider.getTransactionReceipt(source.transactionHash);
        expect([party, gasUsed]).to.deep.equal([receipt?.from, Number(receipt?.gasUsed)]);
      }
    }
  });

  it("name the operation that the referee computed, and both results where a provider lied", async () => {
    const [lost] = (await answerOf(2)).disputes;
    const operation = run.world.tape.primitives.findIndex(({ name }) => name === "layers.0.mlpIn.gradient");
    expect(lost?.place).to.deep.include({ step: FIRST_STEP + 1, operation, element: "9" });
    expect(lost?.refereed).to.include({ kind: "dot", formula: "a + v0 * v1" });
    expect(lost?.refereed?.claimed).not.to.equal(lost?.refereed?.computed);
    const [won] = (await answerOf(1)).disputes;
    expect(won?.refereed?.claimed).to.equal(won?.refereed?.computed);
    expect(won?.moves.at(-1)?.text).to.equal("proved what it had claimed");
    const [filled] = (await answerOf(8)).disputes;
    expect(filled?.refereed).to.equal(null);
    expect(filled?.moves.at(-1)?.text).to.match(/^named element \d of eight, beyond the last one and not zero$/);
  });

  it("say so where the node does not know what was called, and show the rest", async () => {
    const blind: RpcClient = {
      ...run.rpc,
      all: (calls) =>
        run.rpc.all(
          calls.map((call) => (call.method === "eth_getTransactionByHash" ? { ...call, parse: none } : call)),
        ),
    };
    const answer = await answerOf(2, contextWith(blind));
    expect(answer.movesKnown).to.equal(false);
    expect(answer.disputes.map(({ state, moves }) => [state, moves.length])).to.deep.equal([
      ["challenger won", 0],
      ["withdrawn", 0],
    ]);
    expect((await answerOf(2)).movesKnown).to.equal(true);
  });

  it("are found by the job's number, and refused for one that is not there", async () => {
    const { hits } = await search(context, { q: "2" });
    expect(hits).to.deep.include({ kind: "reproducible job", title: "Reproducible job 2", page: "/reproducible/2" });
    const missing: unknown = await reproducibleJob(context, { job: 99 }).catch((error: unknown) => error);
    expect(String(missing)).to.include("no such reproducible job");
  });

  it("have words for every error of the contract", () => {
    run.market.reproducibleJobs.interface.forEachError(({ name }) => {
      if (name === "SafeERC20FailedOperation") return;
      expect(wordsOf(name), name).not.to.equal(name);
    });
  });
});

function none(): never {
  return undefined as never;
}
