/** A job's story as a trace: what viewers need of it, whatever the story is. */
import fc from "fast-check";
import type { TransitionRecord } from "../../src/cluster/story.ts";
import { chromeTrace, type TraceEvent } from "../../src/export/chrome-trace.ts";

const record = (more: Partial<TransitionRecord>): TransitionRecord => ({
  seq: 1,
  timeMs: 1000,
  job: "k#1",
  rank: undefined,
  host: "desk",
  from: "idle",
  to: "scattering",
  event: "e",
  ...more,
});

test("a process per host, a thread per rank, and a slice for each time in a state", () => {
  const { traceEvents, otherData } = chromeTrace([
    record({ to: "scattering", event: "job.start" }),
    record({ rank: 1, host: "node1", timeMs: 1001, event: "part.received", part: 7 }),
    record({ rank: 1, host: "node1", timeMs: 1003.5, to: "computing", event: "kernel.started", part: 7 }),
    record({ rank: 1, host: "node1", timeMs: 1010, to: "lost", event: "rank.lost", cause: "it was killed" }),
    record({ timeMs: 1020, to: "failed", event: "job.failed", cause: "boom" }),
  ]);
  expect(otherData).toEqual({ job: "k#1", startMs: 1000 });
  expect(traceEvents).toEqual([
    { ph: "M", name: "process_name", pid: 1, tid: 1, args: { name: "k#1" } },
    { ph: "M", name: "process_name", pid: 2, tid: 2, args: { name: "node1" } },
    { ph: "M", name: "thread_name", pid: 1, tid: 1, args: { name: "job" } },
    { ph: "X", name: "scattering", cat: "job", pid: 1, tid: 1, ts: 0, dur: 20_000, args: { event: "job.start" } },
    {
      ph: "i",
      s: "t",
      name: "failed",
      cat: "job",
      pid: 1,
      tid: 1,
      ts: 20_000,
      args: { event: "job.failed", cause: "boom" },
    },
    { ph: "M", name: "thread_name", pid: 2, tid: 4, args: { name: "rank 1" } },
    {
      ph: "X",
      name: "scattering",
      cat: "rank",
      pid: 2,
      tid: 4,
      ts: 1000,
      dur: 2500,
      args: { part: 7, event: "part.received" },
    },
    {
      ph: "X",
      name: "computing",
      cat: "rank",
      pid: 2,
      tid: 4,
      ts: 3500,
      dur: 6500,
      args: { part: 7, event: "kernel.started" },
    },
    {
      ph: "i",
      s: "t",
      name: "lost",
      cat: "rank",
      pid: 2,
      tid: 4,
      ts: 10_000,
      args: { event: "rank.lost", cause: "it was killed" },
    },
  ]);
});

test("a state that has not ended is cut where it is said", () => {
  const slice = chromeTrace([record({})], 1005).traceEvents.find(({ ph }) => ph === "X");
  expect(slice).toMatchObject({ ts: 0, dur: 5000 });
});

test("a job that has no records is an empty trace", () => {
  expect(chromeTrace([]).traceEvents.filter(({ ph }) => ph !== "M")).toEqual([]);
});

test("a thread has a number that neither another one nor a process has: viewers tell them apart by it alone", () => {
  const records = ["desk", "node1", "node2"].flatMap((host, index) =>
    [0, 1].map((more) => record({ host, rank: 2 * index + more })),
  );
  const { traceEvents } = chromeTrace([record({}), ...records]);
  const numbers = (wanted: string, key: "pid" | "tid") =>
    traceEvents.filter(({ name }) => name === wanted).map((event) => event[key]);
  const [processes, threads] = [numbers("process_name", "pid"), numbers("thread_name", "tid")];
  expect(processes).toEqual([1, 2, 3, 4]);
  expect(new Set([...processes.slice(1), ...threads]).size).toBe(3 + 7);
});

const anyRecord = fc.record({
  rank: fc.option(fc.nat(3), { nil: undefined }),
  timeMs: fc.double({ min: 1e12, max: 1e12 + 1000, noNaN: true }),
  to: fc.constantFrom("idle", "scattering", "computing", "reducing", "cancelled", "lost", "done"),
}) as fc.Arbitrary<Partial<TransitionRecord>>;

test("no time is negative, and on a thread whose clock goes forwards no slice overlaps the next", () => {
  fc.assert(
    fc.property(fc.array(anyRecord), (some) => {
      const records = [...some].sort((a, b) => a.timeMs! - b.timeMs!).map(record);
      const { traceEvents } = chromeTrace(records);
      const ends = new Map<string, number>();
      for (const { pid, tid, ts, dur = 0 } of traceEvents.filter(
        (event): event is TraceEvent & { ts: number } => event.ts !== undefined,
      )) {
        expect(ts).toBeGreaterThanOrEqual(ends.get(`${pid}/${tid}`) ?? 0);
        expect(dur).toBeGreaterThanOrEqual(0);
        expect([ts, dur].every(Number.isInteger)).toBe(true);
        ends.set(`${pid}/${tid}`, ts + dur);
      }
    }),
  );
});
