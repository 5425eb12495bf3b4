// Asks an index of the explorer in SQL: one select over the views of docs/explorer-sql.md.
import { readFile } from "node:fs/promises";
import Table from "cli-table3";
import { Command, InvalidArgumentError, Option } from "commander";
import { stringify } from "csv-stringify/sync";
import { postgresIndexes, sqliteIndexes, type StoredIndex } from "../explorer/store/indexes.ts";
import type { Selected } from "../explorer/store/selected.ts";
import { formatForUser, JouleworkError } from "../src/errors.ts";

interface Options {
  readonly data: string;
  readonly store?: string;
  readonly index?: string;
  readonly file?: string;
  readonly list?: true;
  readonly csv?: true;
  readonly json?: true;
}

const program = new Command("npm run sql --")
  .description("Ask the explorer's index in SQL: one select over the views of docs/explorer-sql.md.")
  .argument("[select]", "the question, in quotes")
  .option("--file <path>", "read the question from a file")
  .option("--data <dir>", "folder of the indexes", "cache/explorer")
  .addOption(new Option("--store <url>", "indexes in PostgreSQL: postgres://user@host/database").argParser(postgresUrl))
  .option("--index <name>", "another index than that which was opened last")
  .option("--list", "list the indexes")
  .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
  .option("--json", "print a JSON array of objects")
  .allowExcessArguments(false);

program.parse();
const options = program.opts<Options>();
try {
  const indexes = options.store === undefined ? sqliteIndexes(options.data) : await postgresIndexes(options.store);
  if (options.list === true) console.log(listed(indexes));
  else console.log(formatted(await chosen(indexes).select(await question(program.args[0]))));
} catch (error) {
  console.error(formatForUser(error));
  process.exitCode = 1;
}

async function question(argument: string | undefined): Promise<string> {
  if (options.file !== undefined && argument === undefined) return readFile(options.file, "utf8");
  if (argument !== undefined && options.file === undefined) return argument;
  throw new JouleworkError({
    code: "OPTION_INVALID",
    what: "There has to be one question, as the argument or with --file",
    hint: 'For example: npm run sql -- "select count(*) from events".',
  });
}

function chosen(indexes: readonly StoredIndex[]): StoredIndex {
  const found = options.index === undefined ? indexes[0] : indexes.find(({ name }) => name === options.index);
  if (found !== undefined) return found;
  throw new JouleworkError({
    code: "INDEX_MISSING",
    what: "There is no such index",
    values: { place: options.store === undefined ? options.data : "PostgreSQL", index: options.index ?? null },
    hint: "Start the explorer once, or name its folder with --data; --list shows what is there.",
  });
}

function listed(indexes: readonly StoredIndex[]): string {
  const columns = ["index", "chain id", "genesis", "run of the node", "opened"];
  const rows = indexes.map(({ name, chain: { chainId, genesisHash, instance }, opened }) => [
    ...[name, chainId, genesisHash.slice(0, 10), instance.slice(0, 10), new Date(opened).toISOString()],
  ]);
  return formatted({ columns, rows });
}

function formatted({ columns, rows }: Selected): string {
  if (options.json === true) {
    return JSON.stringify(
      rows.map((row) => Object.fromEntries(columns.map((column, place) => [column, row[place]]))),
      undefined,
      2,
    );
  }
  if (options.csv === true) return stringify([[...columns], ...rows.map((row) => row.map(text))]).trimEnd();
  const table = new Table({ head: [...columns], style: { head: [], border: [] } });
  // What somebody wrote on the chain must not steer the terminal.
  for (const row of rows) table.push(row.map((value) => text(value).replaceAll(/\p{Cc}/gu, " ")));
  return table.toString();
}

function text(value: unknown): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function postgresUrl(url: string): string {
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  throw new InvalidArgumentError("Give a URL such as postgres://user@host/database.");
}
