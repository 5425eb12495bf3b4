import type { GlobalState } from "./types.ts";
import { STATE_LAYOUT } from "./stateLayout.ts";
import { modelShape } from "./updateLayout.ts";

/** The bytes of a global state, whose content address is its `modelRoot`. */
export function encodeState({ model, round, weights, momentum }: GlobalState): Uint8Array {
  const bytes = new Uint8Array(STATE_LAYOUT.headerBytes + 8 * weights.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(STATE_LAYOUT.magic));
  view.setUint32(4, STATE_LAYOUT.version, true);
  modelShape(model).forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  view.setUint32(24, weights.length, true);
  view.setUint32(28, round, true);
  weights.forEach((value, i) => view.setFloat32(STATE_LAYOUT.headerBytes + 4 * i, value, true));
  const momentumAt = STATE_LAYOUT.headerBytes + 4 * weights.length;
  momentum.forEach((value, i) => view.setFloat32(momentumAt + 4 * i, value, true));
  return bytes;
}
