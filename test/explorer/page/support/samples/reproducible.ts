import type { DisputeStep, ReproducibleAnswer } from "../../../../../explorer/api/reproducible.ts";
import type { Answer } from "../../../../../explorer/api/routes.ts";
import { addressOf, eventOf, FIRST_SLOT, hashOf, sourceOf } from "./parts.ts";

const START = FIRST_SLOT * 900;
const PROVIDER = addressOf("provider");
const CHALLENGER = addressOf("challenger");

export function sampleReproducibleJobs(): Answer<"reproducibleJobs"> {
  return {
    jobs: [
      {
        ...{ job: 1, requester: addressOf("requester"), provider: PROVIDER, state: "training" },
        ...{ claimedRounds: 2, disputes: 2, posted: sourceOf(1_000) },
      },
    ],
  };
}

/** A round is paid; of the second one's disputes one was lost by its challenger, and one goes on. */
export function sampleReproducible(): ReproducibleAnswer {
  return {
    job: 1,
    requester: addressOf("requester"),
    provider: PROVIDER,
    state: "training",
    posted: sourceOf(1_000),
    accepted: sourceOf(1_001),
    ended: null,
    claimDeadline: START + 90_000,
    terms: { programRoot: hashOf("program"), operations: 234, stride: 4, payTicks: "10000000000", clockSeconds: 600 },
    escrow: {
      paidInTicks: "30000000000",
      paidOutTicks: "10000000000",
      refundedTicks: "0",
      heldTicks: "20000000000",
    },
    bond: { ticks: "50000000000", outcome: "held" },
    rounds: [0, 1].map((round) => ({
      round,
      checkpoints: hashOf(`checkpoints ${String(round)}`),
      endState: hashOf(`state ${String(round)}`),
      windowEnd: START + 600 * (round + 1),
      openDisputes: round,
      claimed: sourceOf(1_010 + round),
      paid: round === 0 ? sourceOf(1_020) : null,
      paidTicks: round === 0 ? "10000000000" : "0",
    })),
    disputes: [
      {
        ...{ dispute: 1, round: 1, challenger: CHALLENGER, opened: sourceOf(1_030), state: "provider won" },
        ...{ winner: PROVIDER, byClock: false, ended: sourceOf(1_060), turn: null, bondTicks: "5000000000" },
        place: { step: 21, operation: 118, element: "77", term: 3 },
        refereed: {
          kind: "dot",
          formula: "a + v0 * v1",
          claimed: "0.25 (0x3e800000)",
          computed: "0.25 (0x3e800000)",
          gasUsed: 212_322,
          source: sourceOf(1_060),
        },
        moves: ["challenged round 1", "revealed 4 nodes below the one in question", "proved what it had claimed"].map(
          (text, index) => stepOf(text, index),
        ),
      },
      {
        ...{ dispute: 2, round: 1, challenger: addressOf("stranger"), opened: sourceOf(1_031), state: "open" },
        ...{ winner: null, byClock: false, ended: null, bondTicks: "5000000000" },
        turn: { party: PROVIDER, until: START + 1_800 },
        place: { step: null, operation: null, element: null, term: null },
        refereed: null,
        moves: [stepOf("challenged round 1", 0)],
      },
    ],
    movesKnown: true,
    events: { events: [eventOf("RoundClaimed", 1_011, { job: "1", round: 1 })] },
  };
}

function stepOf(text: string, index: number): DisputeStep {
  return {
    verb: ["challenge", "reveal", "prove"][index] ?? "point",
    text,
    party: index === 0 ? CHALLENGER : PROVIDER,
    time: START + 700 + 60 * index,
    gasUsed: 71_000 + index,
    source: sourceOf(1_030 + index),
    phase: ["checkpoints", "checkpoints", "providerWon"][index] ?? "steps",
    height: 2,
    index: "0",
    node: hashOf(`node ${String(index)}`),
    providerSeconds: 600 - 10 * index,
    challengerSeconds: 600,
  };
}
