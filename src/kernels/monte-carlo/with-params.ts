/** Gives the job's `params` to the user's functions as their last argument. */
import type { MonteCarloInput } from "./options.ts";

type Functions = Pick<MonteCarloInput, "sampleFn" | "evalFn" | "initFn" | "reduceFn" | "combineFn" | "params">;
type AnyFunction = (...args: never[]) => unknown;

/**
 * The same functions; with `params`, each with its argument more. Without, they are called with no more than their own: one that
 * takes any number of arguments, such as `Math.max`, must not find an undefined one among them.
 */
export function withParams<F extends Partial<Functions>>(functions: F): F {
  const { params } = functions;
  if (params === undefined) return functions;
  const { sampleFn, evalFn, initFn, reduceFn, combineFn } = functions as Partial<Record<keyof Functions, AnyFunction>>;
  const given = params as never;
  const bound: Partial<Record<keyof Functions, AnyFunction>> = {};
  if (sampleFn) bound.sampleFn = (rng, index) => sampleFn(rng, index, given);
  if (evalFn) bound.evalFn = (sample) => evalFn(sample, given);
  if (initFn) bound.initFn = () => initFn(given);
  if (reduceFn) bound.reduceFn = (acc, value) => reduceFn(acc, value, given);
  if (combineFn) bound.combineFn = (a, b) => combineFn(a, b, given);
  return { ...functions, ...bound };
}
