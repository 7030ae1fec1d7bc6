/** Quick steps come to the same as XState's own: two actors of each machine side by side, event by event. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  createActor,
  type InspectionEvent,
  initialTransition,
  SimulatedClock,
  setup,
  transition,
} from "xstate";
import { jobMachine } from "../../src/actors/job-machine.ts";
import { withListener, withQuickSteps } from "../../src/actors/quick-steps.ts";
import { rankMachine } from "../../src/actors/rank-machine.ts";

/** What happens to an actor: an event, or that so many ms pass. */
type Happening = { readonly type: string } | number;

/** All that an actor does: what it asks for, what its observers and inspectors are told, and where it is after each event. */
function lived(machine: AnyStateMachine, input: unknown, happenings: readonly Happening[]): unknown[] {
  const life: unknown[] = [];
  const clock = new SimulatedClock();
  wishes = life;
  const actor = createActor(machine, { input, clock, inspect: (told) => void life.push(inspected(told)) });
  actor.subscribe({
    next: (snapshot) => void life.push(["next", plain(snapshot)]),
    complete: () => void life.push("complete"),
    error: (error) => void life.push(["error", String(error)]),
  });
  actor.start();
  for (const each of happenings) {
    if (typeof each === "number") clock.increment(each);
    else actor.send(each);
    life.push(plain(actor.getSnapshot()));
  }
  actor.stop();
  return life;
}

/** Where the actions of the machines below write what they were asked for. */
let wishes: unknown[] = [];

function noting(machine: AnyStateMachine, ...names: string[]): () => AnyStateMachine {
  const note = (name: string) => (args: { context: unknown; event: unknown }, params: unknown) =>
    void wishes.push([name, args.context, args.event, params]);
  return () =>
    machine.provide({ actions: Object.fromEntries(names.map((name) => [name, note(name)])) } as Parameters<
      AnyStateMachine["provide"]
    >[0]);
}

function plain(snapshot: AnyMachineSnapshot) {
  const { value, status, context, output, error, _nodes, tags, children, historyValue } = snapshot;
  const nodes = _nodes.map(({ id }) => id);
  const fields = Object.keys(snapshot);
  return { value, status, context, output, error, nodes, tags: [...tags], children, historyValue, fields };
}

function inspected(told: InspectionEvent): unknown {
  switch (told.type) {
    case "@xstate.snapshot":
      return [told.type, told.event, plain(told.snapshot as AnyMachineSnapshot)];
    case "@xstate.microstep":
      return [told.type, told.event, plain(told.snapshot as AnyMachineSnapshot), JSON.stringify(told._transitions)];
    case "@xstate.action":
      return [told.type, told.action];
    case "@xstate.event":
      return [told.type, told.event];
    default:
      return told.type;
  }
}

function expectTheSame(make: () => AnyStateMachine, input: unknown, happenings: readonly Happening[]): void {
  const quick = lived(withQuickSteps(make()), input, happenings);
  const own = lived(make(), input, happenings);
  if (!isDeepStrictEqual(quick, own)) expect(quick).toStrictEqual(own); // which says where, and takes long
}

const job = fc.integer({ min: 1, max: 4 });
const error = { name: "Error", message: "boom" };

const rankHappenings = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant("part.received"),
      job,
      assignment: job,
      part: job,
      cancelGraceMs: fc.constantFrom(10, 50),
    }),
    fc.record({ type: fc.constantFrom("kernel.started", "kernel.finished", "partial.sent"), job }),
    fc.record({ type: fc.constantFrom("kernel.started", "kernel.finished", "partial.sent"), job }),
    fc.record({ type: fc.constant("kernel.failed"), job, part: fc.constantFrom(null, 1), error: fc.constant(error) }),
    fc.record({ type: fc.constant("job.cancel"), job, reason: fc.constant("enough"), force: fc.boolean() }),
    fc.record({ type: fc.constant("compute.stopped"), job, forced: fc.boolean() }),
    fc.constantFrom({ type: "nobody.knows" }, 20),
  ),
  { maxLength: 30 },
);

const jobHappenings = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constantFrom("job.start", "parts.handedOut", "partials.received", "reduce.finished", "job.start"),
    }),
    fc.record({ type: fc.constantFrom("job.cancel", "rest.cancelled"), reason: fc.constantFrom("enough", undefined) }),
    fc.record({ type: fc.constant("job.failed"), error: fc.constant(error) }),
    fc.record({ type: fc.constant("rank.lost"), rank: job }),
  ),
  { maxLength: 8 },
);

const ofRank = noting(
  rankMachine as AnyStateMachine,
  ...["startKernel", "sendPartial", "sendFailure", "requestStop", "terminateThread", "reportState"],
);
const ofJob = noting(jobMachine as AnyStateMachine, "startRun", "stopRanks");

test("a rank with quick steps lives as one without", () => {
  fc.assert(
    fc.property(rankHappenings, (happenings) => expectTheSame(ofRank, { rank: 3 }, happenings)),
    { numRuns: 200 },
  );
});

test("a job with quick steps lives as one without", () => {
  fc.assert(
    fc.property(jobHappenings, (happenings) => expectTheSame(ofJob, { job: 7, kernel: "sum" }, happenings)),
    { numRuns: 100 },
  );
});

describe("any flat chart", () => {
  const states = ["a", "b", "c", "end"];
  const events = ["x", "y", "z"];
  const least = fc.integer({ min: 0, max: 4 });
  const action = fc.oneof(
    fc.constantFrom("note", "addOne", "note", "addOne", "unknown"),
    fc.record({ type: fc.constantFrom("note", "addGiven"), params: fc.record({ by: least }) }),
    fc.record({ type: fc.constantFrom("note", "addGiven"), params: fc.constant(counted) }),
  );
  const actions = fc.array(action, { maxLength: 3 });
  const way = fc.record(
    {
      guard: fc.constantFrom("isSmall", "isOdd"),
      target: fc.constantFrom(...states),
      reenter: fc.boolean(),
      actions,
    },
    { requiredKeys: ["actions"] },
  );
  const ways = fc.array(way, { minLength: 1, maxLength: 2 });
  const on = fc.dictionary(fc.constantFrom(...events, ...events, "*"), ways);
  /** Only ahead: others might go round for ever. */
  const always = (state: string) =>
    fc.array(
      fc.record({ guard: fc.constantFrom("isSmall", "isOdd"), target: fc.constantFrom(...later(state)), actions }),
      {
        maxLength: 1,
      },
    );
  const state = (name: string) =>
    fc.record(
      {
        on,
        entry: actions,
        exit: actions,
        always: always(name),
        after: fc.constant({ 15: "b" }),
        tags: fc.constant([name]),
      },
      { requiredKeys: ["on"] },
    );
  const chart = fc.record({
    initial: fc.constant("a"),
    context: fc.constant(({ input }: { input: number }) => ({ n: input })),
    on: fc.dictionary(
      fc.constantFrom(...events),
      fc.array(fc.record({ ...rootWay(states), actions }), { maxLength: 1 }),
    ),
    states: fc.record({
      a: state("a"),
      b: state("b"),
      c: state("c"),
      end: fc.record({ type: fc.constant("final"), entry: actions }),
    }),
  });
  const happenings = fc.array(
    fc.oneof(
      fc.constantFrom(...events).map((type) => ({ type })),
      fc.constant(10),
    ),
    {
      maxLength: 12,
    },
  );

  function later(name: string): string[] {
    return states.slice(states.indexOf(name) + 1);
  }

  test("lives with quick steps as without", () => {
    fc.assert(
      fc.property(chart, least, happenings, (config, n, each) => {
        const machine = setup({
          types: { context: {} as { n: number }, input: {} as number },
          actions: {
            addOne: assign(({ context }) => ({ n: context.n + 1 })),
            addGiven: assign({ n: ({ context }, params: { by: number }) => context.n + params.by }),
            note: () => {},
          },
          guards: { isSmall: ({ context }) => context.n < 3, isOdd: ({ context }) => context.n % 2 === 1 },
        }).createMachine(config as never) as unknown as AnyStateMachine;
        expectTheSame(noting(machine, "note"), n, each);
      }),
      { numRuns: 500 },
    );
  });
});

/** Params that go by the context. */
function counted({ context }: { context: { n: number } }): { by: number } {
  return { by: context.n % 3 };
}

function rootWay(states: string[]) {
  return { target: fc.constantFrom(...states.map((name) => `.${name}`)), guard: fc.constantFrom("isSmall", "isOdd") };
}

test("XState's pure functions take quick steps, too, and run nothing", () => {
  const machine = withQuickSteps(ofRank());
  const part = { type: "part.received", job: 1, assignment: 1, part: 0, cancelGraceMs: 10 };
  wishes = [];
  const [first] = initialTransition(machine, { rank: 3 });
  const [next, asked] = transition(machine, first, part);
  expect(next.value).toBe("scattering");
  expect(asked.map(({ type }) => type)).toEqual(["reportState", "startKernel"]);
  expect(wishes).toEqual([]);
});

test("an assignment that would spawn says that it can't", () => {
  const machine = setup({}).createMachine({
    context: {},
    on: {
      go: { actions: assign({ child: (args) => (args as unknown as { spawn(name: string): unknown }).spawn("none") }) },
    },
    initial: "a",
    states: { a: {} },
  });
  const errors: unknown[] = [];
  const actor = createActor(withQuickSteps(machine));
  actor.subscribe({ error: (thrown) => void errors.push(thrown) });
  actor.start().send({ type: "go" });
  expect(String(errors)).toMatch(/can't spawn/);
});

test("a listener hears each event before its actor takes it", () => {
  const heard: unknown[] = [];
  const actor = createActor(
    withListener(ofJob(), (of, { type }) => void heard.push([type, (of.getSnapshot() as AnyMachineSnapshot).value])),
    { input: { job: 1, kernel: "sum" } },
  );
  actor.start();
  actor.send({ type: "job.start" });
  actor.send({ type: "parts.handedOut" });
  expect(heard).toEqual([
    ["job.start", "idle"],
    ["parts.handedOut", "scattering"],
  ]);
  actor.stop();
});
