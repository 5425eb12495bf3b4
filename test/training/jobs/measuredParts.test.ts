import { expect } from "chai";
import { ZeroHash } from "ethers";
import { encodeState } from "../../../src/training/federated/encodeState.ts";
import { initialState } from "../../../src/training/federated/initialState.ts";
import { evaluateRound } from "../../../src/training/jobs/evaluateRound.ts";
import type { JobTerms, JobView, RoundView } from "../../../src/training/jobs/jobTypes.ts";
import { encodeUpdate } from "../../../src/training/federated/encodeUpdate.ts";
import { UPDATE_LAYOUT, updateBlocks } from "../../../src/training/federated/updateLayout.ts";
import { parseJobSpec, scoringRule } from "../../../src/training/jobs/jobSpec.ts";
import { jobMeasurement, requireMeasurement } from "../../../src/training/jobs/measured/jobMeasurement.ts";
import { groupsOf, nodeGroup, turnedWhereOther } from "../../../src/training/jobs/measured/stringNodes.ts";
import { DIFFERENCE, firstDifference } from "../../../src/training/jobs/measured/tableDifference.ts";
import { tableOf, tableStruct } from "../../../src/training/jobs/measured/tableStruct.ts";
import { unreadablePart } from "../../../src/training/jobs/measured/unreadablePart.ts";
import { bytesTree, hashPair } from "../../../src/training/reproducible/chunkTree.ts";
import { measurementPrograms } from "../../../src/training/reproducible/scoring/measurementPrograms.ts";
import { Choices } from "../../differential/random.ts";
import { codeOf } from "../support/codes.ts";
import { randomTable } from "../support/randomTables.ts";
import { MemoryStore, quickTrainer, SPEC, VALIDATION } from "./arena.ts";
import { FakeJobs } from "./fakeJobs.ts";

const MEASURED = parseJobSpec({ ...SPEC, sliceBytes: 40 });

describe("what a measured challenge is made of", () => {
  it("follows from the specification, and is nothing where that tells no length of slices", async () => {
    const programs = measurementPrograms({
      model: SPEC.model,
      rule: scoringRule(SPEC),
      sliceBytes: 40,
      maxWorkers: 2,
    });
    expect(programs.sliceBytes).to.equal(40);
    expect(jobMeasurement(SPEC, 2)).to.equal(ZeroHash);
    const measurement = jobMeasurement(MEASURED, 2);
    expect(measurement).to.not.equal(jobMeasurement(MEASURED, 3));
    requireMeasurement(1, { measurement, maxWorkers: 2 }, MEASURED);
    for (const [posted, spec] of [
      [ZeroHash, MEASURED],
      [measurement, SPEC],
      [jobMeasurement(MEASURED, 3), MEASURED],
    ] as const) {
      const joining = () => requireMeasurement(1, { measurement: posted, maxWorkers: 2 }, spec);
      expect(await codeOf(joining)).to.equal("JOB_TERMS_DIFFER");
    }
  });

  it("takes a slice of another length for one that is not to be had", async () => {
    const trainer = quickTrainer();
    const state = initialState(trainer, SPEC.seed);
    const store = new MemoryStore();
    const modelRoot = await store.put(encodeState(state));
    const chain = {
      ...new FakeJobs().chainFor("0x1111111111111111111111111111111111111111"),
      revealedSizes: () => Promise.resolve(new Map<string, number>()),
      terms: () => Promise.resolve({ maxUpdateBytes: 10_000 } as JobTerms),
    };
    const score = async (bytes: number) => {
      const validation = await store.put(VALIDATION.slice(0, bytes));
      const view = { round: 1, modelRoot } as JobView;
      const round = { seats: [] as RoundView["seats"], validation } as RoundView;
      return evaluateRound({ chain, store, trainer, spec: MEASURED, job: 1, view, round, patient: false });
    };
    expect(await score(41)).to.equal(null);
    expect((await score(40))?.scores).to.deep.equal([]);
  });

  it("is refused with Shapley values, of which the contract knows no rule", async () => {
    const measure = { kind: "shapley", permutations: 2, seed: ZeroHash, toleranceMicroNats: "0" };
    expect(await codeOf(() => parseJobSpec({ ...MEASURED, measure }))).to.equal("JOB_SPEC_INVALID");
    expect(await codeOf(() => parseJobSpec({ ...SPEC, sliceBytes: 65_538 }))).to.equal("JOB_SPEC_INVALID");
  });

  it("is told to the contract in bits, and read again", () => {
    const choices = new Choices("table structs");
    for (let run = 0; run < 100; ++run) {
      const { table } = randomTable(choices, 16);
      const struct = tableStruct(table);
      table.readable.forEach((reads, seat) => expect((struct.readable >> BigInt(seat)) & 1n).to.equal(reads ? 1n : 0n));
      expect(tableOf(struct)).to.deep.equal(table);
    }
  });

  it("is the first place where two tables differ", () => {
    const { table } = randomTable(new Choices("a table with everything 7"), 6);
    expect(firstDifference(table, { ...table })).to.deep.equal({ part: DIFFERENCE.next, position: 0 });
    const root = `0x${"77".repeat(32)}`;
    expect(firstDifference(table, { ...table, moved: root, next: root }).part).to.equal(DIFFERENCE.moved);
    const losses = table.losses.with(-1, (table.losses.at(-1) ?? 0n) + 1n);
    const last = { part: DIFFERENCE.loss, position: table.losses.length - 1 };
    expect(firstDifference(table, { ...table, losses, moved: root })).to.deep.equal(last);
    expect(firstDifference(table, { ...table, slice: root, losses }).part).to.equal(DIFFERENCE.slice);
  });

  it("shows where an update cannot be read, by the chunks that the contract looks at", () => {
    const model = SPEC.model;
    const parameters = 600;
    const gradient = Float32Array.from({ length: parameters }, (_, i) => Math.sin(i));
    const bytes = encodeUpdate(model, gradient);
    const header = `0x${Buffer.from(bytes.subarray(0, UPDATE_LAYOUT.headerBytes)).toString("hex")}`;
    expect(unreadablePart(bytes, parameters, header)).to.equal(undefined);
    const changed = (at: number, value: number) => {
      const other = bytes.slice();
      other[at] = value;
      return other;
    };
    const blocks = updateBlocks(parameters);
    const steps = UPDATE_LAYOUT.headerBytes + 4 * blocks;
    const chunks = (found: ReturnType<typeof unreadablePart>) => found?.leaves.map(({ chunk }) => chunk);
    const chunkAt = (of: Uint8Array, index: number) => `0x${bytesTree(of).leaf(index).toString("hex")}`;

    const foreign = changed(0, 0);
    expect(unreadablePart(foreign, parameters, header)?.part).to.equal(BigInt(blocks));
    expect(chunks(unreadablePart(foreign, parameters, header))).to.deep.equal([chunkAt(foreign, 0)]);
    // The sign of the second block's scale, in the chunk from byte 32 on.
    const negative = changed(UPDATE_LAYOUT.headerBytes + 7, 0xbf);
    expect(unreadablePart(negative, parameters, header)?.part).to.equal(1n);
    expect(chunks(unreadablePart(negative, parameters, header))).to.deep.equal([chunkAt(negative, 1)]);
    // -128 in the last block of 88 values, which begins at byte 40 + 512.
    const beyond = changed(steps + 599, 0x80);
    const found = unreadablePart(beyond, parameters, header);
    expect(found?.part).to.equal(2n);
    const first = Math.floor((steps + 512) / 32);
    const last = Math.floor((steps + 599) / 32);
    const all = Array.from({ length: last - first + 1 }, (_, i) => chunkAt(beyond, first + i));
    expect(chunks(found)).to.deep.equal([chunkAt(beyond, 1), ...all]);
  });

  it("shows the nodes above a string's chunks, and where another string has others", () => {
    const string = Uint8Array.from({ length: 64 * 1_500 + 10 }, (_, i) => i % 251);
    const tree = bytesTree(string);
    expect([groupsOf(32), groupsOf(33), groupsOf(65_536), groupsOf(string.length)]).to.deep.equal([0, 1, 1, 2]);
    const shown = [0, 1].flatMap((group) => {
      const { nodes, siblings } = nodeGroup(string, group);
      let level: Buffer[] = nodes.map((node) => Buffer.from(node.slice(2), "hex"));
      while (level.length > 1) {
        level = level.flatMap((left, i) => (i % 2 === 0 ? [hashPair(left, level[i + 1] ?? Buffer.alloc(32))] : []));
      }
      let node: Buffer = level[0] ?? Buffer.alloc(32);
      for (const [height, sibling] of siblings.entries()) {
        const other = Buffer.from(sibling.slice(2), "hex");
        node = (group >> height) & 1 ? hashPair(other, node) : hashPair(node, other);
      }
      expect(node).to.deep.equal(tree.root);
      return nodes;
    });
    expect(turnedWhereOther(string, shown)).to.equal(string);
    const turned = turnedWhereOther(string, shown.with(1_200, ZeroHash).with(1_300, ZeroHash));
    expect([...turned.keys()].filter((at) => turned[at] !== string[at])).to.deep.equal([64 * 1_200]);
  });
});
