/** What a driver answers to each request. It reads jobs as any user of the package does, and does nothing by itself. */

import type { PastJob } from "../cluster/past-jobs.ts";
import { type Clusters, detailOf, type Found, find, jobsOf, stateOf, trafficOf } from "./details.ts";
import { type Reply, type Stop, tellLines, tellRecords, watch, whenSettled } from "./follow.ts";
import type { Pages } from "./pages.ts";
import type {
  CancelAnswer,
  Chosen,
  JobAddress,
  PageAnswer,
  Refusal,
  ReportAnswer,
  Request,
  SendAnswer,
} from "./protocol.ts";
import { type Candidate, choose, parseTarget, uniqueName } from "./target.ts";
import { eventForJob, refusalOfRank } from "./user-events.ts";

type CancelNamed = Extract<Request, { ask: "cancelNamed" }>;
type HowToCancel = Pick<CancelNamed, "reason" | "graceMs">;

export function answer(
  request: Exclude<Request, { ask: "stop" }>,
  clusters: Clusters,
  pages: Pages,
  reply: Reply,
): Stop | undefined {
  if (request.ask === "state") return void reply.end(stateOf(clusters));
  if (request.ask === "cancelNamed") return void cancelNamed(request, clusters, reply);
  const found = find(request, clusters);
  if (!found) return void reply.error(noSuchJob(request));
  switch (request.ask) {
    case "inspect":
      return void reply.end({ ...detailOf(request, found, request.last), traffic: trafficOf(found) });
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
    case "page":
      return void showPage(request, found, pages, reply);
    case "report":
      return void report(request, found, pages, reply);
  }
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
  reply.end({ state: job.getSnapshot().value } satisfies SendAnswer);
}

function cancel({ job, past }: Found, { reason, graceMs }: HowToCancel, reply: Reply): void {
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

function cancelNamed({ typed, ...how }: CancelNamed, clusters: Clusters, reply: Reply): void {
  const jobs = jobsOf(clusters).map((job) => ({ ...job, pid: process.pid }));
  let chosen: Candidate;
  try {
    chosen = choose(jobs, parseTarget(typed), typed);
  } catch (error) {
    return reply.error({ kind: "notFound", message: (error as Error).message });
  }
  reply.next({ name: uniqueName(chosen, jobs) } satisfies Chosen);
  cancel(find(chosen, clusters)!, how, reply);
}

async function showPage({ job }: JobAddress, { cluster }: Found, pages: Pages, reply: Reply): Promise<void> {
  try {
    reply.end((await pages.link(cluster, job)) satisfies PageAnswer);
  } catch (error) {
    reply.error({ kind: "wrong", message: `the page can't be served: ${(error as Error).message}.` });
  }
}

async function report(address: JobAddress, { cluster }: Found, pages: Pages, reply: Reply): Promise<void> {
  const html = await pages.report(cluster, address.job);
  if (html === undefined) return reply.error(noSuchJob(address));
  reply.end({ html } satisfies ReportAnswer);
}

function isOver({ snapshot: { id, value } }: PastJob): Refusal {
  return { kind: "notTaken", message: `${id} is ${value}: it takes no events any more.`, takes: [] };
}

function noSuchJob({ job }: JobAddress): Refusal {
  return { kind: "notFound", message: `there is no job ${job} any more.` };
}
