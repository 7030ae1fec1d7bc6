/** What the driver knows of every rank. */
import { RankTable } from "../../src/cluster/rank-table.ts";
import type { Transition } from "../../src/wire/messages.ts";

const move = (rank: number, to: Transition["to"], atMs: number, job = 1, part: number | null = 3): Transition => ({
  rank,
  job,
  to,
  event: "e",
  atMs,
  part,
  forced: false,
  cause: null,
});

test("all ranks begin idle, alive, with nothing done", () => {
  const table = new RankTable(["a", "a", "b"]);
  expect(table.size).toBe(3);
  expect(table.liveRanks()).toEqual([0, 1, 2]);
  expect(table.snapshot()[2]).toEqual({
    rank: 2,
    host: "b",
    state: "idle",
    part: null,
    progress: { done: 0, total: 0 },
    sinceMs: expect.any(Number),
  });
});

test("a transition is shown with its part, and an idle rank has none", () => {
  const table = new RankTable(["a"]);
  table.startJob(1, 0);
  expect(table.transition(move(0, "computing", 5))).toBe("idle");
  expect(table.snapshot()[0]).toMatchObject({ state: "computing", part: 3, sinceMs: 5 });
  table.transition(move(0, "idle", 6));
  expect(table.snapshot()[0]).toMatchObject({ state: "idle", part: null });
});

test("the time in each state is counted up to now", () => {
  const table = new RankTable(["a"]);
  table.startJob(1, 100);
  table.transition(move(0, "scattering", 110));
  table.transition(move(0, "computing", 115));
  expect(table.timesInState(145)).toEqual([{ idle: 10, scattering: 5, computing: 30, reducing: 0, cancelled: 0 }]);
  expect(table.timesInState(150)[0]!.computing).toBe(35); // looking changes nothing
});

test("the time of an earlier job does not count for the next, also when its report comes late", () => {
  const table = new RankTable(["a"]);
  table.startJob(1, 0);
  table.transition(move(0, "computing", 10));
  table.startJob(2, 100);
  table.transition(move(0, "idle", 60, 1));
  expect(table.timesInState(110)).toEqual([{ idle: 10, scattering: 0, computing: 0, reducing: 0, cancelled: 0 }]);
});

test("a host whose clock is behind makes no time negative", () => {
  const table = new RankTable(["a"]);
  table.startJob(1, 1000);
  table.transition(move(0, "computing", 10));
  table.transition(move(0, "idle", 25));
  expect(table.timesInState(25)[0]).toMatchObject({ idle: 0, computing: 15 });
});

test("progress counts for its job only, and starts anew with the next", () => {
  const table = new RankTable(["a"]);
  table.startJob(2, 0);
  table.progress({ rank: 0, job: 2, done: 5, total: 9 });
  table.progress({ rank: 0, job: 1, done: 7, total: 9 });
  expect(table.snapshot()[0]!.progress).toEqual({ done: 5, total: 9 });
  table.startJob(3, 0);
  expect(table.snapshot()[0]!.progress).toEqual({ done: 0, total: 0 });
});

test("a lost rank keeps the state in which it was lost and the first reason, until it is back", () => {
  const table = new RankTable(["a", "b"]);
  table.startJob(1, 0);
  table.transition(move(1, "computing", 5));
  table.markLost(1, "its process ended");
  table.markLost(1, "again");
  expect(table.transition(move(1, "idle", 9))).toBeUndefined();
  expect(table.snapshot()[1]).toMatchObject({ state: "computing", lost: "its process ended" });
  expect([table.isLive(0), table.isLive(1), table.liveRanks()]).toEqual([true, false, [0]]);
  table.markBack(1);
  expect(table.snapshot()[1]).toEqual({
    rank: 1,
    host: "b",
    state: "idle",
    part: null,
    progress: { done: 0, total: 0 },
    sinceMs: expect.any(Number),
  });
  expect(table.liveRanks()).toEqual([0, 1]);
});

test("ranks that do not exist change nothing and do not live", () => {
  const table = new RankTable(["a"]);
  const before = table.snapshot();
  table.transition(move(5, "computing", 1));
  table.progress({ rank: 5, job: 0, done: 1, total: 1 });
  table.markLost(5, "never was");
  table.markBack(5);
  expect(table.snapshot()).toEqual(before);
  expect([5, -1, 0.5, Number.NaN].map((rank) => table.isLive(rank))).toEqual([false, false, false, false]);
});

test("a snapshot stays as it was", () => {
  const table = new RankTable(["a"]);
  table.startJob(1, 0);
  const before = table.snapshot();
  table.progress({ rank: 0, job: 1, done: 5, total: 9 });
  table.transition(move(0, "computing", 5));
  expect(before[0]).toMatchObject({ state: "idle", progress: { done: 0 } });
});
