/** What we rely on in XState 5: when one of these fails after an update, look where we rely on it. */
import { assign, createActor, initialTransition, raise, SimulatedClock, setup, transition } from "xstate";

/** A machine that writes down what it does. */
function noted() {
  const story: string[] = [];
  const note = (word: string) => () => void story.push(word);
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as { type: "go" | "back" | "again" } },
    actions: {
      exitA: note("exit a"),
      transition: note("transition"),
      entryB: note("entry b"),
      entryB2: note("entry b, second"),
    },
  }).createMachine({
    context: { n: 0 },
    initial: "a",
    states: {
      a: { exit: "exitA", on: { go: { target: "b", actions: "transition" } } },
      b: { entry: ["entryB", "entryB2"], on: { back: "a", again: "b" } },
    },
  });
  return { story, machine };
}

test("exit, then the transition's own actions, then entry", () => {
  const { story, machine } = noted();
  const actor = createActor(machine).start();
  actor.send({ type: "go" });
  expect(story).toEqual(["exit a", "transition", "entry b", "entry b, second"]);
  actor.stop();
});

test("a transition to the state itself does not enter it again", () => {
  const { story, machine } = noted();
  const actor = createActor(machine).start();
  actor.send({ type: "go" });
  story.length = 0;
  actor.send({ type: "again" });
  expect(story).toEqual([]);
  actor.stop();
});

test("transition() is pure: it gives the next state and the actions with their params, and runs nothing", () => {
  let ran = 0;
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as { type: "go"; by: number } },
    actions: { act: (_, _params: { n: number }) => void ran++ },
  }).createMachine({
    context: { n: 1 },
    on: {
      go: {
        actions: [
          assign({ n: ({ context, event }) => context.n + event.by }),
          { type: "act", params: ({ context }) => ({ n: context.n }) },
        ],
      },
    },
  });
  const [first] = initialTransition(machine);
  const [second, actions] = transition(machine, first, { type: "go", by: 4 });
  expect(first.context).toEqual({ n: 1 });
  expect(second.context).toEqual({ n: 5 });
  expect(actions.map(({ type, params }) => [type, params])).toEqual([["act", { n: 5 }]]); // params see what was assigned before
  expect(ran).toBe(0);
});

test("assignments among the actions count for those after them, not before", () => {
  const seen: number[] = [];
  const machine = setup({
    types: { context: {} as { n: number }, events: {} as { type: "go" } },
    actions: { see: (_, params: { n: number }) => void seen.push(params.n) },
  }).createMachine({
    context: { n: 1 },
    on: {
      go: {
        actions: [
          { type: "see", params: ({ context }) => ({ n: context.n }) },
          assign({ n: 2 }),
          { type: "see", params: ({ context }) => ({ n: context.n }) },
        ],
      },
    },
  });
  const actor = createActor(machine).start();
  actor.send({ type: "go" });
  expect(seen).toEqual([1, 2]);
  actor.stop();
});

test("an event that is raised is taken in the state that was entered, within the same step", () => {
  const machine = setup({ types: { events: {} as { type: "go" } } }).createMachine({
    initial: "a",
    states: {
      a: { on: { go: { target: "b", actions: raise(({ event }) => event) } } },
      b: { on: { go: "c" } },
      c: {},
    },
  });
  const [snapshot] = transition(machine, initialTransition(machine)[0], { type: "go" });
  expect(snapshot.value).toBe("c");
});

test("an event that is sent while another is handled waits its turn", () => {
  const story: string[] = [];
  const machine = setup({
    types: { events: {} as { type: "first" | "second" } },
    actions: { note: (_, word: string) => void story.push(word), again: () => actor.send({ type: "second" }) },
  }).createMachine({
    on: {
      first: { actions: ["again", { type: "note", params: "first" }] },
      second: { actions: { type: "note", params: "second" } },
    },
  });
  const actor = createActor(machine).start();
  actor.send({ type: "first" });
  expect(story).toEqual(["first", "second"]);
  actor.stop();
});

test("unknown events, and events to a stopped actor or one that is done, are swallowed", () => {
  const { machine } = noted();
  const actor = createActor(machine).start();
  actor.send({ type: "unknown" } as never);
  expect(actor.getSnapshot().value).toBe("a");
  actor.stop();
  actor.send({ type: "go" });
  expect(actor.getSnapshot().value).toBe("a");
});

test("`always` is taken after entry, and the entry of the state it passes through has run", () => {
  const story: string[] = [];
  const machine = setup({
    types: { events: {} as { type: "go" } },
    actions: { note: (_, word: string) => void story.push(word) },
  }).createMachine({
    initial: "a",
    states: {
      a: { on: { go: "b" } },
      b: { entry: { type: "note", params: "b" }, always: "c" },
      c: { entry: { type: "note", params: "c" } },
    },
  });
  const actor = createActor(machine).start();
  actor.send({ type: "go" });
  expect([actor.getSnapshot().value, story]).toEqual(["c", ["b", "c"]]);
  actor.stop();
});

test("`after` runs on the clock that was handed in, is off when its state is left, and not begun anew by events inside", () => {
  const clock = new SimulatedClock();
  let fired = 0;
  const machine = setup({
    types: { events: {} as { type: "stay" | "leave" } },
    actions: { fire: () => void fired++, nothing: () => {} },
    delays: { grace: 50 },
  }).createMachine({
    initial: "waiting",
    states: {
      waiting: { after: { grace: { actions: "fire" } }, on: { stay: { actions: "nothing" }, leave: "gone" } },
      gone: {},
    },
  });
  const staying = createActor(machine, { clock }).start();
  clock.increment(40);
  staying.send({ type: "stay" });
  clock.increment(10);
  expect(fired).toBe(1);
  const leaving = createActor(machine, { clock }).start();
  leaving.send({ type: "leave" });
  clock.increment(1000);
  expect(fired).toBe(1);
  staying.stop();
});

test("subscribers are told of the first state at start, and complete when a final state is reached", () => {
  const machine = setup({ types: { events: {} as { type: "end" } } }).createMachine({
    initial: "a",
    states: { a: { on: { end: "b" } }, b: { type: "final" } },
  });
  const actor = createActor(machine);
  const seen: unknown[] = [];
  actor.subscribe({ next: ({ value, status }) => seen.push([value, status]), complete: () => seen.push("complete") });
  actor.start();
  actor.send({ type: "end" });
  expect(seen).toEqual([["a", "active"], ["b", "done"], "complete"]);
});

test("an action that throws stops the actor with an error", () => {
  const machine = setup({
    types: { events: {} as { type: "go" } },
    actions: {
      burst: () => {
        throw new Error("burst");
      },
    },
  }).createMachine({ on: { go: { actions: "burst" } } });
  const actor = createActor(machine);
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  actor.send({ type: "go" });
  expect(errors).toEqual([new Error("burst")]);
  expect(actor.getSnapshot().status).toBe("error");
});
