import type { RoundRule } from "../../federated/roundRules.ts";
import { readableUpdates, type TableSeat } from "../../federated/scoreFromTable.ts";
import { NO_ROOT, type ScoreTable } from "../../federated/scoreTable.ts";
import type { AggregationRule, OuterOptimizer } from "../../federated/types.ts";
import { bytesTree, ChunkTree } from "../../reproducible/chunkTree.ts";
import type { MeasuredProgram, MeasurementPrograms } from "../../reproducible/scoring/measurementPrograms.ts";
import { encodeSelection } from "../../reproducible/scoring/selection.ts";
import { bitsFloat } from "../../reproducible/tapeBuilder.ts";
import { DIFFERENCE, measuredMove, type CasePlace } from "./tableDifference.ts";

/** The terms of a reproducible job that say what decides about a difference. */
export interface CaseTerms {
  readonly program: MeasuredProgram["program"];
  readonly initialState: string;
  readonly dataset: string;
  /** Whether the challenger has to prove, and not who answered. */
  readonly challengerProves: boolean;
}

/** What of a job's programs scores follow from. */
export function programsRule({
  nearCopy,
  leastSharePpm,
  aggregation,
  trimPpm,
}: Pick<MeasurementPrograms, "nearCopy" | "leastSharePpm" | "aggregation" | "trimPpm">): RoundRule {
  const rules: readonly AggregationRule[] = [{ kind: "mean" }, { kind: "median" }, { kind: "trimmed-mean", trimPpm }];
  return {
    nearCopy: bitsFloat(nearCopy),
    leastSharePpm,
    aggregation: rules[aggregation] ?? { kind: "mean" },
    measure: { kind: "leave-one-out" },
  };
}

/**
 * The job by which the contract decides about the first difference of two tables, from roots alone. Undefined where it posts none,
 * since who cannot read an update shows why.
 *
 * @param table Of who answers.
 */
export function caseTerms(
  programs: MeasurementPrograms,
  seats: readonly TableSeat[],
  rival: ScoreTable,
  table: ScoreTable,
  place: CasePlace,
): CaseTerms | undefined {
  const { part, position } = place;
  const about = ({ program, initialState }: MeasuredProgram, dataset: string, challengerProves = false): CaseTerms => {
    return { program, initialState, dataset, challengerProves };
  };
  if (part === DIFFERENCE.readable) return undefined;
  if (part === DIFFERENCE.model) return about(programs.stateAddress, table.model);
  if (part === DIFFERENCE.slice) return about(programs.sliceAddress, table.slice);
  if (part === DIFFERENCE.next) return about(programs.readState, rootOver([table.model, table.next]));
  if (part === DIFFERENCE.update) {
    const own = table.updates[position] ?? NO_ROOT;
    // Nothing is claimed by a root that is zero.
    const theirs = own === NO_ROOT;
    return about(programs.updateAddress, theirs ? (rival.updates[position] ?? NO_ROOT) : own, theirs);
  }
  return about(...measurementTerms(programs, seats, table, place));
}

function measurementTerms(
  programs: MeasurementPrograms,
  seats: readonly TableSeat[],
  table: ScoreTable,
  place: CasePlace,
): readonly [MeasuredProgram, string] {
  const rule = programsRule(programs);
  const outer: OuterOptimizer = { learningRate: bitsFloat(programs.rate), momentum: bitsFloat(programs.mu) };
  const move = measuredMove(table, rule, seats, place);
  const readable = readableUpdates(table, seats);
  const read = readable.map(({ seat }) => table.updates[seat] ?? NO_ROOT);
  // Where none can be read, one that is zero has the place.
  const roots = read.length > 0 ? read : [programs.zeroUpdate];
  const hashes = read.length > 0 ? readable.map(({ hash }) => hash) : [programs.zeroUpdate];
  const selection = `0x${bytesTree(encodeSelection(move, hashes, outer)).root.toString("hex")}`;
  const list = move.rule.kind === "mean" ? programs.mean : programs.sorted;
  const program = list[roots.length - 1];
  if (program === undefined) throw new RangeError(`there is no program for ${String(roots.length)} updates`);
  return [program, rootOver([table.slice, ...roots, selection, table.model])];
}

function rootOver(roots: readonly string[]): string {
  return `0x${new ChunkTree(roots.map((root) => Buffer.from(root.slice(2), "hex"))).root.toString("hex")}`;
}
