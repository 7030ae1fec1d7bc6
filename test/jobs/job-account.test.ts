/** What a job shows of itself, when it is asked early, in between, and after its end. */
import { createActor } from "xstate";
import { jobMachine } from "../../src/actors/job-machine.ts";
import { JobAccount } from "../../src/cluster/job-account.ts";
import { JobTimes } from "../../src/cluster/job-times.ts";
import { UsageError } from "../../src/errors.ts";
import { PlayedStar } from "./played-star.ts";

function account() {
  const star = new PlayedStar({ a: 1, b: 1 });
  const machine = jobMachine.provide({ actions: { startRun() {}, stopRanks() {} } });
  const actor = createActor(machine, { input: { job: 1, kernel: "k" } });
  const perRank = [1, 0];
  const parts = { handedOut: 3, done: 1, again: 1, total: 9, perRank };
  let hasRun = false;
  const made = new JobAccount("k#1", "k", {
    star,
    machine: () => actor.getSnapshot(),
    parts: () => (hasRun ? parts : undefined),
  });
  const start = () => {
    hasRun = true;
    made.times.begin();
    actor.start();
    actor.send({ type: "job.start" });
  };
  return { made, star, actor, perRank, start };
}

test("a job that waits its turn shows nothing of the job that runs", () => {
  const { made, star } = account();
  star.send("a", { kind: "Finish", job: 0 }); // counts for the one before
  expect(made.stats).toMatchObject({ elapsedMs: 0, sent: { messages: 0, bytes: 0 }, partsPerRank: [] });
  expect(made.stats.timeInState.ranks).toEqual([]);
  expect(made.snapshot).toMatchObject({ value: "idle", parts: { handedOut: 0, total: undefined } });
});

test("under way it shows what is so now; once it is closed, what was so then", () => {
  const { made, star, actor, perRank, start } = account();
  start();
  star.send("a", { kind: "Finish", job: 1 });
  expect(made.snapshot).toMatchObject({ id: "k#1", kernel: "k", value: "scattering", parts: { done: 1, total: 9 } });
  expect(made.snapshot.parts).not.toHaveProperty("perRank");
  perRank[1] = 1;
  expect(made.stats).toMatchObject({ sent: { messages: 1 }, partsPerRank: [1, 1], partsAgain: 1 });
  actor.send({ type: "job.cancel", reason: "enough" });
  made.close();
  const { stats, snapshot } = made;
  expect(snapshot).toMatchObject({ value: "cancelled", reason: "enough" });
  star.send("a", { kind: "Finish", job: 2 });
  perRank[1] = 5;
  expect(made.snapshot).toBe(snapshot);
  expect(made.stats).toBe(stats);
  expect(stats).toMatchObject({ sent: { messages: 1 }, partsPerRank: [1, 1] });
});

test("notes are texts by name, the last one of a name counts", () => {
  const { made } = account();
  made.note("arithmetic", "scalar");
  made.note("arithmetic", "SIMD");
  expect(made.stats.notes).toEqual({ arithmetic: "SIMD" });
  expect(() => made.note("arithmetic", 5 as never)).toThrow(UsageError);
});

test("times: waiting its turn is no part of what it took, and every ms is some state's", () => {
  let now = 1000;
  const times = new JobTimes(() => now);
  now = 1010;
  expect([times.hasBegun, times.elapsedMs]).toEqual([false, 0]);
  expect(times.begin()).toBe(1010);
  times.entered("scattering");
  now = 1015;
  times.entered("scattering");
  times.entered("computing");
  now = 1035;
  expect([times.hasBegun, times.elapsedMs]).toEqual([true, 25]);
  times.entered("done");
  now = 1036;
  times.end();
  now = 9999;
  expect(times.elapsedMs).toBe(26);
  expect(times.inState).toEqual({ idle: 10, scattering: 5, computing: 20, done: 1 });
});
