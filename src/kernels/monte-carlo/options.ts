/** What a Monte Carlo job takes, and the checks before anything is launched. */
import { expected, UsageError } from "../../errors.ts";
import type { Rng } from "../../random/sample-rng.ts";
import { freshSeed, type Seed, seedKey } from "../../random/seed.ts";

/**
 * The input of the Monte Carlo kernel. `sampleFn`, `evalFn`, `initFn`, `reduceFn` and `combineFn` run on the ranks, synchronously;
 * `finalizeFn` runs at the driver, as does `combineFn` for the last few accumulators.
 */
export interface MonteCarloInput {
  /** Number of samples, a whole number of 1 or more. */
  readonly n: number;
  /** Makes sample number `index` (0 to n − 1) from its own stream of random numbers. */
  readonly sampleFn: (rng: Rng, index: number, params: never) => unknown;
  /** The value of a sample: a number, or whatever your `reduceFn` takes. */
  readonly evalFn: (sample: never, params: never) => unknown;
  /** A new, empty accumulator. Comes together with `reduceFn` and `combineFn`; default: mean and variance. */
  readonly initFn?: ((params: never) => unknown) | undefined;
  /** The accumulator with one more value; may change `acc` and return it. */
  readonly reduceFn?: ((acc: never, value: never, params: never) => unknown) | undefined;
  /** Two accumulators as one, `a` of the earlier samples; may change `a` and return it. */
  readonly combineFn?: ((a: never, b: never, params: never) => unknown) | undefined;
  /** The result, made of the accumulator of all n samples (default reducers: `{ count, mean, m2 }`). May be asynchronous. */
  readonly finalizeFn?: ((acc: never, n: number) => unknown) | undefined;
  /** What your functions get as their last argument: data that changes from job to job, sent once to each host. Read-only. */
  readonly params?: unknown;
  /** Default: a new random one, so that no two jobs are the same. */
  readonly seed?: Seed | undefined;
  /** Look for a cancel after this many samples, 1 or more. Default: about once a millisecond. */
  readonly cancelCheckEvery?: number | undefined;
}

const REDUCERS = ["initFn", "reduceFn", "combineFn"] as const;
const OPTIONS = [...REDUCERS, "finalizeFn", "params", "seed", "cancelCheckEvery"] as const;
const KNOWN = new Set<string>(["n", "sampleFn", "evalFn", ...OPTIONS]);

/**
 * Checks everything that can be checked before the job is launched, and gives it a seed if it has none.
 *
 * @throws UsageError naming the option, what was expected and what came
 */
export function prepareInput(input: MonteCarloInput): MonteCarloInput & { readonly seed: Seed } {
  if (typeof input !== "object" || input === null)
    throw expected("monteCarlo's input", "an object { n, sampleFn, evalFn, … }", input);
  refuseUnknown(input);
  if (!isCount(input.n)) throw expected("n", "a whole number of 1 or more", input.n);
  for (const name of ["sampleFn", "evalFn"] as const)
    if (typeof input[name] !== "function") throw expected(name, "a function", input[name]);
  for (const name of [...REDUCERS, "finalizeFn"] as const)
    if (input[name] !== undefined && typeof input[name] !== "function") throw expected(name, "a function", input[name]);
  refuseHalfReducers(input);
  if (input.cancelCheckEvery !== undefined && !isCount(input.cancelCheckEvery))
    throw expected("cancelCheckEvery", "a whole number of 1 or more", input.cancelCheckEvery);
  const seed = input.seed ?? freshSeed();
  seedKey(seed);
  return { ...input, seed };
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function refuseUnknown(input: MonteCarloInput): void {
  const unknown = Object.keys(input).find((key) => !KNOWN.has(key));
  if (unknown !== undefined)
    throw new UsageError(
      `monteCarlo knows no option "${unknown}"; the options are ${OPTIONS.join(", ")}, and those of any job.`,
    );
}

function refuseHalfReducers(input: MonteCarloInput): void {
  const missing = REDUCERS.filter((name) => input[name] === undefined);
  if (missing.length === 0 || missing.length === REDUCERS.length) return;
  const given = REDUCERS.filter((name) => input[name] !== undefined);
  throw new UsageError(
    `initFn, reduceFn and combineFn come together: got ${given.join(" and ")} without ${missing.join(" and ")}.`,
  );
}
