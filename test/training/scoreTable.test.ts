import { expect } from "chai";
import { scoreFromTable, tableQuestions, type TableSeat } from "../../src/training/federated/scoreFromTable.ts";
import {
  NO_ROOT,
  scoreTableFromJson,
  scoreTableToJson,
  type ScoreTable,
} from "../../src/training/federated/scoreTable.ts";
import type { ScoringRule } from "../../src/training/federated/types.ts";
import { floatBits } from "../../src/training/reproducible/tapeBuilder.ts";
import { Choices, fuzzRuns } from "../differential/random.ts";
import { codeOf } from "./support/codes.ts";
import { randomTable } from "./support/randomTables.ts";
import { honest, remade, RULE, score, SHAPLEY } from "./support/scoringCase.ts";

const root = (digit: string): string => `0x${digit.repeat(64)}`;
const bits = (...values: number[]) => values.map(floatBits);
const seat = (hash: string, verdict: TableSeat["verdict"] = null): TableSeat => ({ hash: root(hash), verdict });

describe("the table of a round", () => {
  // By hand. Hashes in order: seats 1, 3, 0 and 4; seat 2 has a copy, and seat 5 what cannot be read. Lengths 2, 2 (of one
  // direction), 4 and 0: one player of seats 1 and 3, and one of seat 0, which is shortened to half among both.
  const seats = [seat("c"), seat("a"), seat("a", "copy"), seat("b"), seat("d"), seat("e")];
  const table: ScoreTable = {
    model: root("1"),
    slice: root("2"),
    updates: [root("3"), root("4"), NO_ROOT, root("5"), root("6"), root("7")],
    readable: [true, true, false, true, true, false],
    products: bits(4, 4, 0, 0, 4, 4, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0),
    squares: bits(4, 16),
    // Nobody, either alone; both, all but either; still, outer, averaging.
    losses: [1_000n, 900n, 994n, 880n, 991n, 897n, 1_000n, 870n, 880n],
    moved: root("8"),
    next: root("9"),
  };
  const questions = (of: ScoreTable, rule: ScoringRule = RULE) => tableQuestions(of, rule, seats);

  it("gives scores by whole numbers alone", () => {
    const { scores, updates, taken, lossBefore, lossAfter } = scoreFromTable(table, RULE, seats);
    expect(scores).to.deep.equal([17n, 55n, 0n, 55n, 0n, 0n]);
    const verdicts = updates.map(({ verdict }) => verdict);
    expect(verdicts).to.deep.equal(["counted", "counted", "copy", "counted", "empty", "refused"]);
    expect(updates[1]?.group).to.deep.equal([1, 3]);
    expect([lossBefore, lossAfter, taken.step]).to.deep.equal([1_000n, 870n, "outer"]);
  });

  it("says what was measured, each by what was found before", () => {
    const asked = questions(table).map(({ question }) => question);
    expect(asked.map(({ kind }) => kind)).to.deep.equal(["products", "squares", ...Array<string>(9).fill("loss")]);
    const moves = asked.flatMap((question) => (question.kind === "loss" ? [question.move] : []));
    const hashes = moves.map(({ present }) => [...present].map(({ hash }) => hash[2]).join(""));
    expect(hashes).to.deep.equal(["", "a", "c", "ac", "c", "a", "", "ac", "ac"]);
    // Of two the upper square is the median: nobody is shortened.
    expect(moves[3]?.players.map(({ factor }) => factor)).to.deep.equal([1, 1]);
    expect(moves.map(({ step }) => step).join(" ")).to.match(/^(averaging ){7}outer averaging$/);
  });

  it("shortens those who lead anew, without those who are of no use", () => {
    // Three of lengths 1, 2 and 4: the middle one is 2; then of 1 and 4 the longer one.
    const three = [seat("a"), seat("b"), seat("c")];
    const lengths: ScoreTable = {
      ...table,
      updates: [root("3"), root("4"), root("5")],
      readable: [true, true, true],
      products: bits(1, 0, 0, 0, 4, 0, 0, 0, 16),
      squares: bits(1, 4, 16),
      losses: [1_000n, 900n, 1_000n, 900n, 800n, 900n, 890n, 1_000n, 1_100n, 790n],
    };
    const asked = tableQuestions(lengths, RULE, three).flatMap(({ question }) =>
      question.kind === "loss" ? [question.move.players.map(({ factor }) => factor)] : [],
    );
    expect(asked[0]).to.deep.equal([1, 1, 0.5]);
    expect(asked[4]).to.deep.equal([1, 1]);
    const { scores, taken } = scoreFromTable(lengths, RULE, three);
    expect(scores).to.deep.equal([100n, 0n, 90n]);
    expect(taken.step).to.equal("averaging");
  });

  it("pays nothing where neither step lowers the loss, and takes none with the worst one", () => {
    const losses = [...table.losses.slice(0, -2), 1_000n, 1_000n];
    const { scores, taken, lossAfter } = scoreFromTable({ ...table, losses }, RULE, seats);
    expect(scores).to.deep.equal([0n, 0n, 0n, 0n, 0n, 0n]);
    expect([taken.players.length, lossAfter]).to.deep.equal([0, 1_000n]);
    const worst = 1n << 62n;
    const lost = [...table.losses.slice(0, -3), worst, worst, worst];
    expect(scoreFromTable({ ...table, losses: lost }, RULE, seats).taken.players).to.deep.equal([]);
  });

  it("is the one that the scores of a round were made of", async () => {
    const [a, b, c] = [await honest(1), await honest(2), await honest(3)];
    const updates = [
      a,
      remade(b, (value) => -10 * value),
      b,
      c,
      remade(a, (value, i) => value * (i % 2 ? 1 : 0.97)),
      a,
    ];
    for (const rule of [RULE, SHAPLEY, { ...RULE, aggregation: { kind: "median" } } satisfies ScoringRule]) {
      const { table: measured, ...result } = await score(updates, rule);
      const known = result.updates.map(({ hash, verdict }) => ({ hash, verdict: verdict === "copy" ? verdict : null }));
      const again = scoreFromTable(scoreTableFromJson(scoreTableToJson(measured)), rule, known);
      const { updates: scored, scores, lossBefore, lossAfter } = result;
      expect(again).to.deep.include({ updates: scored, scores, lossBefore, lossAfter });
    }
  });

  it("has as many measurements as its rules ask for, and no others", async () => {
    const wrong: Partial<ScoreTable>[] = [
      { losses: table.losses.slice(1) },
      { losses: [...table.losses, 0n] },
      { losses: [(1n << 62n) + 1n, ...table.losses.slice(1)] },
      { products: table.products.slice(1) },
      { products: [...table.products.slice(0, -1), floatBits(NaN)] },
      { products: [floatBits(Infinity), ...table.products.slice(1)] },
      { products: [...table.products.slice(0, -1), floatBits(-0)] },
      { squares: bits(4) },
      { squares: bits(4, -16) },
      { readable: table.readable.slice(1) },
      { updates: [...table.updates, NO_ROOT] },
      // A copy is not read, and what is not there cannot be.
      { updates: table.updates.with(2, root("4")) },
      { updates: table.updates.with(0, NO_ROOT) },
      // Without an update there is nothing to multiply.
      { readable: table.readable.map(() => false), losses: [1n] },
    ];
    for (const change of wrong) {
      expect(await codeOf(() => scoreFromTable({ ...table, ...change }, RULE, seats))).to.equal("SCORE_TABLE_INVALID");
    }
  });

  it("is read again from JSON as it was, and not otherwise", async () => {
    const text = scoreTableToJson(table);
    expect(scoreTableFromJson(text)).to.deep.equal(table);
    for (const damaged of ["", "{}", text.replace('"880"', "880"), text.replace('"slice"', '"slices"')]) {
      expect(await codeOf(() => scoreTableFromJson(damaged))).to.equal("SCORE_TABLE_DAMAGED");
    }
  });

  it("pays only for losses that fall, and never more members than there are, whatever it says", () => {
    const choices = new Choices("score tables");
    for (let run = 0; run < fuzzRuns(); ++run) {
      const { table: random, rule, seats: places } = randomTable(choices);
      const { scores, updates, lossBefore, lossAfter, taken } = scoreFromTable(random, rule, places);
      const paid = scores.filter((value) => value > 0n);
      expect(lossAfter <= lossBefore).to.equal(true);
      if (taken.players.length === 0) expect(paid).to.deep.equal([]);
      updates.forEach(({ verdict, group, score: value }, index) => {
        if (random.readable[index] !== true) expect([value, group.length]).to.deep.equal([0n, 0]);
        for (const member of group) expect(updates[member]).to.deep.include({ group, verdict, score: value });
        if (value > 0n) expect(verdict).to.equal("counted");
      });
    }
  });
});
