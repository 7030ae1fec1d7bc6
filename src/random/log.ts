/**
 * The natural logarithm of a probability, from + − × ÷ alone. `Math.log` may differ in its last bit between engines and processors;
 * this one is the same everywhere, so that a seed means the same draws on every host of a mixed cluster.
 */

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
/** Which word of a double has its exponent: typed arrays have the byte order of the machine. */
const UPPER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Added to the upper word, lifts a double to the next exponent if its mantissa is √2 or more (to 20 bits). */
const FROM_SQRT2 = 0x95f62;
/** 2^0 to 2^63. */
const POWERS = Float64Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** ln 2 in two pieces: the first has 32 bits, so that its products with an exponent are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/**
 * ln x for 2^−60 ≤ x ≤ 1, within 1 unit in the last place or so.
 *
 * x = 2^e · m with m between √½ and √2, and ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 …) with s = (m − 1) / (m + 1), |s| < 0.172.
 */
export function portableLog(x: number): number {
  bits[0] = x;
  const exponent = ((words[UPPER]! + FROM_SQRT2) >>> 20) - 1023;
  const f = x * POWERS[-exponent]! - 1;
  const s = f / (f + 2);
  const rest = 2 * tail(s * s);
  // ln m = s (2 + rest), but s was rounded and f is exact: s · 2 = f − s · f.
  return exponent * LN2_HIGH - (s * (f - rest) - exponent * LN2_LOW - f);
}

/** z/3 + z²/5 + z³/7 … up to the 11th term (the 12th is below 2^−60 for z < 0.0295), by G. Estrin's scheme. */
function tail(z: number): number {
  const z2 = z * z;
  const z4 = z2 * z2;
  const a = (1 / 9) * z + 1 / 7 + ((1 / 13) * z + 1 / 11) * z2;
  const b = (1 / 17) * z + 1 / 15 + ((1 / 21) * z + 1 / 19) * z2 + (1 / 23) * z4;
  return ((1 / 5) * z + 1 / 3 + (a + b * z4) * z2) * z;
}
