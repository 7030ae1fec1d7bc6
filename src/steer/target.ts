/** Which job is meant by what a person typed: `primeSearch#3`, a beginning of it, `4242:primeSearch#3`, each with `:RANK`. Pure. */
import { UsageError } from "../errors.ts";
import type { JobSummary } from "./protocol.ts";
import { SteerError } from "./steer-error.ts";

/** What was typed, taken apart; what was left out is undefined. */
export interface Target {
  readonly pid: number | undefined;
  /** The number of a cluster within its driver. */
  readonly cluster: number | undefined;
  /** The job's id or the beginning of it. */
  readonly job: string | undefined;
  readonly rank: number | undefined;
}

/** A job that can be meant. */
export interface Candidate extends JobSummary {
  readonly pid: number;
}

/** `[PID[/CLUSTER]:]JOB[:RANK]`, or a process id alone. @throws UsageError */
export function parseTarget(text: string | undefined): Target {
  const [, pid, cluster, rest = ""] = /^(?:(\d+)(?:\/(\d+))?(?::|$))?(.*)$/.exec(text ?? "") ?? [];
  const [, job = "", rank] = /^(.*?)(?::(\d+))?$/.exec(rest) ?? [];
  if (text !== undefined && !/^[\w.:#-]*$/.test(rest))
    throw new UsageError(
      `"${text}" names no job. A job is named as "mpits ps" shows it: primeSearch#1, or 4242:primeSearch#1.`,
    );
  const number = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));
  return { pid: number(pid), cluster: number(cluster), job: job === "" ? undefined : job, rank: number(rank) };
}

/**
 * The one job that is meant. What runs or waits comes before what is over, the whole id before the beginning of one.
 *
 * @throws SteerError `notFound` or `ambiguous`, with what there is
 */
export function choose<Job extends Candidate>(jobs: readonly Job[], target: Target, typed: string | undefined): Job {
  const there = jobs.filter(
    ({ pid, cluster }) =>
      (target.pid === undefined || pid === target.pid) && (target.cluster === undefined || cluster === target.cluster),
  );
  for (const fitting of tiers(there, target.job)) {
    if (fitting.length === 1) return fitting[0];
    if (fitting.length > 1)
      throw new SteerError(
        "ambiguous",
        `${fitting.length} jobs fit${quoted(typed)}: ${list(fitting)}. Name one of them.`,
      );
  }
  throw new SteerError("notFound", notFoundText(jobs, typed));
}

/** How a job is called so that no other is meant: with its driver where several drivers have one of that id. */
export function uniqueName(job: Candidate, among: readonly Candidate[]): string {
  const same = among.filter((each) => each.job === job.job);
  if (same.length <= 1) return job.job;
  const inDriver = same.filter(({ pid }) => pid === job.pid).length;
  return `${job.pid}${inDriver > 1 ? `/${job.cluster}` : ""}:${job.job}`;
}

/** In the order in which they are looked through. Without a name only what runs is meant. */
function tiers<Job extends Candidate>(jobs: readonly Job[], name: string | undefined): Job[][] {
  if (name === undefined) return [jobs.filter(({ phase }) => phase === "running")];
  const present = jobs.filter(({ phase }) => phase !== "over");
  const past = jobs.filter(({ phase }) => phase === "over");
  const exact = (all: readonly Job[]) => all.filter(({ job }) => job === name);
  const begun = (all: readonly Job[]) => all.filter(({ job }) => job.startsWith(name));
  return [exact(present), exact(past), begun(present), begun(past)];
}

function notFoundText(jobs: readonly Candidate[], typed: string | undefined): string {
  const what = typed === undefined ? "no job runs" : `there is no job ${JSON.stringify(typed)}`;
  const present = jobs.filter(({ phase }) => phase !== "over");
  if (present.length > 0) return `${what}; there ${present.length === 1 ? "is" : "are"} ${list(present)}.`;
  const past = jobs.filter(({ phase }) => phase === "over");
  const none = typed === undefined ? "" : ", and none runs";
  return past.length > 0 ? `${what}${none}; over: ${list(past)}.` : `${what}${none}.`;
}

function list(jobs: readonly Candidate[]): string {
  const names = jobs.slice(0, 10).map((job) => uniqueName(job, jobs));
  return names.join(", ") + (jobs.length > names.length ? ` and ${jobs.length - names.length} more` : "");
}

function quoted(typed: string | undefined): string {
  return typed === undefined ? "" : ` ${JSON.stringify(typed)}`;
}
