/** How many parts go to a rank together. */
import fc from "fast-check";
import { BatchSize } from "../../src/cluster/batch-size.ts";

/** A rank whose parts take so long each and are so big, fed until the size no longer changes. */
function settled(msPerPart: number, bytesPerPart = 0): number {
  const size = new BatchSize();
  for (let i = 0; i < 30; i++) {
    const parts = size.next();
    size.sent(parts, parts * bytesPerPart);
    size.computed(parts, parts * msPerPart);
  }
  return size.next();
}

test("one part until something was measured", () => {
  const size = new BatchSize();
  size.sent(1, 10);
  expect(size.next()).toBe(1);
});

test.each([
  [100, 0, 1],
  [4, 0, 1],
  [1, 0, 4],
  [0.1, 0, 40],
  [0, 0, 4096],
  [0, 1 << 20, 1],
  [0, 1 << 30, 1],
  [0, 1 << 18, 4],
  [1, 1 << 19, 2],
])("parts of %d ms and %d bytes go in batches of %d", (ms, bytes, batch) => {
  expect(settled(ms, bytes)).toBe(batch);
});

test("a batch is at most double the largest before it: one quick part makes no long batch", () => {
  const size = new BatchSize();
  size.sent(1, 10);
  size.computed(1, 0);
  expect(size.next()).toBe(2);
  size.sent(2, 20);
  size.computed(2, 0);
  expect(size.next()).toBe(4);
});

test("slow parts make batches short at once, quick ones long bit by bit", () => {
  const size = new BatchSize();
  size.sent(1000, 0);
  size.computed(1000, 4);
  expect(size.next()).toBe(1000);
  size.computed(1, 4);
  expect(size.next()).toBe(1);
  size.computed(1, 0);
  expect(size.next()).toBe(2);
});

test("a report of no parts measures nothing", () => {
  const size = new BatchSize();
  size.computed(0, 0);
  expect(size.next()).toBe(1);
});

test("whatever is measured, a batch is a whole number from 1 to 4096", () => {
  const step = fc.record({
    parts: fc.integer({ min: 1, max: 5000 }),
    ms: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat())), (steps) => {
      const size = new BatchSize();
      for (const [{ parts, ms }, bytes] of steps) {
        size.sent(parts, bytes);
        size.computed(parts, ms);
        expect(Number.isInteger(size.next())).toBe(true);
        expect(size.next()).toBeGreaterThanOrEqual(1);
        expect(size.next()).toBeLessThanOrEqual(4096);
      }
    }),
  );
});
