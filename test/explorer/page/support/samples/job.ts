import type { JobAnswer, JobList } from "../../../../../explorer/api/job.ts";
import { addressOf, eventOf, FIRST_SLOT, hashOf, sourceOf, ZONE } from "./parts.ts";

const LOSSES = [4_812_331, 3_911_208, 3_402_777, 3_120_415];

export function sampleJob(): JobAnswer {
  return {
    job: 1,
    requester: addressOf("requester"),
    specHash: hashOf("specification"),
    state: "round",
    deadline: (FIRST_SLOT + 200) * 900,
    posted: sourceOf(900),
    terms: {
      rounds: 8,
      workers: 3,
      evaluators: 2,
      maxImportPrice: 240_000,
      maxScarcityPpm: 0,
      budgetTicks: "9000000000",
    },
    rounds: LOSSES.map((_, round) => roundOf(round)),
    losses: LOSSES.map((lossMicroNats, round) => ({ round, lossMicroNats: String(lossMicroNats) })),
    lossesPending: false,
    payouts: [
      { account: addressOf("worker 0"), part: "worker", amountTicks: "2104331775" },
      { account: addressOf("worker 1"), part: "worker", amountTicks: "1904331775" },
      { account: addressOf("evaluator 0"), part: "evaluator", amountTicks: "400000000" },
    ],
    escrow: { paidInTicks: "9000000000", paidOutTicks: "4408663550", refundedTicks: "0", heldTicks: "4591336450" },
    receipt: {
      energyWh: 12_345,
      co2Mg: "1834200",
      slots: LOSSES.map((_, round) => ({
        worker: addressOf(`worker ${String(round % 3)}`),
        zone: ZONE,
        slot: FIRST_SLOT + 40 + round,
        energyWh: 3_086,
        scarcityPpm: -312_000,
        co2Mg: "458550",
        source: sourceOf(3_900 + round),
      })),
      matchedPpm: 913_000,
    },
    events: { events: [eventOf("RoundEnded", 3_950, { job: 1, round: 3, modelRoot: hashOf("model 3") })] },
  };
}

function roundOf(round: number): JobAnswer["rounds"][number] {
  return {
    round,
    outcome: round === 3 ? "quorum failed" : "agreed",
    opened: {
      slot: FIRST_SLOT + 40 + round,
      importPrice: 201_337 + round * 1_000,
      scarcityPpm: -312_000,
      workers: 3,
      source: sourceOf(3_800 + round),
    },
    workers: [0, 1, 2].map((worker) => ({
      provider: addressOf(`worker ${String(worker)}`),
      status: worker === 2 && round === 3 ? "noReveal" : "paid",
      updateRoot: worker === 2 && round === 3 ? null : hashOf(`update ${String(round)} ${String(worker)}`),
      sizeBytes: worker === 2 && round === 3 ? null : 1_612_480,
      score: worker === 2 && round === 3 ? null : String(401_123 - round * 70_000 - worker * 20_111),
      paidTicks: worker === 2 && round === 3 ? "0" : "526082943",
      committed: sourceOf(3_820 + round),
      revealed: worker === 2 && round === 3 ? null : sourceOf(3_830 + round),
      paid: worker === 2 && round === 3 ? null : sourceOf(3_840 + round),
    })),
    evaluators: [
      { evaluator: addressOf("evaluator 0"), kind: "drawn", revealed: true, paidTicks: "100000000" },
      { evaluator: addressOf("evaluator 1"), kind: "requesterChosen", revealed: round !== 3, paidTicks: "0" },
    ],
    disputeMoves:
      round === 3
        ? [
            {
              text: "The results differ: the round is disputed",
              party: addressOf("evaluator 1"),
              reproducibleJob: null,
              source: sourceOf(3_845),
            },
            {
              text: "answered: the tables differ first in a loss (4), and it has to prove its own",
              party: addressOf("evaluator 0"),
              reproducibleJob: 2,
              source: sourceOf(3_846),
            },
          ]
        : [],
    modelRoot: hashOf(`model ${String(round)}`),
    ended: sourceOf(3_850 + round),
  };
}

export function sampleJobs(): JobList {
  return {
    jobs: [2, 1].map((job) => ({
      job,
      requester: addressOf("requester"),
      state: job === 2 ? "open" : "round",
      round: job === 2 ? 0 : 3,
      posted: sourceOf(900 * job),
    })),
  };
}
