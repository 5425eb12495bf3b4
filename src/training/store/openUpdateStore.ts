import { directoryStore } from "./directoryStore.ts";
import { httpStore } from "./httpStore.ts";
import type { UpdateStore } from "./types.ts";

/** The update store at a place: behind an http(s) address, or in a folder. */
export function openUpdateStore(place: string): UpdateStore {
  return /^https?:/.test(place) ? httpStore({ url: place }) : directoryStore({ directory: place });
}
