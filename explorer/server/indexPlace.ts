import { postgresStores } from "../store/postgresStore.ts";
import { sqliteStores } from "../store/sqliteStore.ts";
import type { OpenStore } from "../store/store.ts";

/** Where indexes are kept: a folder of SQLite files, or a PostgreSQL database by its URL. */
export type IndexPlace = { readonly folder: string } | { readonly postgres: string };

/** Opens the indexes of a place. */
export function openStores(place: IndexPlace): OpenStore {
  return "folder" in place ? sqliteStores(place) : postgresStores({ connectionString: place.postgres });
}
