import { expect } from "chai";
import hre from "hardhat";
import { JouleworkError } from "../../../../src/errors.ts";
import type { Move } from "../../../../src/training/federated/measureMoves.ts";
import {
  scoreFromTable,
  tableQuestions,
  type TableQuestion,
  type TableSeat,
} from "../../../../src/training/federated/scoreFromTable.ts";
import { NO_ROOT, type ScoreTable } from "../../../../src/training/federated/scoreTable.ts";
import type { ScoringRule } from "../../../../src/training/federated/types.ts";
import { bytesTree } from "../../../../src/training/reproducible/chunkTree.ts";
import { encodeSelection } from "../../../../src/training/reproducible/scoring/index.ts";
import { floatBits } from "../../../../src/training/reproducible/tapeBuilder.ts";
import type { ScoreRulesHarness } from "../../../../typechain-types/index.ts";
import { Choices, fuzzRuns } from "../../../differential/random.ts";
import { randomTable, type RandomTable } from "../../../training/support/randomTables.ts";
import { PART, ruleStruct, tableStruct } from "./tables.ts";

const connection = await hre.network.create();
const RUNS = fuzzRuns(4);
const MOST_SEATS = 16;

async function deploy(): Promise<ScoreRulesHarness> {
  const { ethers } = connection;
  const rules = await ethers.deployContract("ScoreRules");
  return ethers.deployContract("ScoreRulesHarness", [], { libraries: { ScoreRules: await rules.getAddress() } });
}

function hashesOf(seats: readonly TableSeat[]): string[] {
  return seats.map(({ hash, verdict }) => (verdict === null && hash !== null ? hash : NO_ROOT));
}

/** In rising order, as places are given. */
function readableHashes({ readable }: ScoreTable, seats: readonly TableSeat[]): string[] {
  return seats.flatMap(({ hash }, seat) => (readable[seat] === true && hash !== null ? [hash] : [])).sort();
}

/** Products and squares are told of all players as they are, by the mean. */
function moveOf({ question }: TableQuestion): Move {
  if (question.kind === "loss") return question.move;
  return { rule: { kind: "mean" }, players: question.players, present: new Set(question.players), step: "averaging" };
}

function selectionRoot(move: Move, hashes: readonly string[], rule: ScoringRule): string {
  // One update that is zero stands in where none can be read.
  const measured = hashes.length === 0 ? [NO_ROOT] : hashes;
  return `0x${bytesTree(encodeSelection(move, measured, rule.outer)).root.toString("hex")}`;
}

describe("scores from a table, on the contract", () => {
  it(`are those of the trainer's rules for ${String(RUNS)} random tables`, async () => {
    const harness = await deploy();
    const choices = new Choices("score rules");
    const seen = { players: 0, groups: 0, paid: 0, lost: 0 };
    for (let run = 0; run < RUNS; ++run) {
      const { table, rule, seats } = randomTable(choices, choices.of([6, 6, 6, MOST_SEATS]));
      const expected = scoreFromTable(table, rule, seats);
      const given = await harness.scoresOf(ruleStruct(rule), hashesOf(seats), tableStruct(table));
      expect([...given], `run ${String(run)}`).to.deep.equal([...expected.scores]);
      seen.players += table.squares.length;
      seen.groups += expected.updates.filter(({ group }) => group.length > 1).length;
      seen.paid += expected.scores.filter((score) => score > 0n).length;
      seen.lost += expected.scores.filter((score) => score < 0n).length;
    }
    for (const [what, count] of Object.entries(seen)) expect(count, what).to.be.greaterThan(RUNS / 20);
  });

  it("ask for the measurements that the trainer's rules ask for", async () => {
    const harness = await deploy();
    const choices = new Choices("score selections");
    const parts = new Set<bigint>();
    for (let run = 0; run < RUNS; ++run) {
      const { table, rule, seats } = randomTable(choices, choices.of([4, 6, MOST_SEATS]));
      const hashes = readableHashes(table, seats);
      const questions = tableQuestions(table, rule, seats);
      const [part, position, asked] = oneQuestion(choices, questions, { table, rule, seats });
      parts.add(part);
      const measured = await harness.measuredBy(ruleStruct(rule), hashesOf(seats), tableStruct(table), part, position);
      expect(measured.selection, `run ${String(run)}`).to.equal(selectionRoot(asked, hashes, rule));
      expect(measured.seatOf.map((seat) => seats[Number(seat)]?.hash)).to.deep.equal(hashes);
      expect(measured.sorted, "which program").to.equal(
        part === PART.moved ||
          (part === PART.loss && position > table.squares.length) ||
          (part === PART.loss && table.squares.length === 0),
      );
      if (part === PART.square) expect(measured.element).to.equal(diagonalOf(questions, position, hashes));
      if (part === PART.product) expect(measured.element).to.equal(BigInt(position));
    }
    expect([...parts].sort()).to.deep.equal([PART.product, PART.square, PART.loss, PART.moved]);
  });

  it("refuse what no measurement gives, as the trainer's rules do", async () => {
    const harness = await deploy();
    const choices = new Choices("score tables that are wrong");
    let refused = 0;
    for (let run = 0; run < RUNS; ++run) {
      const random = randomTable(choices, 5);
      const table = spoil(choices, random);
      const call = harness.scoresOf(ruleStruct(random.rule), hashesOf(random.seats), tableStruct(table));
      let scores: readonly bigint[] | undefined;
      try {
        ({ scores } = scoreFromTable(table, random.rule, random.seats));
      } catch (error) {
        if (!(error instanceof JouleworkError) || error.code !== "SCORE_TABLE_INVALID") throw error;
      }
      if (scores === undefined) {
        ++refused;
        await expect(call, `run ${String(run)}`).to.be.revertedWithCustomError(harness, "BadTable");
      } else {
        expect([...(await call)], `run ${String(run)}`).to.deep.equal([...scores]);
      }
    }
    expect(refused).to.be.greaterThan(RUNS / 4);
  });
});

/** A measurement of a table, where it stands, and the move that it is of. */
function oneQuestion(
  choices: Choices,
  questions: readonly TableQuestion[],
  { table, rule, seats }: RandomTable,
): [bigint, number, Move] {
  const { taken } = scoreFromTable(table, rule, seats);
  const asked = questions[choices.whole(0, questions.length)];
  if (asked === undefined) return [PART.moved, 0, taken];
  const losses = questions.filter(({ question }) => question.kind === "loss");
  if (asked.question.kind === "loss") return [PART.loss, losses.indexOf(asked), moveOf(asked)];
  const part = asked.question.kind === "products" ? PART.product : PART.square;
  const { length } = part === PART.product ? table.products : table.squares;
  return [part, choices.whole(0, length - 1), moveOf(asked)];
}

/** Where a player's square is in the products of all places. */
function diagonalOf(questions: readonly TableQuestion[], player: number, hashes: readonly string[]): bigint {
  const asked = questions.find(({ question }) => question.kind === "squares")?.question;
  const hash = asked?.kind === "squares" ? asked.players[player]?.hash : undefined;
  return BigInt(hashes.indexOf(hash ?? "") * (hashes.length + 1));
}

/** One part of a table that somebody got wrong, or not. */
function spoil(choices: Choices, { table, seats }: RandomTable): ScoreTable {
  const infinite = floatBits(Infinity);
  const spoilers: readonly (() => Partial<ScoreTable>)[] = [
    () => ({ updates: [...table.updates, NO_ROOT] }),
    () => ({ updates: table.updates.map((root, seat) => (seat === 0 ? choices.hex(32) : root)) }),
    () => ({ readable: seats.map(() => true) }),
    () => ({ readable: [...table.readable, true] }),
    () => ({ products: [...table.products, 0] }),
    () => ({ squares: table.squares.slice(1) }),
    () => ({ squares: table.squares.map(() => choices.of([infinite, 0x80000000, 0x7fc00000, 1])) }),
    () => ({
      products: table.products.map((bits) => (choices.chance(0.2) ? choices.of([infinite, 0xff800000]) : bits)),
    }),
    () => ({ products: table.products.map((bits) => (choices.chance(0.2) ? (bits | 0x80000000) >>> 0 : bits)) }),
    () => ({ losses: table.losses.slice(0, -1) }),
    () => ({ losses: [...table.losses, 1n] }),
    () => ({ losses: table.losses.map((loss) => (choices.chance(0.2) ? (1n << 62n) + 1n : loss)) }),
    () => ({ losses: table.losses.map(() => BigInt(choices.whole(0, 3))) }),
  ];
  return { ...table, ...choices.of(spoilers)() };
}
