/** From what a person typed to the job and a link to its driver. */
import { UsageError } from "../errors.ts";
import { DriverGoneError, type DriverLink, RefusedError } from "./client.ts";
import { type Drivers, findDrivers } from "./drivers.ts";
import type { JobAddress, Refusal } from "./protocol.ts";
import { SteerError } from "./steer-error.ts";
import { type Candidate, choose, parseTarget, uniqueName } from "./target.ts";

/** A job that was found, with the way to its driver open. */
export interface FoundJob {
  readonly link: DriverLink;
  readonly address: JobAddress;
  /** How it is called among all that are there. */
  readonly name: string;
  readonly rank: number | undefined;
  readonly summary: Candidate;
}

/** @throws SteerError, or UsageError for what can't be the name of a job */
export async function findJob(typed: string | undefined): Promise<FoundJob> {
  const target = parseTarget(typed);
  const drivers = await findDrivers();
  try {
    const jobs = candidates(drivers);
    if (target.pid !== undefined && !drivers.alive.some(({ state }) => state.pid === target.pid))
      throw driverProblem(target.pid, drivers);
    const job = choose(jobs, target, typed);
    const { pid, cluster } = job;
    const { link } = drivers.alive.find(({ state }) => state.pid === pid)!;
    closeAll(drivers, link);
    return { link, address: { cluster, job: job.job }, name: uniqueName(job, jobs), rank: target.rank, summary: job };
  } catch (error) {
    closeAll(drivers);
    throw error instanceof SteerError && error.kind === "notFound" ? withHints(error, drivers) : error;
  }
}

/** All jobs of all drivers. */
export function candidates({ alive }: Drivers): Candidate[] {
  return alive.flatMap(({ state }) => state.jobs.map((job) => ({ ...job, pid: state.pid })));
}

export function closeAll({ alive }: Drivers, but?: DriverLink): void {
  for (const { link } of alive) if (link !== but) link.close();
}

/** Runs what talks to a driver; what the driver refuses and its death become errors that say so. The link is closed. */
export async function talking<T>({ link }: Pick<FoundJob, "link">, talk: (link: DriverLink) => Promise<T>): Promise<T> {
  try {
    return await talk(link);
  } catch (cause) {
    if (cause instanceof RefusedError) throw errorOf(cause);
    if (cause instanceof DriverGoneError) throw new SteerError("unreachable", cause.message, { cause });
    throw cause;
  } finally {
    link.close();
  }
}

function errorOf(cause: RefusedError): Error {
  const { kind, message } = cause.refusal;
  return kind === "wrong"
    ? new UsageError(message, { cause })
    : new SteerError(kind, refusalText(cause.refusal), { cause });
}

function refusalText({ kind, message, takes = [] }: Refusal): string {
  if (kind !== "notTaken") return message;
  return takes.length === 0 ? message : `${message} It takes: ${takes.join(", ")}.`;
}

function driverProblem(pid: number, { silent, removed }: Drivers): SteerError {
  if (silent.includes(pid))
    return new SteerError(
      "unreachable",
      `driver ${pid} does not answer: it is stopped, or computes in its main thread.`,
    );
  const left = removed.some((path) => path.includes(`/${pid}-`));
  return new SteerError(
    left ? "unreachable" : "notFound",
    left
      ? `driver ${pid} is dead; what it left behind was removed.`
      : `there is no driver with process id ${pid}. "mpits ps" lists them.`,
  );
}

/** What else may be the reason that nothing was found. */
function withHints(error: SteerError, { silent, problems }: Drivers): SteerError {
  const quiet =
    silent.length > 0 ? ` Not answering: ${silent.length === 1 ? "driver" : "drivers"} ${silent.join(", ")}.` : "";
  const hints = problems.map((problem) => ` ${problem}`).join("");
  return new SteerError("notFound", error.message + quiet + hints, { cause: error });
}
