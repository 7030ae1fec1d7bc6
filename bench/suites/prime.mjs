// Trial division: odd divisors tested a second on one core, ours against loops that gcc compiles here.
import { integerSqrt } from "../../dist/kernels/prime/integer-sqrt.js";
import { findOddDivisor } from "../../dist/kernels/prime/trial-division.js";
import { cProgram, needs } from "../support/peers.mjs";

const sampleMs = 300;
const root100 = integerSqrt(2n ** 100n);

export default {
  title: "Trial division, odd divisors a second on one core",
  rows: [
    row("2^53", "n = 2^53 − 111, all of 3 … √n", 2n ** 53n - 111n, 3n, integerSqrt(2n ** 53n), {
      remainder: 15,
      doubles: 4,
    }),
    row("2^64", "n = 2^64 − 59, all of 3 … √n", 2n ** 64n - 59n, 3n, integerSqrt(2n ** 64n), { remainder: 15 }),
    row("2^100-low", "n = 2^100 − 15, the exact first 0.002 % of the range", 2n ** 100n - 15n, 3n, root100, {
      remainder: undefined,
    }),
    row("2^100-high", "n = 2^100 − 15, from 0.7 √n on", 2n ** 100n - 15n, (root100 * 7n) / 10n, root100, {
      remainder: 15,
    }),
  ],
};

function row(id, what, n, from, to, reaches) {
  const peers = Object.entries(reaches).map(([kind, reach]) => ({
    name: `C, ${kind}`,
    needs: needs.gcc,
    reach,
    open: () => openC(kind, n, from, to),
  }));
  return { id, what, unit: "divisors/s", better: "more", ours: () => ({ sample: () => ourRate(n, from, to) }), peers };
}

/** Repeats short searches, and ends long ones. */
function ourRate(n, from, to) {
  const start = performance.now();
  const enough = () => performance.now() - start > sampleMs;
  let tested = 0;
  while (!enough()) tested += findOddDivisor(n, from, to, enough).tested;
  return (tested / (performance.now() - start)) * 1000;
}

function openC(kind, n, from, to) {
  const { run, close } = cProgram("trial-division.c", ["-O3", "-mavx2"]);
  const words = [n >> 64n, BigInt.asUintN(64, n), from, to];
  return { sample: () => Number(run(kind, ...words).split(" ")[0]), close };
}
