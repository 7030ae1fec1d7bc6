/** The timeline's data: what is painted is what happened. */
import fc from "fast-check";
import { Lanes } from "../../src/inspector/page/lanes.ts";
import { TimelineView, tickStep } from "../../src/inspector/page/timeline-view.ts";

const colours = Uint32Array.from([11, 22, 33, 44, 55, 66, 77, 88]);

/** Transitions of one lane: times from 0 to 1000 in order, and states. */
const lane = fc
  .array(fc.record({ timeMs: fc.integer({ min: 0, max: 1000 }), to: fc.integer({ min: 0, max: 7 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((moves) => moves.sort((a, b) => a.timeMs - b.timeMs));

function filled(moves: readonly { timeMs: number; to: number }[]): Lanes {
  const lanes = new Lanes();
  for (const { timeMs, to } of moves) lanes.add(0, timeMs, 0, to);
  return lanes;
}

/** How long the lane was in each state between two moments, counted the slow way. */
function shares(moves: readonly { timeMs: number; to: number }[], from: number, until: number): number[] {
  const out = new Array<number>(8).fill(0);
  let [state, since] = [0, Number.NEGATIVE_INFINITY];
  for (const { timeMs, to } of [...moves, { timeMs: Number.POSITIVE_INFINITY, to: 0 }]) {
    out[state]! += Math.max(0, Math.min(until, timeMs) - Math.max(from, since));
    [state, since] = [to, timeMs];
  }
  return out;
}

test("each pixel has the colour of a state that lasted longest within it", () => {
  fc.assert(
    fc.property(lane, fc.integer({ min: -50, max: 900 }), fc.integer({ min: 1, max: 400 }), (moves, from, width) => {
      const row = new Uint32Array(37);
      filled(moves).paint(0, row, from, from + width, from + width, colours);
      for (const [x, pixel] of row.entries()) {
        const perPixel = width / row.length;
        const share = shares(moves, from + x * perPixel, from + (x + 1) * perPixel);
        expect(share[colours.indexOf(pixel)]!).toBeGreaterThan(Math.max(...share) - 1e-6);
      }
    }),
  );
});

test("stretches of the same state within a pixel count together", () => {
  const row = new Uint32Array(1);
  const moves = [
    { timeMs: 3, to: 3 },
    { timeMs: 7, to: 0 },
  ];
  filled(moves).paint(0, row, 0, 10, 10, colours); // state 0 for 3 ms and 3 ms more, state 3 for 4 ms
  expect(row[0]).toBe(colours[0]);
});

test("nothing is painted past the present, nor for a lane that nobody told of", () => {
  const lanes = filled([{ timeMs: 10, to: 2 }]);
  lanes.widen(2);
  const row = new Uint32Array(10);
  lanes.paint(0, row, 0, 100, 50, colours);
  expect([...row]).toEqual([11, 33, 33, 33, 33, 0, 0, 0, 0, 0]);
  lanes.paint(1, row, 0, 100, 50, colours);
  expect([...row]).toEqual(new Array(10).fill(0));
});

test("a moment of a lane is told with its state, its beginning and its end", () => {
  const lanes = filled([
    { timeMs: 10, to: 2 },
    { timeMs: 30, to: 3 },
  ]);
  expect(lanes.at(0, 5)).toEqual({ state: 0, fromMs: Number.NEGATIVE_INFINITY, untilMs: 10 });
  expect(lanes.at(0, 10)).toEqual({ state: 2, fromMs: 10, untilMs: 30 });
  expect(lanes.at(0, 99)).toEqual({ state: 3, fromMs: 30, untilMs: undefined });
  expect(lanes.at(4, 1)).toBeUndefined();
});

test("zoom keeps the moment under the pointer where it is", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 0.85, noNaN: true }),
      fc.double({ min: 0.3, max: 3, noNaN: true }),
      (at, factor) => {
        const view = new TimelineView();
        const whole = { fromMs: 1000, untilMs: 3000 };
        view.pan(whole, -0.3);
        const before = view.span(whole);
        view.zoom(whole, factor, at);
        const after = view.span(whole);
        const moment = (span: typeof before) => span.fromMs + at * (span.untilMs - span.fromMs);
        expect(moment(after)).toBeCloseTo(moment(before), 5);
      },
    ),
  );
});

test("who follows sees the present come in; who has panned stays", () => {
  const view = new TimelineView();
  const early = { fromMs: 0, untilMs: 1000 };
  const late = { fromMs: 0, untilMs: 5000 };
  view.zoom(early, 0.5, 1);
  expect(view.follows).toBe(true);
  expect(view.span(late).untilMs).toBeGreaterThan(5000);
  view.pan(late, -0.5);
  expect(view.follows).toBe(false);
  const still = view.span(late);
  expect(view.span({ fromMs: 0, untilMs: 9000 })).toEqual(still);
  view.follow();
  expect(view.span({ fromMs: 0, untilMs: 9000 }).untilMs).toBeGreaterThan(9000);
});

test.each([
  [1000, 10, 100],
  [900, 10, 100],
  [1100, 10, 200],
  [7, 5, 2],
  [60_000, 8, 10_000],
])("ticks of an axis of %d ms with room for %d are %d ms apart", (width, count, step) => {
  expect(tickStep(width, count)).toBeCloseTo(step);
});
