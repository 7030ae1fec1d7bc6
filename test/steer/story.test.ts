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
