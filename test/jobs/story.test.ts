/** The story of a job: what is told, what is kept, and who hears it. */
import fc from "fast-check";
import { Story, type TransitionRecord } from "../../src/cluster/story.ts";

const entry = (rank: number | undefined, timeMs = 0): Omit<TransitionRecord, "seq" | "job"> => ({
  timeMs,
  rank,
  host: "desk",
  from: "idle",
  to: "scattering",
  event: "part.received",
});

test("of the job and of each rank the last transitions are kept, in the order in which they came", () => {
  const ranks = fc.array(fc.option(fc.nat(3), { nil: undefined }), { maxLength: 100 });
  fc.assert(
    fc.property(ranks, fc.integer({ min: 0, max: 5 }), (lanes, keep) => {
      const story = new Story("job#1", keep);
      for (const rank of lanes) story.add(entry(rank));
      const all = lanes.map((rank, i) => ({ rank, seq: i + 1 }));
      const expected = all.filter(
        ({ rank, seq }) => all.filter((later) => later.rank === rank && later.seq > seq).length < keep,
      );
      expect(story.records().map(({ rank, seq }) => ({ rank, seq }))).toEqual(expected);
    }),
  );
});

test("an observer hears what comes, from the start if it asks, and of the end", () => {
  const story = new Story("job#1", 10);
  story.add(entry(0));
  const [late, fromStart]: number[][] = [[], []];
  let ended = 0;
  story.observe(({ seq }) => late.push(seq), false);
  story.observe({ next: ({ seq }) => fromStart.push(seq), complete: () => ended++ }, true);
  const gone = story.observe(() => late.push(-1), false);
  gone.unsubscribe();
  story.add(entry(1));
  story.end();
  story.observe({ complete: () => ended++ }, false);
  expect({ late, fromStart, ended }).toEqual({ late: [2], fromStart: [1, 2], ended: 2 });
});

test("something that can't observe is refused", () => {
  expect(() => new Story("job#1", 1).observe(7 as never, false)).toThrow('"observer" must be a function');
});

test("everybody hears of a record before the next one, also when an observer causes that", () => {
  const story = new Story("job#1", 10);
  const [first, second, within]: number[][] = [[], [], []];
  story.add(entry(0));
  story.observe(({ seq }) => {
    first.push(seq);
    if (seq === 1) story.add(entry(0));
    if (seq === 2) story.observe((record) => within.push(record.seq), true);
  }, true);
  story.observe(({ seq }) => second.push(seq), true);
  story.add(entry(1));
  expect({ first, second, within }).toEqual({ first: [1, 2, 3], second: [1, 2, 3], within: [1, 2, 3] });
});

test("an observer that throws does not keep a record from the others, and its error surfaces", async () => {
  const story = new Story("job#1", 10);
  const heard: number[] = [];
  const surfaced: unknown[] = [];
  const microtask = globalThis.queueMicrotask;
  globalThis.queueMicrotask = (task) => surfaced.push(task);
  try {
    story.observe(() => {
      throw new Error("from the observer");
    }, false);
    story.observe(({ seq }) => heard.push(seq), false);
    story.add(entry(0));
    story.add(entry(0));
  } finally {
    globalThis.queueMicrotask = microtask;
  }
  expect(heard).toEqual([1, 2]);
  expect(surfaced).toHaveLength(2);
  expect(surfaced[0]).toThrow("from the observer");
});
