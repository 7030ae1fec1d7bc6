/**
 * A job's story in the Trace Event Format (https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), which
 * https://ui.perfetto.dev and chrome://tracing open: a process per host, a thread per rank, a slice for each time in a state. Pure.
 */
import type { TransitionRecord } from "../cluster/story.ts";
import { expected } from "../errors.ts";

/** Times and durations in whole µs; times since `startMs` of `otherData`. */
export interface TraceEvent {
  /** `X` a slice, `i` a moment, `M` what a process or thread is called. */
  readonly ph: "X" | "i" | "M";
  readonly name: string;
  readonly cat?: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly s?: "t";
  readonly args: Readonly<Record<string, unknown>>;
}

export interface ChromeTrace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: "ms";
  /** The job, and its first record's time in ms since 1970. */
  readonly otherData: { readonly job: string; readonly startMs: number };
}

/** States in which nothing happens have no slice. */
const silent: readonly string[] = ["idle", "lost", "done", "failed"];
/** The job itself has a process of its own, before the hosts, and there the main thread. */
const jobProcess = 1;

/**
 * @param records of one job, as `job.story()` gives them
 * @param untilMs where states that have not ended are cut, in ms since 1970. Default: the last record's time
 */
export function chromeTrace(records: readonly TransitionRecord[], untilMs?: number): ChromeTrace {
  if (!Array.isArray(records)) throw expected("records", "a list of records, as job.story() gives it", records);
  const times = records.map(({ timeMs }) => timeMs);
  const startMs = times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const endMs = untilMs ?? times.reduce((most, time) => Math.max(most, time), startMs);
  const hosts = [...new Set(records.filter(({ rank }) => rank !== undefined).map(({ host }) => host))];
  const job = records[0]?.job ?? "";
  const events = [...lanesOf(records).values()].flatMap((lane) => laneEvents(lane, hosts, startMs, endMs));
  const names = [
    nameOf("process_name", jobProcess, jobProcess, job),
    ...hosts.map((host, i) => nameOf("process_name", processOf(i), processOf(i), host)),
  ];
  return { traceEvents: [...names, ...events], displayTimeUnit: "ms", otherData: { job, startMs } };
}

function processOf(hostIndex: number): number {
  return jobProcess + 1 + hostIndex;
}

/** Perfetto tells threads apart by their number alone, and one that has its process's number is that process's main thread. */
function threadOf(rank: number, hosts: readonly string[]): number {
  return processOf(hosts.length) + rank;
}

/** Of the job (under undefined) and of each rank, each in its order. */
function lanesOf(records: readonly TransitionRecord[]): Map<number | undefined, TransitionRecord[]> {
  const lanes = new Map<number | undefined, TransitionRecord[]>();
  for (const record of records) {
    const lane = lanes.get(record.rank);
    if (lane) lane.push(record);
    else lanes.set(record.rank, [record]);
  }
  return lanes;
}

function laneEvents(
  lane: readonly TransitionRecord[],
  hosts: readonly string[],
  startMs: number,
  endMs: number,
): TraceEvent[] {
  const { rank, host } = lane[0]!;
  const place =
    rank === undefined
      ? { pid: jobProcess, tid: jobProcess }
      : { pid: processOf(hosts.indexOf(host)), tid: threadOf(rank, hosts) };
  // Whole: a slice that ended a rounding error behind the next one's begin would overlap it, and be left out by viewers.
  const at = (timeMs: number) => Math.round((timeMs - startMs) * 1000);
  const events = lane.flatMap((record, i): TraceEvent[] => {
    const { timeMs, to, part, event, cause } = record;
    const args = { ...(part !== undefined && { part }), event, ...(cause !== undefined && { cause }) };
    const ts = at(timeMs);
    // What a host reports of a clock that was set back has no length.
    const dur = Math.max(0, at(lane[i + 1]?.timeMs ?? endMs) - ts);
    const base = { name: to, cat: rank === undefined ? "job" : "rank", ...place, ts, args };
    if (!silent.includes(to)) return [{ ph: "X", ...base, dur }];
    return to === "idle" ? [] : [{ ph: "i", s: "t", ...base }];
  });
  return [nameOf("thread_name", place.pid, place.tid, rank === undefined ? "job" : `rank ${rank}`), ...events];
}

function nameOf(name: "process_name" | "thread_name", pid: number, tid: number, text: string): TraceEvent {
  return { ph: "M", name, pid, tid, args: { name: text } };
}
