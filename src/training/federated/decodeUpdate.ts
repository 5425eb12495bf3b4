import type { ModelConfig } from "../types.ts";
import { federatedError } from "./federatedError.ts";
import {
  LARGEST_SCALE,
  LARGEST_STEP,
  modelShape,
  SMALLEST_SCALE,
  UPDATE_LAYOUT,
  updateBlocks,
  updateBytes,
} from "./updateLayout.ts";

/**
 * The pseudo-gradient that an update's bytes hold: step x scale in single precision.
 *
 * @throws UPDATE_LENGTH, UPDATE_MAGIC, UPDATE_VERSION, UPDATE_MODEL for bytes that are no update of this model;
 *   UPDATE_SCALE for a scale that is no number, infinite, negative (-0 too), too small or too large;
 *   UPDATE_NOT_CANONICAL for a second way to write the same values.
 */
export function decodeUpdate(model: ModelConfig, parameters: number, bytes: Uint8Array): Float32Array {
  checkHeader(model, parameters, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = updateBlocks(parameters);
  const valuesAt = UPDATE_LAYOUT.headerBytes + 4 * blocks;
  const gradient = new Float32Array(parameters);
  for (let block = 0; block < blocks; ++block) {
    const scale = view.getFloat32(UPDATE_LAYOUT.headerBytes + 4 * block, true);
    requireScale(scale, block);
    const start = block * UPDATE_LAYOUT.blockSize;
    const end = Math.min(start + UPDATE_LAYOUT.blockSize, parameters);
    let largest = 0;
    for (let i = start; i < end; ++i) {
      const step = view.getInt8(valuesAt + i);
      largest = Math.max(largest, Math.abs(step));
      // Written this way so that no value is -0.
      gradient[i] = step === 0 ? 0 : Math.fround(step * scale);
    }
    if (largest !== (scale === 0 ? 0 : LARGEST_STEP)) {
      throw federatedError("UPDATE_NOT_CANONICAL", "A block could be written in another way", {
        block,
        scale,
        largest,
      });
    }
  }
  return gradient;
}

function checkHeader(model: ModelConfig, parameters: number, bytes: Uint8Array): void {
  const expected = updateBytes(parameters);
  // Before anything else: nothing is read of bytes that are too few or too many.
  if (bytes.length !== expected) {
    throw federatedError("UPDATE_LENGTH", "The update has another length than its model gives", {
      expected,
      bytes: bytes.length,
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== UPDATE_LAYOUT.magic) {
    throw federatedError("UPDATE_MAGIC", "The bytes are no update");
  }
  const version = view.getUint16(4, true);
  const blockSize = view.getUint16(6, true);
  if (version !== UPDATE_LAYOUT.version || blockSize !== UPDATE_LAYOUT.blockSize) {
    throw federatedError("UPDATE_VERSION", "The update has another format", { version, blockSize });
  }
  const shape = [0, 1, 2, 3].map((i) => view.getUint32(8 + 4 * i, true)).join(" ");
  const expectedShape = modelShape(model).join(" ");
  const count = view.getUint32(24, true);
  if (shape !== expectedShape || count !== parameters) {
    throw federatedError("UPDATE_MODEL", "The update is of another model", {
      shape,
      expectedShape,
      parameters: count,
      expectedParameters: parameters,
    });
  }
}

function requireScale(scale: number, block: number): void {
  if (Object.is(scale, 0) || (scale >= SMALLEST_SCALE && scale <= LARGEST_SCALE)) return;
  const told = Object.is(scale, -0) ? "-0" : String(scale);
  throw federatedError("UPDATE_SCALE", "A block's scale is out of range", { block, scale: told });
}
