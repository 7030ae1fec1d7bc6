/** What a caller may say of one job. */
import * as z from "zod";
import { expected, UsageError } from "../errors.ts";

/** Options of `spawn` and of the kernels' own functions. */
export interface SpawnOptions {
  /** Wait for the turn instead of failing when another job holds the cluster. Default false for `spawn`. */
  readonly queue?: boolean;
  /** Cancels the job when it aborts. */
  readonly signal?: AbortSignal;
  /** Cancels the job when it takes longer than this, in ms. Default: no limit. */
  readonly timeoutMs?: number;
  /** How long a cancelled kernel may go on before it loses its thread, in ms. Default: the cluster's `cancelGraceMs`. */
  readonly cancelGraceMs?: number;
  /** How many of the last transitions of the job, and of each of its ranks, are kept for `job.story`. Default 200. */
  readonly keepTransitions?: number;
  /** Whether the job fails when ranks wait for each other for ever. Default: the cluster's `detectDeadlocks`. */
  readonly detectDeadlocks?: boolean;
}

/** The options of a job with their defaults filled in. */
export interface JobOptions {
  readonly queue: boolean;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly cancelGraceMs: number;
  readonly keepTransitions: number;
  readonly detectDeadlocks: boolean;
}

/** Timers of longer than this fire at once in Node. */
const longestTimerMs = 2 ** 31 - 1;
const mostTransitions = 1e6;
const duration = z.number().min(0).max(longestTimerMs);
const checks = {
  queue: { ok: z.boolean(), expectation: "true or false" },
  signal: { ok: z.custom((value) => isAbortSignal(value)), expectation: "an AbortSignal" },
  timeoutMs: { ok: duration, expectation: `a number of milliseconds from 0 to ${longestTimerMs}` },
  cancelGraceMs: { ok: duration, expectation: `a number of milliseconds from 0 to ${longestTimerMs}` },
  keepTransitions: {
    ok: z.number().int().min(0).max(mostTransitions),
    expectation: `a whole number from 0 to ${mostTransitions}`,
  },
  detectDeadlocks: { ok: z.boolean(), expectation: "true or false" },
} as const;

/** @throws UsageError naming the option, what was expected and what came. */
export function parseJobOptions(
  options: SpawnOptions | undefined,
  defaults: { cancelGraceMs: number; detectDeadlocks?: boolean },
): JobOptions {
  if (options !== undefined && (typeof options !== "object" || options === null))
    throw expected("options", "an object", options);
  for (const [key, value] of Object.entries(options ?? {})) {
    if (!Object.hasOwn(checks, key))
      throw new UsageError(`unknown job option "${key}"; there are ${Object.keys(checks).join(", ")}.`);
    const { ok, expectation } = checks[key as keyof typeof checks];
    if (value !== undefined && !ok.safeParse(value).success) throw expected(key, expectation, value);
  }
  return {
    queue: options?.queue ?? false,
    signal: options?.signal,
    timeoutMs: options?.timeoutMs,
    cancelGraceMs: options?.cancelGraceMs ?? defaults.cancelGraceMs,
    keepTransitions: options?.keepTransitions ?? 200,
    detectDeadlocks: options?.detectDeadlocks ?? defaults.detectDeadlocks ?? true,
  };
}

function isAbortSignal(value: unknown): boolean {
  return typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
}
