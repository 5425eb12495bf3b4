import Table from "cli-table3";
import { Command } from "commander";
import { formatForUser } from "../src/errors.ts";
import { formatWhole } from "./dispute/formatWhole.ts";
import { fitGas, type GasLaw } from "./dispute/gasLaw.ts";
import { modelRows } from "./dispute/modelSizes.ts";
import { playDisputes, type PlayedDispute } from "./dispute/playDispute.ts";

/** Operations that the played disputes lead to: a sum over many terms, a map with many operands, a byte of the text. */
const OPERATIONS = ["layers.0.mlpIn.gradient", "weights.tokens", "inputs"];

new Command("dispute")
  .description("Play disputes about a changed bit on a chain in this process, and show what each move takes.")
  .allowExcessArguments(false)
  .parse();

try {
  const played = await playDisputes(OPERATIONS);
  const law = fitGas(played.flatMap(({ moves }) => moves));
  const [first] = played;
  if (first !== undefined) console.log(disputeText(first));
  console.log(`\n${summaryText(played)}\n\n${modelText(law)}`);
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

function disputeText({ moves, operation, winner, terms, gains }: PlayedDispute): string {
  const table = newTable(["move", "party", "verb", "gas", "calldata, bytes"], [0, 3, 4]);
  moves.forEach(({ party, verb, gas, bytes }, index) => {
    table.push([formatWhole(index + 1), party, verb, formatWhole(gas), formatWhole(bytes)]);
  });
  const { clockSeconds, extensionSeconds } = terms;
  const longest = 2 * clockSeconds + moves.length * extensionSeconds;
  return [
    `A bit of ${operation} is wrong: the ${winner} wins`,
    table.toString(),
    `bonds: provider ${formatWhole(terms.bond)}, challenger ${formatWhole(terms.challengeBond)} ticks`,
    `gains: challenger ${formatWhole(gains.challenger)} with its bond, requester ${formatWhole(gains.requester)}, season pool ${formatWhole(gains.seasonPool)} ticks`,
    `clocks: ${formatWhole(clockSeconds)} s a party, ${formatWhole(extensionSeconds)} s back a move: at most ${formatWhole(longest)} s for these moves`,
  ].join("\n");
}

function summaryText(played: readonly PlayedDispute[]): string {
  const table = newTable(["operation", "moves", "gas, provider", "gas, challenger", "calldata, bytes"], [1, 2, 3, 4]);
  for (const { operation, moves } of played) {
    const gasOf = (party: string): number => sum(moves.filter((move) => move.party === party).map(({ gas }) => gas));
    const bytes = sum(moves.map((move) => move.bytes));
    const [provider, challenger] = [gasOf("provider"), gasOf("challenger")];
    table.push([operation, ...[moves.length, provider, challenger, bytes].map(formatWhole)]);
  }
  return table.toString();
}

function modelText(law: GasLaw): string {
  const head = ["weights", "operations", "moves", "calldata, bytes", "gas", "state, MB", "step, MB"];
  const table = newTable(head, [0, 1, 2, 3, 4, 5, 6]);
  for (const { weights, operations, moves, bytes, gas, stateBytes, stepBytes } of modelRows(law)) {
    const figures = [weights, operations, moves, bytes, gas, stateBytes / 1e6, stepBytes / 1e6];
    table.push(figures.map((figure) => formatWhole(figure)));
  }
  const { perMove, perByte } = law;
  return [
    `gas of a move = ${formatWhole(perMove)} + ${perByte.toFixed(1)} x bytes of calldata, fitted over the moves above`,
    table.toString(),
  ].join("\n");
}

function newTable(head: string[], right: readonly number[]) {
  return new Table({
    head,
    colAligns: head.map((_, column) => (right.includes(column) ? "right" : "left")),
    style: { head: [], border: [], compact: true },
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
