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
 * Quantises a pseudo-gradient to one signed byte a parameter and writes it in the one form that `decodeUpdate` takes.
 *
 * A block's scale is its largest size / 127; a value becomes size / scale, rounded half away from zero. Both divisions are
 * rounded to single precision. A block whose scale would be below 2^-126 is zero. So every machine writes the same bytes.
 *
 * @throws UPDATE_NOT_FINITE for a value that is no number, infinite, or above 127 x 2^20 in size.
 */
export function encodeUpdate(model: ModelConfig, gradient: Float32Array): Uint8Array {
  const blocks = updateBlocks(gradient.length);
  const bytes = new Uint8Array(updateBytes(gradient.length));
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(UPDATE_LAYOUT.magic));
  view.setUint16(4, UPDATE_LAYOUT.version, true);
  view.setUint16(6, UPDATE_LAYOUT.blockSize, true);
  modelShape(model).forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  view.setUint32(24, gradient.length, true);

  const valuesAt = UPDATE_LAYOUT.headerBytes + 4 * blocks;
  for (let block = 0; block < blocks; ++block) {
    const start = block * UPDATE_LAYOUT.blockSize;
    const values = gradient.subarray(start, start + UPDATE_LAYOUT.blockSize);
    const scale = scaleOf(values, start);
    view.setFloat32(UPDATE_LAYOUT.headerBytes + 4 * block, scale, true);
    if (scale === 0) continue;
    values.forEach((value, i) => view.setInt8(valuesAt + start + i, quantise(value, scale)));
  }
  return bytes;
}

function scaleOf(values: Float32Array, start: number): number {
  let largest = 0;
  values.forEach((value, i) => {
    const size = Math.abs(value);
    if (!(size <= LARGEST_STEP * LARGEST_SCALE)) {
      throw federatedError("UPDATE_NOT_FINITE", "A value of the update cannot be written", {
        parameter: start + i,
        value: String(value),
      });
    }
    if (size > largest) largest = size;
  });
  const scale = Math.fround(largest / LARGEST_STEP);
  return scale < SMALLEST_SCALE ? 0 : scale;
}

function quantise(value: number, scale: number): number {
  // The sum is exact in double precision, so that the one rounding is the one that is meant.
  const step = Math.min(Math.floor(Math.fround(Math.abs(value) / scale) + 0.5), LARGEST_STEP);
  return value < 0 ? -step : step;
}
