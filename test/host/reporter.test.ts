/** What a host tells of its ranks, and how often. */
import type { RankActor } from "../../src/actors/rank-actor.ts";
import { Reporter } from "../../src/host/reporter.ts";
import { RankMemory } from "../../src/thread/rank-memory.ts";
import { framesOf, messageToDriver, type ToDriver, type Transition } from "../../src/wire/messages.ts";
import { jestOf } from "../support/jest-of.ts";

type Report = Extract<ToDriver, { kind: "Report" }>;

const clock = jestOf(import.meta);

function reporting(ranks: number) {
  const memories = Array.from({ length: ranks }, () => new RankMemory());
  const actors = memories.map((memory, rank) => ({ rank, memory }) as RankActor);
  const reports: Report[] = [];
  const reporter = new Reporter(actors, ranks, {
    talk: () => null,
    send(report) {
      messageToDriver(framesOf(report)); // the driver takes every report
      reports.push(structuredClone(report));
    },
  });
  return { reporter, reports, memories };
}

function transition(rank: number, to: Transition["to"], job = 1): Transition {
  return { rank, job, to, event: "part.received", atMs: 5, part: 0, forced: false, cause: null };
}

const turn = () => new Promise(setImmediate);

test("transitions that follow each other closely go into one report, in their order", () => {
  clock.useFakeTimers();
  try {
    const { reporter, reports } = reporting(2);
    const first = [transition(0, "scattering"), transition(1, "scattering"), transition(0, "computing")];
    for (const each of first) reporter.add(each);
    expect(reports).toEqual([]);
    clock.advanceTimersByTime(1);
    reporter.add(transition(1, "computing"));
    clock.advanceTimersByTime(1);
    expect(reports.map(({ transitions }) => transitions)).toEqual([first, [transition(1, "computing")]]);
    clock.advanceTimersByTime(10);
    expect(reports.length).toBe(2);
  } finally {
    clock.useRealTimers();
  }
});

test("flush tells at once, and only once", async () => {
  const { reporter, reports } = reporting(1);
  reporter.add(transition(0, "idle"));
  reporter.flush();
  await turn();
  reporter.flush();
  expect(reports.length).toBe(1);
});

test("progress is told with the rank's job, when it has changed, and zero is no news", () => {
  const { reporter, reports, memories } = reporting(2);
  reporter.add(transition(0, "computing", 7));
  reporter.add(transition(1, "computing", 7));
  memories[1]!.setProgress(3, 9);
  reporter.flush();
  expect(reports[0]!.progress).toEqual([{ rank: 1, job: 7, done: 3, total: 9 }]);
  reporter.flush();
  expect(reports.length).toBe(1);
  memories[1]!.setProgress(4, 9);
  reporter.flush();
  expect(reports[1]).toEqual({
    kind: "Report",
    transitions: [],
    progress: [{ rank: 1, job: 7, done: 4, total: 9 }],
    standings: [],
    usage: null,
    talk: null,
  });
});

test("a rank of which nothing was heard yet has no progress to tell", () => {
  const { reporter, reports, memories } = reporting(1);
  memories[0]!.setProgress(3, 9);
  reporter.flush();
  expect(reports).toEqual([]);
});

test("the same progress in the next job is news again", () => {
  const { reporter, reports, memories } = reporting(1);
  reporter.add(transition(0, "computing", 1));
  memories[0]!.setProgress(3, 9);
  reporter.flush();
  reporter.unwatch(); // the job ends
  reporter.add(transition(0, "computing", 2));
  reporter.flush();
  expect(reports[1]!.progress).toEqual([{ rank: 0, job: 2, done: 3, total: 9 }]);
});

test("progress that is no number harms no report", () => {
  const { reporter, reports, memories } = reporting(1);
  reporter.add(transition(0, "computing"));
  memories[0]!.setProgress(5, Infinity);
  reporter.flush();
  expect(reports[0]!.progress).toEqual([{ rank: 0, job: 1, done: 5, total: 0 }]);
});

describe("with the clock in the hand", () => {
  beforeEach(() => {
    clock.useFakeTimers();
  });
  afterEach(() => {
    clock.useRealTimers();
  });

  test("while it watches, progress is told a few times a second and a beat when there is none", () => {
    const { reporter, reports, memories } = reporting(1);
    reporter.add(transition(0, "computing"));
    reporter.flush();
    reporter.watch();
    reporter.watch();
    memories[0]!.setProgress(1, 0);
    clock.advanceTimersByTime(200);
    expect(reports.length).toBe(2);
    clock.advanceTimersByTime(400);
    expect(reports.length).toBe(2);
    clock.advanceTimersByTime(200);
    expect(reports[2]).toEqual({
      kind: "Report",
      transitions: [],
      progress: [],
      standings: [],
      usage: null,
      talk: null,
    });
    reporter.close();
  });

  test("while it watches, what the process uses is told about once a second", () => {
    const { reporter, reports } = reporting(1);
    reporter.add(transition(0, "computing"));
    reporter.flush();
    expect(reports[0]!.usage).toBeNull();
    reporter.watch();
    clock.advanceTimersByTime(5000);
    const told = reports.filter(({ usage }) => usage !== null);
    expect(told.length).toBeGreaterThanOrEqual(3);
    expect(told.length).toBeLessThanOrEqual(5);
    expect(told[0]!.usage!.memoryBytes).toBeGreaterThan(0);
    reporter.close();
  });

  test("after unwatch and close nothing is told and no timer is left", () => {
    const { reporter, reports } = reporting(1);
    reporter.watch();
    reporter.unwatch();
    reporter.watch();
    reporter.add(transition(0, "computing"));
    reporter.close();
    expect(clock.getTimerCount()).toBe(0);
    clock.advanceTimersByTime(10_000);
    expect(reports).toEqual([]);
  });
});
