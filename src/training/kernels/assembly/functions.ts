// exp and log from additions, subtractions and multiplications of f32 alone, each rounded, in the order written here.
// Reduction and polynomials are those of Cephes (S. Moshier): about 2 units in the last place.

const LOG2_E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.12194440e-4;
/** 1.5 * 2^23: adding and subtracting it rounds to the nearest integer, ties to even. */
const ROUNDER: f32 = 12582912.0;

/** exp of four lanes; arguments are clamped to [-87, 88], so that no result is infinite or subnormal. NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exp4(argument: v128): v128 {
  const x = f32x4.min(f32x4.max(argument, f32x4.splat(-87)), f32x4.splat(88));
  const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(LOG2_E)), f32x4.splat(ROUNDER));
  const n = f32x4.sub(shifted, f32x4.splat(ROUNDER));
  const r = f32x4.sub(
    f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))),
    f32x4.mul(n, f32x4.splat(LN2_LOW)),
  );
  let p = f32x4.splat(1.9875691500e-4);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
  const y = f32x4.add(f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), r), f32x4.splat(1));
  // The low bits of `shifted` are n in two's complement: moved into the exponent they are 2^n.
  const power = i32x4.add(i32x4.shl(shifted, 23), i32x4.splat(0x3f800000));
  return f32x4.mul(y, power);
}

/** The first lane of exp4. */
export function exp(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** Natural logarithm of a positive, normal number. NaN and infinity stay what they are. */
export function log(x: f32): f32 {
  if (!(x < f32.MAX_VALUE)) return x;
  const bits = reinterpret<u32>(x);
  let exponent = <f32>(<i32>(bits >> 23) - 126);
  // In [0.5, 1).
  let m = reinterpret<f32>((bits & 0x007fffff) | 0x3f000000);
  if (m < 0.707106781186547524) {
    exponent = exponent - 1;
    m = m + m - 1;
  } else {
    m = m - 1;
  }
  const z: f32 = m * m;
  let p: f32 = 7.0376836292e-2;
  p = p * m - 1.1514610310e-1;
  p = p * m + 1.1676998740e-1;
  p = p * m - 1.2420140846e-1;
  p = p * m + 1.4249322787e-1;
  p = p * m - 1.6668057665e-1;
  p = p * m + 2.0000714765e-1;
  p = p * m - 2.4999993993e-1;
  p = p * m + 3.3333331174e-1;
  let y: f32 = p * m * z;
  y = y + exponent * LN2_LOW;
  y = y - 0.5 * z;
  return m + y + exponent * LN2_HIGH;
}
