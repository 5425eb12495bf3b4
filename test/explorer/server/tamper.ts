import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { PLACES_PER_BLOCK } from "../../../explorer/store/place.ts";

/** Changes an index as somebody with a SQLite shell would; returns how each change has to be named. */
export function tamper(folder: string): string[] {
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".sqlite"));
  const database = new DatabaseSync(join(folder, file ?? ""), { timeout: 10_000 });
  try {
    const places = database
      .prepare("SELECT place, type FROM event WHERE place IN (SELECT place FROM event_subject) ORDER BY place LIMIT 40")
      .all()
      .map((row) => ({ place: Number(row.place), type: Number(row.type) }));
    const at = (index: number): { place: number; type: number } => places[index] ?? { place: 0, type: 0 };
    const named = ({ place }: { readonly place: number }): string =>
      `${String(Math.floor(place / PLACES_PER_BLOCK))}, ${String(place % PLACES_PER_BLOCK)}`;
    const [changed, missing, added, unlisted, claimed] = [at(5), at(12), at(20), at(30), at(35)];
    const place = added.place + 500;
    database.prepare(`UPDATE event SET args = '{"amount":1}' WHERE place = ?`).run(changed.place);
    database.prepare("DELETE FROM event WHERE place = ?").run(missing.place);
    database
      .prepare("INSERT INTO event SELECT ?, tx, type, args, subjects FROM event WHERE place = ?")
      .run(place, added.place);
    database.prepare("DELETE FROM event_subject WHERE place = ?").run(unlisted.place);
    // A subject that the chain does not know, with an event of another one.
    database.exec("INSERT INTO subject VALUES (999999, 'job', '4711')");
    database.prepare("INSERT INTO event_subject VALUES (999999, ?, ?)").run(claimed.place, claimed.type);
    database.exec("INSERT INTO subject VALUES (999998, 'party', 'somebody')");
    const hidden = { place: Number(database.prepare("SELECT min(place) AS place FROM party_tx").get()?.place) };
    database.prepare("DELETE FROM party_tx WHERE place = ?").run(hidden.place);
    database.prepare("UPDATE block SET gas_used = gas_used + 1 WHERE number = 50").run();
    const { tx } = database.prepare("SELECT max(place) AS tx FROM tx").get() ?? {};
    database.prepare("UPDATE tx SET succeeded = 1 - succeeded WHERE place = ?").run(Number(tx));
    return [
      `event ${named(changed)}: args`,
      `event ${named(missing)}: missing`,
      `event ${named({ place })}: added`,
      `event ${named(unlisted)} is listed under`,
      `event ${named(claimed)} is listed under job 4711`,
      "subject party somebody",
      `transaction ${named(hidden)} is listed under party`,
      "block 50: gasUsed",
      `transaction ${named({ place: Number(tx) })}: succeeded`,
    ];
  } finally {
    database.close();
  }
}
