import { contentAddress } from "../store/contentAddress.ts";
import { encodeState } from "./encodeState.ts";
import type { GlobalState } from "./types.ts";

/** The content address of a global state: weights, momentum, model and round. */
export function modelRoot(state: GlobalState): string {
  return contentAddress(encodeState(state));
}
