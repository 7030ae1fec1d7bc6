/** How many parts travel together: worth a message, and never so many that one rank holds all that is slow. */
import fc from "fast-check";
import { BatchSize, BatchSizes } from "../../src/cluster/batch-size.ts";

test("the first batch is one part", () => {
  expect(new BatchSize(4).next()).toBe(1);
});

test("a batch is at most double the one before, however quick the parts were", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 30 }), (times) => {
      const size = new BatchSize(4);
      let last = 1;
      for (const ms of times) {
        const next = size.next();
        expect(next).toBeGreaterThanOrEqual(1);
        expect(next).toBeLessThanOrEqual(2 * last);
        size.sent(next, 8 * next);
        size.computed(next, ms);
        last = next;
      }
    }),
  );
});

test("quick parts reach thousands in a dozen batches, slow ones stay alone", () => {
  const grow = (ms: number): number => {
    const size = new BatchSize(4);
    for (let i = 0; i < 13; i++) {
      const next = size.next();
      size.sent(next, 8 * next);
      size.computed(next, ms * next);
    }
    return size.next();
  };
  expect(grow(0.0001)).toBe(4096);
  expect(grow(1)).toBe(4);
  expect(grow(50)).toBe(1);
});

test("the more ranks, the longer their batches: rank 0 has the time for all", () => {
  const sizes = new BatchSizes(1000);
  for (let i = 0; i < 13; i++) {
    const next = sizes.next(0);
    sizes.sent(0, next, 8 * next);
    sizes.computed(0, next, next); // 1 ms each
  }
  expect(sizes.next(0)).toBe(400);
  expect(sizes.sum).toBe(400 + 999);
});
