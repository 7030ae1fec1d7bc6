/**
 * The quantile function of the standard normal distribution, from + − × ÷ √ alone, so that it is the same on every host.
 *
 * Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution" (PPND16), Applied
 * Statistics 37 (1988) 477–484; relative error about 1e−16.
 */
import { portableLog } from "./log.ts";

/** Coefficients of a polynomial of degree 7, highest power first. */
type Degree7 = readonly [number, number, number, number, number, number, number, number];

const CENTRE_OVER: Degree7 = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
  133.14166789178438, 3.3871328727963665,
];
const CENTRE_UNDER: Degree7 = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
  42.31333070160091, 1,
];
const NEAR_OVER: Degree7 = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
  5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const NEAR_UNDER: Degree7 = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
  1.6763848301838038, 2.053191626637759, 1,
];
const FAR_OVER: Degree7 = [
  2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
  1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const FAR_UNDER: Degree7 = [
  2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
  0.1369298809227358, 0.599832206555888, 1,
];

/**
 * The value that a standard normal variable stays below with probability ½ + q.
 *
 * @param q a probability less ½, strictly between −½ and ½: centred, so that both tails keep all their bits
 */
export function normalQuantile(q: number): number {
  const size = Math.abs(q);
  if (size <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE_OVER, r)) / polynomial(CENTRE_UNDER, r);
  }
  const r = Math.sqrt(-portableLog(0.5 - size));
  const x =
    r <= 5
      ? polynomial(NEAR_OVER, r - 1.6) / polynomial(NEAR_UNDER, r - 1.6)
      : polynomial(FAR_OVER, r - 5) / polynomial(FAR_UNDER, r - 5);
  return q < 0 ? -x : x;
}

/** The polynomial at r, by G. Estrin's scheme: half the depth of Horner's, so that the processor can work on it abreast. */
function polynomial(c: Degree7, r: number): number {
  const r2 = r * r;
  const upper = (c[0] * r + c[1]) * r2 + (c[2] * r + c[3]);
  const lower = (c[4] * r + c[5]) * r2 + (c[6] * r + c[7]);
  return upper * (r2 * r2) + lower;
}
