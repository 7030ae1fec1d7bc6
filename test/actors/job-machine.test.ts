/** The job machine, played: who decides the outcome, and that it is decided once. */
import fc from "fast-check";
import { type JobEvent, jobFailed, jobMachine } from "../../src/actors/job-machine.ts";
import { begin, play } from "../support/play.ts";

const start: JobEvent = { type: "job.start" };
const handedOut: JobEvent = { type: "parts.handedOut" };
const received: JobEvent = { type: "partials.received" };
const reduced: JobEvent = { type: "reduce.finished" };
const cancel: JobEvent = { type: "job.cancel", reason: "enough" };
const rest: JobEvent = { type: "rest.cancelled", reason: "found one" };
const failure: JobEvent = jobFailed(new RangeError("boom"));
const lost = (rank: number): JobEvent => ({ type: "rank.lost", rank });

const wayTo = {
  idle: [],
  scattering: [start],
  computing: [start, handedOut],
  reducing: [start, handedOut, received],
  done: [start, handedOut, received, reduced],
  failed: [start, failure],
  cancelled: [start, cancel],
} as const;
type State = keyof typeof wayTo;
const states = Object.keys(wayTo) as State[];
const running = ["scattering", "computing", "reducing"] as const;
const final = ["done", "failed", "cancelled"] as const;

const fresh = () => begin(jobMachine, { job: 7, kernel: "sum" });
const run = (...events: readonly JobEvent[]) => play(fresh(), jobMachine, events);
const after = (state: State, ...events: readonly JobEvent[]) => play(run(...wayTo[state]), jobMachine, events);
const clean = { job: 7, kernel: "sum", reason: null, error: null, lostRanks: [] };

test.each(states)("the way to %s ends there", (state) => {
  expect(run(...wayTo[state]).snapshot.value).toBe(state);
});

test("a job goes idle, scattering, computing, reducing, done, and asks for the run and for the ranks' end once each", () => {
  const { snapshot, story } = run(start, handedOut, received, reduced);
  expect(snapshot.value).toBe("done");
  expect(snapshot.context).toEqual(clean);
  expect(story).toEqual([
    ["startRun", undefined],
    ["stopRanks", { reason: "reduce has its result" }],
  ]);
});

test.each(running)("reduce that returns early ends the job while %s", (state) => {
  const { snapshot, asked } = after(state, reduced);
  expect(snapshot.value).toBe("done");
  expect(asked).toEqual([["stopRanks", { reason: "reduce has its result" }]]);
});

test.each(running)("a cancel while %s stops the ranks with its reason", (state) => {
  const { snapshot, asked } = after(state, cancel);
  expect(snapshot.value).toBe("cancelled");
  expect(snapshot.context).toEqual({ ...clean, reason: "enough" });
  expect(asked).toEqual([["stopRanks", { reason: "enough" }]]);
});

test("a cancel without a reason says so", () => {
  expect(after("computing", { type: "job.cancel" }).asked).toEqual([["stopRanks", { reason: "no reason given" }]]);
});

test.each(running)("a failure while %s stops the ranks and keeps the error", (state) => {
  const { snapshot, asked } = after(state, failure);
  expect(snapshot.value).toBe("failed");
  expect(snapshot.context.error).toMatchObject({ name: "RangeError", message: "boom" });
  expect(asked).toEqual([["stopRanks", { reason: "the job failed" }]]);
});

test("a job that has not begun is cancelled or fails without asking for anything", () => {
  expect(run(cancel)).toMatchObject({ snapshot: { value: "cancelled" }, story: [] });
  expect(run(failure)).toMatchObject({ snapshot: { value: "failed" }, story: [] });
});

test.each(running)("cancelRest while %s stops the ranks, and the job goes on to its result", (state) => {
  const resting = after(state, rest);
  expect(resting.snapshot.value).toBe("reducing");
  expect(resting.snapshot.context.reason).toBe("found one");
  expect(resting.asked).toEqual([["stopRanks", { reason: "found one" }]]);
  expect(play(resting, jobMachine, [handedOut, received, reduced]).snapshot.value).toBe("done");
  expect(play(resting, jobMachine, [cancel]).snapshot.value).toBe("cancelled");
});

test.each(running)("lost ranks are noted while %s, in their order, and decide nothing", (state) => {
  const { snapshot, asked } = after(state, lost(2), lost(0));
  expect(snapshot.value).toBe(state);
  expect(snapshot.context.lostRanks).toEqual([2, 0]);
  expect(asked).toEqual([]);
});

test.each(final)("the outcome is decided once: after %s nothing changes any more", (state) => {
  const before = run(...wayTo[state]);
  for (const event of [start, handedOut, received, reduced, cancel, rest, failure, lost(1)]) {
    const { snapshot, asked } = play(before, jobMachine, [event]);
    expect([snapshot.value, snapshot.context, asked]).toEqual([state, before.snapshot.context, []]);
    expect(snapshot.status).toBe("done");
  }
});

test("facts out of their order change nothing", () => {
  for (const fact of [handedOut, received, reduced, rest, lost(1)])
    expect(after("idle", fact)).toMatchObject({ snapshot: { value: "idle", context: clean }, asked: [] });
  expect(after("scattering", received).snapshot.value).toBe("scattering");
  expect(after("computing", start, handedOut).asked).toEqual([]);
});

describe("any sequence of events", () => {
  const event = fc.oneof(
    fc.constantFrom(start, handedOut, received, reduced, cancel, rest, failure),
    fc.nat(3).map(lost),
  );
  const sequence = fc.array(event, { maxLength: 20 });

  test("never throws, starts the run at most once, and stops the ranks of every run that ends", () => {
    fc.assert(
      fc.property(sequence, (events) => {
        const { snapshot, story } = run(...events);
        const asked = story.map(([name]) => name);
        expect(states).toContain(snapshot.value);
        const starts = asked.filter((name) => name === "startRun").length;
        expect(starts).toBeLessThanOrEqual(1);
        if (starts === 0) expect(asked).toEqual([]);
        if (starts === 1 && snapshot.status === "done") expect(asked).toContain("stopRanks");
        if (snapshot.value === "failed") expect(snapshot.context.error).not.toBeNull();
        if (snapshot.value === "cancelled") expect(snapshot.context.reason).toBe("enough");
      }),
      { numRuns: 300 },
    );
  });

  test("a cancel ends any job that is not over, at once", () => {
    fc.assert(
      fc.property(sequence, (events) => {
        const before = run(...events).snapshot.value as State;
        const now = run(...events, cancel).snapshot.value;
        expect(now).toBe((final as readonly State[]).includes(before) ? before : "cancelled");
      }),
      { numRuns: 100 },
    );
  });

  test("the context stays plain: JSON carries it", () => {
    fc.assert(
      fc.property(sequence, (events) => {
        const { context } = run(...events).snapshot;
        expect(JSON.parse(JSON.stringify(context))).toEqual(context);
      }),
      { numRuns: 50 },
    );
  });
});
