/** Answers that go on while a job does: its snapshots, its records, its lines. */
import type { Job } from "../cluster/job.ts";
import type { OutputLine } from "../cluster/output-log.ts";
import type { TransitionRecord } from "../cluster/story.ts";
import { fairTimeout } from "../fair-timeout.ts";
import { Batch } from "./batch.ts";
import { detailOf, type Found, find } from "./details.ts";
import type { JobAddress, Lines, RankRange, Records, Refusal, Request } from "./protocol.ts";

/** The way back to who asked. Nothing is said after `end` or `error`. */
export interface Reply {
  next(value: unknown): void;
  end(value: unknown): void;
  error(refusal: Refusal): void;
}

/** Ends an answer that goes on. */
export type Stop = () => void;

const watchEveryMs = 100;
const recordsEveryMs = 50;
/** Waiting for late lines of ranks after their job has settled, in ms. */
const lateLinesMs = 100;

export function watch(address: JobAddress, { cluster, job }: Found, reply: Reply): Stop | undefined {
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

export function tellRecords({ job, past }: Found, fromStart: boolean, reply: Reply): Stop | undefined {
  const tell = (records: readonly TransitionRecord[], missed: number) =>
    reply.next({ records, missed } satisfies Records);
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

export function tellLines(
  { job: id, follow, ranks, tail = Number.POSITIVE_INFINITY }: Extract<Request, { ask: "logs" }>,
  { cluster, job }: Found,
  reply: Reply,
): Stop | undefined {
  const wanted = (line: OutputLine) => line.job === id && (ranks === undefined || isIn(ranks, line.rank));
  const tell = (lines: readonly OutputLine[], over = false) => reply.next({ lines, over } satisfies Lines);
  const all = cluster.output.lines().filter(wanted);
  tell(all.slice(Math.max(0, all.length - tail)), !job); // as one, so that a long answer is not taken for a slow reader
  if (!follow || !job) return void reply.end({});
  const batch = new Batch<OutputLine>(10_000, 0, (lines, missed) => {
    tell(missed === 0 ? lines : [...lines, missedLine(id, missed)]);
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
    tell([], true); // the program may end before the late ones have come
    const enough = (): void => {
      batch.flush();
      stop();
      reply.end({});
    };
    fairTimeout(enough, lateLinesMs, { keepsAlive: false });
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

/** The function returned ends the waiting. */
export function whenSettled(job: Job, settled: (state: string, elapsedMs: number) => void): Stop {
  const { unsubscribe } = job.inspect({
    complete: () => settled(job.actor.getSnapshot().value as string, job.stats.elapsedMs),
  });
  return unsubscribe;
}
