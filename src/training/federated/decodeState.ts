import type { ModelConfig } from "../types.ts";
import { federatedError } from "./federatedError.ts";
import { STATE_LAYOUT } from "./stateLayout.ts";
import type { GlobalState } from "./types.ts";
import { modelShape } from "./updateLayout.ts";

/**
 * Reads what `encodeState` wrote.
 *
 * @throws STATE_INVALID for another length, format, model, or a value that is no finite number.
 */
export function decodeState(model: ModelConfig, parameters: number, bytes: Uint8Array): GlobalState {
  const expected = STATE_LAYOUT.headerBytes + 8 * parameters;
  if (bytes.length !== expected) {
    throw federatedError("STATE_INVALID", "The state has another length than its model gives", {
      expected,
      bytes: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = [4, 8, 12, 16, 20, 24].map((at) => view.getUint32(at, true)).join(" ");
  const expectedHeader = [STATE_LAYOUT.version, ...modelShape(model), parameters].join(" ");
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== STATE_LAYOUT.magic || header !== expectedHeader) {
    throw federatedError("STATE_INVALID", "The bytes are no state of this model", { header, expectedHeader });
  }
  const values = (from: number) =>
    Float32Array.from({ length: parameters }, (_, i) => {
      const value = view.getFloat32(from + 4 * i, true);
      if (Number.isFinite(value)) return value;
      throw federatedError("STATE_INVALID", "A value of the state is not finite", { offset: from + 4 * i });
    });
  return {
    model,
    round: view.getUint32(28, true),
    weights: values(STATE_LAYOUT.headerBytes),
    momentum: values(STATE_LAYOUT.headerBytes + 4 * parameters),
  };
}
