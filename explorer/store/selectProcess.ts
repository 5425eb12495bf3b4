import { text } from "node:stream/consumers";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

// Started by selectFromFile.ts: argument 1 is the file, argument 2 the most rows; the question comes on the standard input.
const [path = "", mostRows = ""] = process.argv.slice(2);

const SELECT = /^(\s|--.*\n|\/\*[^]*?\*\/)*(select|with)\b/i;

process.stdout.write(JSON.stringify(answer(await text(process.stdin))));

function answer(sql: string): object {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec("PRAGMA query_only = 1");
  try {
    const statement = database.prepare(sql);
    // What stands behind the first statement was not compiled.
    if (sql.slice(statement.sourceSQL.length).trim() !== "") return { refused: "more than one statement" };
    if (!SELECT.test(sql)) return { refused: "not a select" };
    statement.setReadBigInts(true);
    statement.setReturnArrays(true);
    const rows: unknown[][] = [];
    // Arrays, as was asked for above, which the types do not know.
    for (const row of statement.iterate() as Iterable<unknown> as Iterable<SQLOutputValue[]>) {
      if (rows.length >= Number(mostRows)) return { refused: `more than ${mostRows} rows` };
      rows.push(row.map(plain));
    }
    return { columns: statement.columns().map(({ name }) => name), rows };
  } catch (error) {
    return { refused: error instanceof Error ? error.message : String(error) };
  } finally {
    database.close();
  }
}

function plain(value: SQLOutputValue): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Uint8Array ? `0x${Buffer.from(value).toString("hex")}` : value;
}
