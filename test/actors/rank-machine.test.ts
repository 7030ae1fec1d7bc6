/** The rank machine, played: lists of events, and after them the whole state and all that it asked for. */
import fc from "fast-check";
import { createActor, SimulatedClock } from "xstate";
import { type RankEvent, rankMachine } from "../../src/actors/rank-machine.ts";
import type { ErrorRecord } from "../../src/wire/error-codec.ts";
import { type Asked, begin, play } from "../support/play.ts";

const grace = 50;
const error: ErrorRecord = { name: "Error", message: "boom" };

const part = (job: number, assignment: number, first = 10 * assignment): RankEvent => ({
  type: "part.received",
  job,
  assignment,
  part: first,
  cancelGraceMs: grace,
});
const started = (job: number): RankEvent => ({ type: "kernel.started", job });
const finished = (job: number): RankEvent => ({ type: "kernel.finished", job });
const failed = (job: number, at: number | null = 10): RankEvent => ({ type: "kernel.failed", job, part: at, error });
const sent = (job: number): RankEvent => ({ type: "partial.sent", job });
const cancel = (job: number, force = false): RankEvent => ({ type: "job.cancel", job, reason: "enough", force });
const stopped = (job: number, forced = false): RankEvent => ({ type: "compute.stopped", job, forced });

/** The events that bring a fresh rank into a state, working on job 5, assignment 1. */
const wayTo = {
  idle: [],
  scattering: [part(5, 1)],
  computing: [part(5, 1), started(5)],
  reducing: [part(5, 1), started(5), finished(5)],
  cancelled: [part(5, 1), started(5), cancel(5)],
} as const;
type State = keyof typeof wayTo;
const states = Object.keys(wayTo) as State[];

const fresh = () => begin(rankMachine, { rank: 3 });
const run = (...events: readonly RankEvent[]) => play(fresh(), rankMachine, events);
const inState = (state: State) => play(fresh(), rankMachine, wayTo[state]);
const playedTo = (state: State, ...events: readonly RankEvent[]) => play(inState(state), rankMachine, events);

const assignment = (job: number, number: number) => ({
  job,
  assignment: number,
  part: 10 * number,
  cancelGraceMs: grace,
});
const report = (to: State, event: string, job = 5, at: number | null = 10, forced = false): Asked => [
  "reportState",
  { to, job, part: at, event, forced, cause: causes[event] ?? null },
];
/** What the events of this file say why. */
const causes: Record<string, string> = { "job.cancel": "enough", "kernel.failed": "boom" };

test("a rank starts idle, with nothing", () => {
  const { snapshot, story } = fresh();
  expect(snapshot.value).toBe("idle");
  expect(snapshot.context).toEqual({ rank: 3, current: null, queued: [], cancelledJob: 0, forced: false });
  expect(story).toEqual([report("idle", "xstate.init", 0, null)]);
});

test("a part goes idle, scattering, computing, reducing, idle, and each step is reported once", () => {
  const { snapshot, story } = run(part(5, 1), started(5), finished(5), sent(5));
  expect(snapshot.value).toBe("idle");
  expect(snapshot.context).toEqual({ rank: 3, current: null, queued: [], cancelledJob: 0, forced: false });
  expect(story).toEqual([
    report("idle", "xstate.init", 0, null),
    report("scattering", "part.received"),
    ["startKernel", { job: 5, assignment: 1 }],
    report("computing", "kernel.started"),
    ["sendPartial", { job: 5, assignment: 1 }],
    report("reducing", "kernel.finished"),
    report("idle", "partial.sent"),
  ]);
});

test("a part that arrives while another is computed waits, and is taken when the rank is idle again", () => {
  const waiting = playedTo("computing", part(5, 2), part(6, 1));
  expect(waiting.snapshot.value).toBe("computing");
  expect(waiting.snapshot.context.queued).toEqual([assignment(5, 2), assignment(6, 1)]);
  const next = play(waiting, rankMachine, [finished(5), sent(5)]);
  expect(next.snapshot.value).toBe("scattering");
  expect(next.snapshot.context).toMatchObject({ current: assignment(5, 2), queued: [assignment(6, 1)] });
  expect(next.asked).toEqual([
    report("idle", "partial.sent"),
    report("scattering", "partial.sent", 5, 20),
    ["startKernel", { job: 5, assignment: 2 }],
  ]);
});

test.each(["scattering", "computing"] as const)(
  "a kernel that fails while %s is reported as what it threw",
  (state) => {
    const { snapshot, asked } = playedTo(state, failed(5, 12));
    expect(snapshot.value).toBe("reducing");
    expect(asked).toEqual([
      ["sendFailure", { job: 5, assignment: 1, part: 12, error }],
      report("reducing", "kernel.failed"),
    ]);
    expect(playedTo(state, failed(5, null), sent(5)).snapshot.value).toBe("idle");
  },
);

describe("late traffic", () => {
  const late = [started, finished, failed, sent, stopped] as ((job: number) => RankEvent)[];

  test.each(states)("late traffic of an earlier job changes nothing (%s)", (state) => {
    const before = inState(state);
    for (const fact of [...late, cancel, (job: number) => cancel(job, true)]) {
      const { snapshot, asked } = play(before, rankMachine, [fact(4)]);
      expect(snapshot.value).toBe(state);
      expect({ ...snapshot.context, cancelledJob: 0 }).toEqual({ ...before.snapshot.context, cancelledJob: 0 });
      expect(asked).toEqual([]);
    }
  });

  test.each(states)("facts of a job that is not the current one change nothing at all (%s)", (state) => {
    const before = inState(state);
    for (const fact of late) {
      const { snapshot, asked } = play(before, rankMachine, [fact(6)]);
      expect([snapshot.value, snapshot.context, asked]).toEqual([state, before.snapshot.context, []]);
    }
  });

  test("a part that arrives after the cancel of its job is dropped", () => {
    const { snapshot, asked } = run(cancel(5), part(5, 1), part(4, 1));
    expect(snapshot.value).toBe("idle");
    expect(snapshot.context.queued).toEqual([]);
    expect(asked).toEqual([]);
  });

  test("a part of a later job is not touched by a late cancel", () => {
    const { snapshot } = run(part(6, 1), started(6), part(6, 2), cancel(5));
    expect(snapshot.value).toBe("computing");
    expect(snapshot.context.queued).toEqual([assignment(6, 2)]);
  });

  test("a late cancel does not forget that a later job was cancelled", () => {
    expect(run(cancel(5), cancel(3), part(4, 1), part(5, 1)).snapshot.value).toBe("idle");
  });
});

describe("cancel", () => {
  test.each(["scattering", "computing", "reducing"] as const)(
    "from %s it stops the kernel and starts the grace",
    (state) => {
      const { snapshot, asked } = playedTo(state, cancel(5));
      expect(snapshot.value).toBe("cancelled");
      expect(snapshot.context).toMatchObject({ current: assignment(5, 1), cancelledJob: 5 });
      expect(asked).toEqual([
        report("cancelled", "job.cancel"),
        ["requestStop", { job: 5, assignment: 1 }],
        ["(timer)", grace],
      ]);
    },
  );

  test("of an idle rank it asks for nothing", () => {
    const { snapshot, asked } = run(cancel(5));
    expect([snapshot.value, asked]).toEqual(["idle", []]);
  });

  test("of a later job stops an earlier one too", () => {
    expect(playedTo("computing", cancel(7)).snapshot.value).toBe("cancelled");
  });

  test("what waits of the job is dropped, what waits of a later job is kept", () => {
    const { snapshot } = playedTo("computing", part(5, 2), part(6, 1), cancel(5));
    expect(snapshot.context.queued).toEqual([assignment(6, 1)]);
  });

  test("a cancelled rank takes the next job's parts when its thread has stopped", () => {
    const waiting = playedTo("cancelled", part(6, 1));
    expect(waiting.snapshot.value).toBe("cancelled");
    expect(waiting.asked).toEqual([]);
    const { snapshot, asked } = play(waiting, rankMachine, [stopped(5)]);
    expect(snapshot.value).toBe("scattering");
    expect(snapshot.context).toEqual({
      rank: 3,
      current: assignment(6, 1),
      queued: [],
      cancelledJob: 5,
      forced: false,
    });
    expect(asked).toEqual([
      ["(timer off)", null],
      report("idle", "compute.stopped"),
      report("scattering", "compute.stopped", 6, 10),
      ["startKernel", { job: 6, assignment: 1 }],
    ]);
  });

  test.each([
    ["finished", finished(5)],
    ["failed", failed(5)],
  ])("a kernel that %s just when the cancel came has stopped, and nothing is sent", (_, fact) => {
    const { snapshot, asked } = playedTo("cancelled", fact);
    expect(snapshot.value).toBe("idle");
    expect(asked).toEqual([["(timer off)", null], report("idle", fact.type)]);
  });

  test("a kernel that says it has started, or a partial that was sent, is no stop", () => {
    expect(playedTo("cancelled", started(5), sent(5)).snapshot.value).toBe("cancelled");
  });

  test("a second cancel does not start the grace anew", () => {
    const { snapshot, asked } = playedTo("cancelled", cancel(5), cancel(6));
    expect(snapshot.value).toBe("cancelled");
    expect(asked).toEqual([]);
    expect(snapshot.context.cancelledJob).toBe(6);
  });

  test("a second cancel by force ends the thread at once", () => {
    const { snapshot, asked } = playedTo("cancelled", cancel(5, true));
    expect(snapshot.value).toBe("cancelled");
    expect(asked).toEqual([["terminateThread", { job: 5, assignment: 1 }]]);
  });

  test.each(["scattering", "computing", "reducing"] as const)(
    "a first cancel by force ends the thread at once (%s)",
    (state) => {
      const { snapshot, asked } = playedTo(state, cancel(5, true));
      expect(snapshot.value).toBe("cancelled");
      expect(asked.map(([name]) => name)).toEqual(["reportState", "requestStop", "(timer)", "terminateThread"]);
    },
  );

  test("by force of an earlier job it ends no thread", () => {
    expect(playedTo("cancelled", cancel(4, true)).asked).toEqual([]);
  });

  test("a thread that was ended by force is reported with the return to idle, and not with the next job's", () => {
    const { snapshot, asked } = playedTo("cancelled", stopped(5, true));
    expect(asked).toEqual([["(timer off)", null], report("idle", "compute.stopped", 5, 10, true)]);
    expect(snapshot.context.forced).toBe(false);
    const next = play({ ...playedTo("cancelled", stopped(5, true)) }, rankMachine, [part(6, 1), cancel(6), stopped(6)]);
    expect(next.asked.at(-1)).toEqual(report("idle", "compute.stopped", 6, 10, false));
  });
});

describe("the grace, with the clock in the hand", () => {
  function running() {
    const clock = new SimulatedClock();
    const terminated: number[] = [];
    const nothing = () => {};
    const machine = rankMachine.provide({
      actions: {
        startKernel: nothing,
        sendPartial: nothing,
        sendFailure: nothing,
        requestStop: nothing,
        reportState: nothing,
        terminateThread: (_, { job }) => terminated.push(job),
      },
    });
    const actor = createActor(machine, { input: { rank: 0 }, clock });
    actor.start();
    const send = (...events: readonly RankEvent[]) => {
      for (const event of events) actor.send(event);
    };
    return { actor, clock, terminated, send };
  }

  test("a kernel that does not stop within the grace loses its thread, once", () => {
    const { actor, clock, terminated, send } = running();
    send(part(5, 1), started(5), cancel(5));
    clock.increment(grace - 1);
    expect(terminated).toEqual([]);
    clock.increment(1);
    expect(terminated).toEqual([5]);
    clock.increment(1000);
    expect(terminated).toEqual([5]);
    expect(actor.getSnapshot().value).toBe("cancelled");
    send(stopped(5, true));
    expect(actor.getSnapshot().value).toBe("idle");
  });

  test("a second cancel does not lengthen the grace", () => {
    const { clock, terminated, send } = running();
    send(part(5, 1), started(5), cancel(5));
    clock.increment(grace - 1);
    send(cancel(5));
    clock.increment(1);
    expect(terminated).toEqual([5]);
  });

  test("a kernel that stops in time keeps its thread, and so does the next job's", () => {
    const { clock, terminated, send } = running();
    send(part(5, 1), started(5), cancel(5), part(6, 1));
    clock.increment(grace - 1);
    send(stopped(5));
    clock.increment(1000);
    expect(terminated).toEqual([]);
  });

  test("each job's grace is its own", () => {
    const { clock, terminated, send } = running();
    send({ ...part(5, 1), cancelGraceMs: 7 } as RankEvent, cancel(5));
    clock.increment(7);
    expect(terminated).toEqual([5]);
  });
});

describe("any sequence of events", () => {
  const job = fc.integer({ min: 1, max: 4 });
  const number = fc.integer({ min: 1, max: 6 });
  const event: fc.Arbitrary<RankEvent> = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(job, number).map(([j, a]) => part(j, a)) },
    fc.tuple(job, fc.boolean()).map(([j, force]) => cancel(j, force)),
    fc.tuple(job, fc.boolean()).map(([j, forced]) => stopped(j, forced)),
    ...[started, finished, failed, sent].map((make) => job.map((j) => make(j))),
  );
  const sequence = fc.array(event, { maxLength: 30 });

  test("never throws, never leaves the five states, and never holds a part that it dropped", () => {
    fc.assert(
      fc.property(sequence, (events) => {
        let played = fresh();
        for (const each of events) {
          const before = played.snapshot.context.cancelledJob;
          played = play(played, rankMachine, [each]);
          const { value, context } = played.snapshot;
          expect(states).toContain(value);
          expect(context.cancelledJob).toBeGreaterThanOrEqual(before);
          expect(context.current === null).toBe(value === "idle");
          if (value === "idle") expect(context.queued).toEqual([]);
          for (const { job: queued } of context.queued) expect(queued).toBeGreaterThan(context.cancelledJob);
          if (value !== "cancelled" && context.current)
            expect(context.current.job).toBeGreaterThan(context.cancelledJob);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("never strands a rank: after the cancel of all jobs and the stop of its thread it is idle", () => {
    fc.assert(
      fc.property(sequence, (events) => {
        const before = run(...events).snapshot.context;
        const end = run(...events, cancel(99), stopped(before.current?.job ?? 99));
        expect(end.snapshot.value).toBe("idle");
        expect(end.snapshot.context).toMatchObject({ current: null, queued: [], forced: false });
        expect(play(end, rankMachine, [part(100, 1)]).snapshot.value).toBe("scattering");
      }),
      { numRuns: 300 },
    );
  });

  test("every part that was not dropped is started once, in its order", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("part", "step"), { maxLength: 40 }), (moves) => {
        let played = fresh();
        let assigned = 0;
        const order: number[] = [];
        const take = (fact: RankEvent) => {
          played = play(played, rankMachine, [fact]);
          for (const [name, params] of played.asked)
            if (name === "startKernel") order.push((params as { assignment: number }).assignment);
        };
        const steps = { scattering: started(1), computing: finished(1), reducing: sent(1) };
        const step = () => {
          const state = played.snapshot.value;
          if (state in steps) take(steps[state as keyof typeof steps]);
        };
        for (const move of moves) move === "part" ? take(part(1, ++assigned)) : step();
        while (played.snapshot.value !== "idle") step();
        expect(order).toEqual(Array.from({ length: assigned }, (_, i) => i + 1));
      }),
      { numRuns: 100 },
    );
  });

  test("the context stays plain: JSON carries it", () => {
    for (const state of states) {
      const { context } = inState(state).snapshot;
      expect(JSON.parse(JSON.stringify(context))).toEqual(context);
    }
  });
});

test("an action that nobody provided shouts its own name and the file that provides it", () => {
  const actor = createActor(rankMachine, { input: { rank: 0 } });
  let shout: unknown;
  actor.subscribe({
    error: (thrown) => {
      shout = thrown;
    },
  });
  actor.start();
  expect(String(shout)).toMatch(/the action "reportState" was not provided; src\/actors\/rank-actor\.ts/);
});
