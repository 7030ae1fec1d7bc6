/**
 * The ways to try a stretch of divisors, and the choice among them: the finite-difference filter, with its coefficients
 * computed in WASM or as bigints, and exact division in doubles, in limbs or as bigints. Called by trial-division.ts only.
 */
import { bitLength, log2 } from "./integer-sqrt.ts";
import { planSweep, type SweepPlan, stepsPerLook } from "./sweep-plan.ts";
import { trialModule } from "./trial-module.ts";
import { type Wheel, wheelsFor } from "./wheel.ts";

/** n, with what every step needs of it. */
export interface Dividend {
  readonly n: bigint;
  readonly lg: number;
  readonly bits: number;
  /** n · 2^64: one division by d gives the quotient with 64 bits of fraction. */
  readonly shifted: bigint;
  readonly wheels: { readonly small: Wheel; readonly large: Wheel };
}

/** What one step looked at: all divisors of the wheel from `start` to before `next`. Candidates are offsets from `start`. */
export interface Step {
  readonly start: bigint;
  readonly next: bigint;
  readonly candidates: Iterable<number>;
}

/** Divisors that the filter's coefficients in WASM are made for. */
const wasmSweepLimit = 2n ** 32n;
/** A limb has at least 8 bits and shares 64 with the remainder, which is smaller than the divisor. */
const limbLimit = 2n ** 56n;
const maxLimbs = 64;
/** A step extends by no more than this and a quarter of its start: it is planned for its start, and further up more is possible. */
const leastSpan = 4096n;
/** Width of a block from which on its coefficients may cost divisions of bigints rather than each divisor one in limbs. */
const worthBigInts = 2048;
/** A step starts where a turn of the wheel does, so by less than this below the divisor asked for. */
const widestTurn = 210n;

export function dividend(n: bigint): Dividend {
  return { n, lg: log2(n), bits: bitLength(n), shifted: n << 64n, wheels: wheelsFor(n) };
}

/**
 * Tries the divisors from `at` on, `budget` numbers or fewer (but at least one turn of the wheel), none of interest beyond
 * `last`. Every divisor of n that it passes is among the candidates; there may be others, and some outside the range.
 */
export function trialStep(of: Dividend, at: bigint, last: bigint, budget: number): Step {
  const span = minimum(last - at + 1n, minimum(at / 4n + leastSpan, budget));
  const plan = planSweep(of.lg, log2(at > widestTurn ? at - widestTurn : 1n), of.wheels);
  if (plan && isWorthItsSetUp(plan, of, at)) return sweepStep(of, at, span, plan);
  const wheel = of.wheels.large;
  const start = alignedTo(wheel, at);
  const turns = turnsFor(wheel, start, at, span);
  const end = start + BigInt(turns * wheel.stride);
  if (of.bits <= 53) return divideAsDoubles(of, wheel, start, turns);
  const limbBits = 64 - bitLength(end);
  if (end < limbLimit && fitsLimbs(of, limbBits)) return divideByLimbs(of, wheel, start, turns, limbBits);
  return divideBigInts(of, wheel, start, turns);
}

/** Three or four divisions of bigints for a block pay only where it is wide, or where dividing bigints is all there is. */
function isWorthItsSetUp({ wheel, steps, runs }: SweepPlan, of: Dividend, at: bigint): boolean {
  const inWasm = at < wasmSweepLimit && fitsLimbs(of, 32);
  return inWasm || wheel.stride * steps * runs >= worthBigInts || at >= limbLimit || !fitsLimbs(of, 8);
}

/** Filters with blocks of `plan`, which must hold from the turn of `at` on; shortened where the span ends sooner. */
function sweepStep(of: Dividend, at: bigint, span: number, plan: SweepPlan): Step {
  const start = alignedTo(plan.wheel, at);
  const turns = turnsFor(plan.wheel, start, at, span);
  const steps = Math.min(plan.steps, Math.ceil(turns / stepsPerLook) * stepsPerLook);
  const runs = Math.min(plan.runs, Math.ceil(turns / steps));
  const blocks = Math.max(1, Math.floor(turns / (steps * runs)));
  const end = start + BigInt(blocks * runs * steps * plan.wheel.stride);
  const shortened = { ...plan, steps, runs };
  return end <= wasmSweepLimit && fitsLimbs(of, 32)
    ? sweepInWasm(of, start, blocks, shortened)
    : sweepWithBigInts(of, start, blocks, shortened);
}

function sweepInWasm(of: Dividend, start: bigint, blocks: number, plan: SweepPlan): Step {
  const { wheel, steps, runs, cubic, epsilon } = plan;
  const { wasm, offsetsOf, hits } = trialModule();
  const { top, count } = layLimbs(of, 32);
  const done = wasm.sweepBlocks(
    top,
    count,
    start,
    blocks,
    runs,
    steps,
    cubic,
    wheel.stride,
    offsetsOf[wheel.index]!,
    groupsOf(wheel),
    epsilon,
  );
  return { start, next: start + BigInt(done * steps * wheel.stride), candidates: hits() };
}

/** Ends with the first block that has candidates, as the module's list holds those of one call. */
function sweepWithBigInts(of: Dividend, start: bigint, blocks: number, plan: SweepPlan): Step {
  const runWidth = BigInt(plan.steps * plan.wheel.stride);
  let next = start;
  for (let block = 0; block < blocks; block++) {
    const at = next;
    next = at + BigInt(sweepOneBlock(of, at, plan)) * runWidth;
    const { wasm, hits } = trialModule();
    if (wasm.hitsFound() === 0) continue;
    const first = Number(at - start);
    return { start, next, candidates: Array.from(hits(), (hit) => first + hit) };
  }
  return { start, next, candidates: [] };
}

/** Leaves its hits in the module, relative to `at`; returns how many runs it did. */
function sweepOneBlock(of: Dividend, at: bigint, { wheel, steps, runs, cubic, epsilon }: SweepPlan): number {
  const half = (steps * runs * wheel.stride) / 2;
  const [k0, k1, k2, k3] = polynomial(of, at + BigInt(half), cubic);
  const { wasm, offsetsOf } = trialModule();
  const offsets = offsetsOf[wheel.index]!;
  return wasm.sweepBlock(k0, k1, k2, k3, -half, runs, steps, cubic, wheel.stride, offsets, groupsOf(wheel), epsilon);
}

/** The coefficients of n / (centre + x) in powers of x, modulo 1, between −1/2 and 1/2; the cubic one only when asked for. */
export function polynomial(of: Dividend, centre: bigint, cubic: boolean): [number, number, number, number] {
  const c0 = of.shifted / centre;
  const c1 = c0 / centre;
  const c2 = c1 / centre;
  const c3 = cubic ? c2 / centre : 0n;
  return [fraction(c0), -fraction(c1), fraction(c2), -fraction(c3)];
}

/** The lowest 64 bits as a fraction of 1, between −1/2 and 1/2. */
function fraction(fixed: bigint): number {
  return Number(BigInt.asIntN(64, fixed)) * 2 ** -64;
}

function divideAsDoubles(of: Dividend, wheel: Wheel, start: bigint, turns: number): Step {
  const { wasm, offsetsOf, hits } = trialModule();
  const offsets = offsetsOf[wheel.index]!;
  const done = wasm.divideF64(Number(of.n), Number(start), turns, wheel.stride, offsets, groupsOf(wheel));
  return { start, next: start + BigInt(done * wheel.stride), candidates: hits() };
}

function divideByLimbs(of: Dividend, wheel: Wheel, start: bigint, turns: number, bits: number): Step {
  const { wasm, offsetsOf, hits } = trialModule();
  const { top, count } = layLimbs(of, bits);
  const offsets = offsetsOf[wheel.index]!;
  const done = wasm.divideLimbs(top, count, bits, start, turns, wheel.stride, offsets, groupsOf(wheel));
  return { start, next: start + BigInt(done * wheel.stride), candidates: hits() };
}

/** Lays out n for the module: the top limb is a word of 64 bits, the others are of `bits` bits each. */
function layLimbs(of: Dividend, bits: number): { readonly top: bigint; readonly count: number } {
  const { limbs } = trialModule();
  const count = Math.max(0, Math.ceil((of.bits - 64) / bits));
  for (let i = 0; i < count; i++) limbs[i] = BigInt.asUintN(bits, of.n >> BigInt((count - 1 - i) * bits));
  return { top: of.n >> BigInt(count * bits), count };
}

function divideBigInts(of: Dividend, wheel: Wheel, start: bigint, turns: number): Step {
  const candidates: number[] = [];
  for (let turn = 0; turn < turns; turn++)
    for (const offset of wheel.offsets) {
      const at = turn * wheel.stride + offset;
      if (of.n % (start + BigInt(at)) === 0n) candidates.push(at);
    }
  return { start, next: start + BigInt(turns * wheel.stride), candidates };
}

function fitsLimbs(of: Dividend, bits: number): boolean {
  return (of.bits - 64) / bits <= maxLimbs;
}

function alignedTo(wheel: Wheel, at: bigint): bigint {
  return at - (at % BigInt(wheel.stride));
}

/** Turns of the wheel, laid from `start` on, that cover `span` numbers from `at` on. */
function turnsFor(wheel: Wheel, start: bigint, at: bigint, span: number): number {
  return Math.ceil((Number(at - start) + span) / wheel.stride);
}

function groupsOf(wheel: Wheel): number {
  return wheel.offsets.length / 16;
}

function minimum(a: bigint, b: number): number {
  return a < BigInt(b) ? Number(a) : b;
}
