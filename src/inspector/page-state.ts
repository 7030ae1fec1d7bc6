/** A cluster and one of its jobs at this moment, as the page shows them. It reads what any user of the package can. */
import { hostname } from "node:os";
import { basename } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import type { Job } from "../cluster/job.ts";
import type { JobTraffic } from "../cluster/star.ts";
import { packageVersion } from "../package-version.ts";
import type { CancelRequest, DriverShown, JobShown, JobState, PageData, PageState, RankTraffic } from "./protocol.ts";
import type { Recorder } from "./recorder.ts";

/** @param id of the job that is looked at */
export function pageState(cluster: Cluster, recorder: Recorder, id: string | undefined): PageState {
  const job = id === undefined ? undefined : jobState(cluster, recorder, id);
  return {
    nowMs: Date.now(),
    driver: driverShown(),
    jobs: jobsShown(cluster),
    hosts: cluster.getSnapshot().hosts,
    ...(job && { job }),
  };
}

/** The job to look at where none is asked for: the one that runs, else the last that ran. */
export function latestJob(cluster: Cluster): string | undefined {
  return cluster.runningJob?.id ?? cluster.pastJobs.at(-1)?.snapshot.id ?? cluster.jobs[0]?.id;
}

/** All that is known of a job; undefined when there is none of this name. */
export function pageData(cluster: Cluster, recorder: Recorder, job: string): PageData | undefined {
  const state = pageState(cluster, recorder, job);
  const recording = recorder.of(job);
  if (!state.job) return undefined;
  const lines = cluster.output.lines().filter((line) => line.job === job);
  return {
    state,
    records: recording?.rowsFrom(0, Number.POSITIVE_INFINITY).told ?? { rows: [], dropped: 0 },
    samples: recording?.samplesAfter(0) ?? [],
    traffic: trafficTold(talkOf(cluster, job)),
    lines,
  };
}

/** What ranks of a job have said to each other; the list is the same as long as nothing new is known. */
export function talkOf(cluster: Cluster, id: string): Talk {
  const job = cluster.jobs.find((each) => each.id === id);
  return (job ?? cluster.pastJobs.findLast(({ snapshot }) => snapshot.id === id))?.stats ?? silence;
}

type Talk = Pick<JobTraffic, "betweenRanks" | "least">;

const silence: Talk = { betweenRanks: [], least: { ranks: 0, hosts: 0 } };

export function trafficTold({ betweenRanks, least }: Talk): RankTraffic {
  const pairs = betweenRanks.flatMap(({ from, to, messages, bytes }) => [from, to, messages, bytes]);
  return { pairs, leastBytes: least.ranks };
}

/** What came from a page, checked for its shape; undefined when it has another. */
export function parseCancel(request: unknown): CancelRequest | undefined {
  if (typeof request !== "object" || request === null) return undefined;
  const { job, force } = request as Partial<Record<keyof CancelRequest, unknown>>;
  return typeof job === "string" && typeof force === "boolean" ? { job, force } : undefined;
}

export function hasJob(cluster: Cluster, id: string): boolean {
  return cluster.jobs.some((job) => job.id === id) || cluster.pastJobs.some(({ snapshot }) => snapshot.id === id);
}

function jobsShown(cluster: Cluster): JobShown[] {
  const past = cluster.pastJobs.map(({ snapshot: { id, value } }) => ({ id, value, phase: "over" as const }));
  return [
    ...past,
    ...cluster.jobs.map((job) => ({ id: job.id, value: job.getSnapshot().value, phase: phaseOf(cluster, job) })),
  ];
}

function jobState(cluster: Cluster, recorder: Recorder, id: string): JobState | undefined {
  const job = cluster.jobs.find((each) => each.id === id);
  const past = cluster.pastJobs.findLast(({ snapshot }) => snapshot.id === id);
  if (!job && !past) return undefined;
  const cause = recorder.of(id)?.cause;
  const { betweenRanks: _, ...stats } = (job ?? past!).stats;
  const snapshot = job?.getSnapshot() ?? past!.snapshot;
  return {
    phase: job ? phaseOf(cluster, job) : "over",
    snapshot: snapshot.elapsedMs > 0 ? snapshot : { ...snapshot, ranks: [] }, // it has not begun: they work for another job
    stats,
    cancelGraceMs: cluster.configuration.cancelGraceMs,
    ...(cause !== undefined && { cause }),
  };
}

function phaseOf(cluster: Cluster, job: Job): JobShown["phase"] {
  return cluster.runningJob === job ? "running" : "queued";
}

let driver: DriverShown | undefined;

function driverShown(): DriverShown {
  driver ??= {
    program: [basename(process.argv[1] ?? process.argv[0]!), ...process.argv.slice(2)].join(" ").slice(0, 200),
    pid: process.pid,
    machine: hostname(),
    version: packageVersion(),
  };
  return driver;
}
