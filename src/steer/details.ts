/** A driver, its jobs, and one job in detail, as plain data for others. */
import { basename } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import type { Job } from "../cluster/job.ts";
import type { PastJob } from "../cluster/past-jobs.ts";
import type { TransitionRecord } from "../cluster/story.ts";
import { packageVersion } from "../package-version.ts";
import type { DriverState, JobAddress, JobDetail, JobSummary, TrafficTold } from "./protocol.ts";
import { takenFromUsers } from "./user-events.ts";

/** Pairs of ranks that are told of: among hundreds of ranks there may be tens of thousands. */
const mostPairs = 100;

/** The clusters of this program, by number. */
export type Clusters = ReadonlyMap<number, Cluster>;

/** A job of one of them: one that runs or waits, or else one that is over. */
export interface Found {
  readonly cluster: Cluster;
  readonly job: Job | undefined;
  readonly past: PastJob | undefined;
}

export function stateOf(clusters: Clusters): DriverState {
  const [node, script, ...args] = process.argv;
  const name =
    script === undefined
      ? basename(node)
      : ["mpits", "main.cjs"].includes(basename(script))
        ? "mpits"
        : `node ${basename(script)}`;
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
    jobs: jobsOf(clusters),
  };
}

export function jobsOf(clusters: Clusters): JobSummary[] {
  return [...clusters].flatMap(([number, cluster]) => summariesOf(number, cluster));
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

export function find({ cluster: number, job: id }: JobAddress, clusters: Clusters): Found | undefined {
  const cluster = clusters.get(number);
  const job = cluster?.jobs.find((each) => each.id === id);
  const past = cluster?.pastJobs.findLast(({ snapshot }) => snapshot.id === id);
  return cluster && (job || past) ? { cluster, job, past } : undefined;
}

/** @param last how many records of the job, and of each rank */
export function detailOf(address: JobAddress, found: Found, last: number): JobDetail {
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

/** What a job has sent, for who asks once. */
export function trafficOf({ job, past }: Found): TrafficTold {
  const { sent, received, byHost, between, betweenRanks, least } = (job ?? past!).stats;
  const most = [...betweenRanks].sort((a, b) => b.bytes - a.bytes).slice(0, mostPairs);
  const amongRanks = { pairs: betweenRanks.length, messages: 0, bytes: 0 };
  for (const { messages, bytes } of betweenRanks) {
    amongRanks.messages += messages;
    amongRanks.bytes += bytes;
  }
  return { sent, received, byHost, between, betweenRanks: most, amongRanks, least };
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
