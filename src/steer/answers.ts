/** What a driver answers to each request. It reads jobs as any user of the package does, and does nothing by itself. */
import { basename } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import type { Job } from "../cluster/job.ts";
import type { OutputLine } from "../cluster/output-log.ts";
import type { PastJob } from "../cluster/past-jobs.ts";
import type { TransitionRecord } from "../cluster/story.ts";
import { packageVersion } from "../package-version.ts";
import { Batch } from "./batch.ts";
import type {
  CancelAnswer,
  DriverState,
  JobAddress,
  JobDetail,
  JobSummary,
  RankRange,
  Refusal,
  Request,
} from "./protocol.ts";
import { eventForJob, refusalOfRank, takenFromUsers } from "./user-events.ts";

/** The way back to who asked. Nothing is said after `end` or `error`. */
export interface Reply {
  next(value: unknown): void;
  end(value: unknown): void;
  error(refusal: Refusal): void;
}

/** Ends an answer that goes on. */
export type Stop = () => void;

/** The clusters of this program, by number. */
export type Clusters = ReadonlyMap<number, Cluster>;

const watchEveryMs = 100;
const recordsEveryMs = 50;
/** Waiting for late lines of ranks after their job has settled, in ms. */
const lateLinesMs = 100;

interface Found {
  readonly cluster: Cluster;
  readonly job: Job | undefined;
  readonly past: PastJob | undefined;
}

export function answer(request: Exclude<Request, { ask: "stop" }>, clusters: Clusters, reply: Reply): Stop | undefined {
  if (request.ask === "state") return void reply.end(stateOf(clusters));
  const found = find(request, clusters);
  if (!found) return void reply.error(noSuchJob(request));
  switch (request.ask) {
    case "inspect":
      return void reply.end(detailOf(request, found, request.last));
    case "watch":
      return watch(request, found, reply);
    case "records":
      return tellRecords(found, request.fromStart, reply);
    case "logs":
      return tellLines(request, found, reply);
    case "send":
      return void send(request, found, reply);
    case "cancel":
      return void cancel(found, request, reply);
  }
}

function stateOf(clusters: Clusters): DriverState {
  const [node, script, ...args] = process.argv;
  const name =
    script === undefined ? basename(node) : basename(script) === "main.js" ? "mpits" : `node ${basename(script)}`;
  return {
    pid: process.pid,
    program: [name, ...args].join(" ").slice(0, 200),
    workingDir: process.cwd(),
    version: packageVersion(),
    startedMs: performance.timeOrigin,
    clusters: [...clusters].map(([number, cluster]) => ({
      number,
      size: cluster.size,
      hosts: cluster.getSnapshot().hosts,
    })),
    jobs: [...clusters].flatMap(([number, cluster]) => summariesOf(number, cluster)),
  };
}

function summariesOf(number: number, cluster: Cluster): JobSummary[] {
  const past = cluster.pastJobs.map(({ snapshot }) => summary(number, "over", snapshot));
  const present = cluster.jobs.map((job) => summary(number, phaseOf(cluster, job), job.getSnapshot()));
  return [...past, ...present];
}

function summary(cluster: number, phase: JobSummary["phase"], snapshot: JobSummary["snapshot"]): JobSummary {
  return { cluster, job: snapshot.id, phase, snapshot };
}

function phaseOf(cluster: Cluster, job: Job): JobSummary["phase"] {
  return cluster.runningJob === job ? "running" : "queued";
}

function find({ cluster: number, job: id }: JobAddress, clusters: Clusters): Found | undefined {
  const cluster = clusters.get(number);
  const job = cluster?.jobs.find((each) => each.id === id);
  const past = cluster?.pastJobs.findLast(({ snapshot }) => snapshot.id === id);
  return cluster && (job || past) ? { cluster, job, past } : undefined;
}

/** @param last how many records of the job, and of each rank */
function detailOf(address: JobAddress, found: Found, last: number): JobDetail {
  const { cluster, job, past } = found;
  const snapshot = job?.getSnapshot() ?? past!.snapshot;
  return {
    ...summary(address.cluster, job ? phaseOf(cluster, job) : "over", snapshot),
    hosts: cluster.getSnapshot().hosts,
    nowMs: Date.now(),
    takes: job ? takenFromUsers(job) : [],
    records: job ? job.story(last) : lastOfEach(past!.story, last),
  };
}

function lastOfEach(records: readonly TransitionRecord[], last: number): TransitionRecord[] {
  const seen = new Map<number | undefined, number>();
  const kept = records.toReversed().filter(({ rank }) => {
    const count = (seen.get(rank) ?? 0) + 1;
    seen.set(rank, count);
    return count <= last;
  });
  return kept.reverse();
}

function watch(address: JobAddress, { cluster, job }: Found, reply: Reply): Stop | undefined {
  const now = () => detailOf(address, find(address, new Map([[address.cluster, cluster]]))!, 0);
  if (!job) return void reply.end(now());
  reply.next(now());
  const timer = setInterval(() => reply.next(now()), watchEveryMs).unref();
  const end = whenSettled(job, () => {
    clearInterval(timer);
    reply.end(now());
  });
  return () => {
    clearInterval(timer);
    end();
  };
}

function tellRecords({ job, past }: Found, fromStart: boolean, reply: Reply): Stop | undefined {
  const tell = (records: readonly TransitionRecord[], missed: number) => reply.next({ records, missed });
  if (!job) {
    if (fromStart) tell(past!.story, 0);
    return void reply.end({});
  }
  const batch = new Batch<TransitionRecord>(2000, recordsEveryMs, tell);
  if (fromStart) tell(job.story(), 0);
  const subscription = job.inspect({
    next: (record) => batch.push(record),
    complete() {
      batch.flush();
      reply.end({});
    },
  });
  return () => {
    subscription.unsubscribe();
    batch.close();
  };
}

function tellLines(
  { job: id, follow, ranks, tail = Number.POSITIVE_INFINITY }: Extract<Request, { ask: "logs" }>,
  { cluster, job }: Found,
  reply: Reply,
): Stop | undefined {
  const wanted = (line: OutputLine) => line.job === id && (ranks === undefined || isIn(ranks, line.rank));
  const all = cluster.output.lines().filter(wanted);
  reply.next(all.slice(Math.max(0, all.length - tail))); // as one, so that a long answer is not taken for a slow reader
  if (!follow || !job) return void reply.end({});
  const batch = new Batch<OutputLine>(10_000, 0, (lines, missed) => {
    reply.next(missed === 0 ? lines : [...lines, missedLine(id, missed)]);
  });
  const unfollow = cluster.output.follow((line) => {
    if (wanted(line)) batch.push(line);
  });
  const stop = (): void => {
    unfollow();
    batch.close();
  };
  const end = whenSettled(job, () => {
    batch.flush();
    setTimeout(() => {
      batch.flush();
      stop();
      reply.end({});
    }, lateLinesMs).unref();
  });
  return () => {
    end();
    stop();
  };
}

function isIn(ranges: readonly RankRange[], rank: number | undefined): boolean {
  return rank !== undefined && ranges.some(({ from, to }) => from <= rank && rank <= to);
}

function missedLine(job: string, missed: number): OutputLine {
  const text = `… ${missed} lines came too fast and are not shown`;
  return { timeMs: Date.now(), job, rank: undefined, host: undefined, stream: "log", text };
}

function send(request: Extract<Request, { ask: "send" }>, { job, past }: Found, reply: Reply): void {
  const { rank, event, data = {} } = request;
  const size = (job ? job.getSnapshot() : past!.snapshot).ranks.length;
  if (rank !== undefined && rank >= size)
    return reply.error({
      kind: "notFound",
      message: `${request.job} has ranks 0 to ${size - 1}, and no rank ${rank}.`,
    });
  if (!job) return reply.error(isOver(past!));
  if (rank !== undefined) return reply.error(refusalOfRank(rank, job.id, event));
  const checked = eventForJob(job, event, data);
  if ("refusal" in checked) return reply.error(checked.refusal);
  job.send(checked.event);
  reply.end({ state: job.getSnapshot().value });
}

function cancel({ job, past }: Found, { reason, graceMs }: Extract<Request, { ask: "cancel" }>, reply: Reply): void {
  if (!job) return reply.error(isOver(past!));
  const from = performance.now();
  let timer: NodeJS.Timeout | undefined;
  whenSettled(job, (state, elapsedMs) => {
    clearTimeout(timer);
    reply.end({ state, elapsedMs, tookMs: performance.now() - from } satisfies CancelAnswer);
  });
  job.cancel(reason, { force: graceMs === 0 });
  if (graceMs) timer = setTimeout(() => job.cancel(reason, { force: true }), graceMs).unref();
}

/** The function returned ends the waiting. */
function whenSettled(job: Job, settled: (state: string, elapsedMs: number) => void): Stop {
  const { unsubscribe } = job.inspect({
    complete: () => settled(job.actor.getSnapshot().value as string, job.stats.elapsedMs),
  });
  return unsubscribe;
}

function isOver({ snapshot: { id, value } }: PastJob): Refusal {
  return { kind: "notTaken", message: `${id} is ${value}: it takes no events any more.`, takes: [] };
}

function noSuchJob({ job }: JobAddress): Refusal {
  return { kind: "notFound", message: `there is no job ${job} any more.` };
}
