/** The seed kernels as functions: one call, one job on the configured cluster (or the one that the options name). */
import { checkOptions } from "../errors.ts";
import { quietWhenCancelled, type RunOptions, runKernel } from "../infra.ts";
import type { Rng } from "../random/sample-rng.ts";
import { matMulKernel } from "./matmul/matmul.ts";
import type { Matrix, MatrixLike } from "./matmul/matrix.ts";
import type { Moments, MonteCarloResult } from "./monte-carlo/moments.ts";
import { monteCarloKernel } from "./monte-carlo/monte-carlo.ts";
import type { MonteCarloInput } from "./monte-carlo/options.ts";
import { primeSearch } from "./prime/prime-search.ts";

/**
 * Is `n` prime? Brute force by odd divisors up to √n on all ranks; ends everywhere as soon as one rank finds a divisor.
 * Negative numbers, 0 and 1 are not prime. Spawn `primeSearch` for the divisor and the counts.
 *
 * @param n a safe whole number, or a bigint of any size whose divisors can be walked
 * @throws UsageError for a fraction, NaN, or a number beyond 2^53 − 1 (pass a bigint)
 */
export function isPrime(n: number | bigint, options?: RunOptions): Promise<boolean> {
  return quietWhenCancelled(runKernel(primeSearch, { n }, options).then(({ prime }) => prime));
}

/**
 * The matrix product `a · b`, in blocks on all ranks. Forms and result types: docs/matmul.md.
 *
 * @param a shape m × k: nested arrays, or `{ shape, data }` with a typed array, or a strided view
 * @param b shape k × n
 * @returns shape m × n, row-major
 * @throws UsageError for wrong shapes, and where an integer result does not fit its type
 */
export function matMul(a: MatrixLike, b: MatrixLike, options?: RunOptions): Promise<Matrix> {
  return quietWhenCancelled(runKernel(matMulKernel, { a, b }, options));
}

/** Options of `monteCarlo`: the job's and its own. Reducers of your own come beside them, see `MonteCarloReducers`. */
export type MonteCarloOptions<Params = unknown> = RunOptions &
  Pick<MonteCarloInput, "seed" | "cancelCheckEvery"> & {
    /** What your functions get as their last argument, such as `{ strike: 105 }`. Goes once to each host; read-only there. */
    readonly params?: Params | undefined;
  };

/** Reducers of your own, as `monteCarlo` takes them: `Acc` is the accumulator, `Value` what `evalFn` gives. */
export interface MonteCarloReducers<Value, Acc, Result = Acc, Params = undefined> {
  /** A new, empty accumulator. */
  readonly initFn: (params: Params) => Acc;
  /** The accumulator with one more value; may change `acc` and return it. */
  readonly reduceFn: (acc: Acc, value: Value, params: Params) => Acc;
  /** Two accumulators as one, `a` of the earlier samples; may change `a` and return it. */
  readonly combineFn: (a: Acc, b: Acc, params: Params) => Acc;
  /** The result, made of the accumulator of all n samples, at the driver. Default: the accumulator itself. */
  readonly finalizeFn?: (acc: Acc, n: number) => Result | PromiseLike<Result>;
}

type Samples = Pick<MonteCarloInput, "n" | "sampleFn" | "evalFn">;

/** The default reducers, said or left out. */
interface NoReducers {
  readonly initFn?: undefined;
  readonly reduceFn?: undefined;
  readonly combineFn?: undefined;
}

/**
 * Draws `n` samples by `sampleFn(rng, index)` on all ranks, values each by `evalFn(sample)`, and reduces the values: to
 * `{ mean, variance, stderr, samples }`, or by reducers of your own (`initFn`, `reduceFn`, `combineFn`, `finalizeFn`).
 * The same seed gives the same bits on any number of ranks. The functions run on the ranks: see docs/monte-carlo.md.
 *
 * @param n whole number of samples, 1 or more
 * @throws UsageError for wrong options, and for a function that closes over a variable (it names the variable)
 */
export function monteCarlo<Sample, Params = undefined>(
  n: number,
  sampleFn: (rng: Rng, index: number, params: Params) => Sample,
  evalFn: (sample: Sample, params: Params) => number,
  options?: MonteCarloOptions<Params> & NoReducers & { readonly finalizeFn?: undefined },
): Promise<MonteCarloResult>;
export function monteCarlo<Sample, Result, Params = undefined>(
  n: number,
  sampleFn: (rng: Rng, index: number, params: Params) => Sample,
  evalFn: (sample: Sample, params: Params) => number,
  options: MonteCarloOptions<Params> &
    NoReducers & { readonly finalizeFn: (moments: Moments, n: number) => Result | PromiseLike<Result> },
): Promise<Result>;
export function monteCarlo<Sample, Value, Acc, Result = Acc, Params = undefined>(
  n: number,
  sampleFn: (rng: Rng, index: number, params: Params) => Sample,
  evalFn: (sample: Sample, params: Params) => Value,
  options: MonteCarloOptions<Params> & MonteCarloReducers<Value, Acc, Result, Params>,
): Promise<Result>;
export function monteCarlo(
  n: number,
  sampleFn: MonteCarloInput["sampleFn"],
  evalFn: MonteCarloInput["evalFn"],
  options?: MonteCarloOptions,
): Promise<unknown> {
  return quietWhenCancelled(runMonteCarlo(n, sampleFn, evalFn, options));
}

async function runMonteCarlo(
  n: number,
  sampleFn: MonteCarloInput["sampleFn"],
  evalFn: MonteCarloInput["evalFn"],
  options: RunOptions & Omit<MonteCarloInput, keyof Samples> = {},
): Promise<unknown> {
  checkOptions("options", options);
  const { cluster, queue, signal, timeoutMs, cancelGraceMs, ...own } = options;
  const input = { n, sampleFn, evalFn, ...own };
  const run = Object.entries({ cluster, queue, signal, timeoutMs, cancelGraceMs }).filter(
    ([, value]) => value !== undefined,
  );
  await refuseWhatCannotTravel(input);
  return await runKernel(monteCarloKernel, input, Object.fromEntries(run)); // awaited, so that the caller stands in the stack
}

/** Functions that go to the ranks are looked at before anything is launched; `finalizeFn` stays here. */
async function refuseWhatCannotTravel({
  sampleFn,
  evalFn,
  initFn,
  reduceFn,
  combineFn,
}: MonteCarloInput): Promise<void> {
  const { describeFunction } = await import("../functions/portable.ts");
  for (const fn of [sampleFn, evalFn, initFn, reduceFn, combineFn]) if (typeof fn === "function") describeFunction(fn);
}
