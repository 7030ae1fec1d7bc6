/** Memory that is used again: only for an array of the same size, only once at a time, and not kept for ever. */
import { LentMemory } from "../../src/host/lent-memory.ts";
import { jestOf } from "../support/jest-of.ts";

const clock = jestOf(import.meta);

const size = 1 << 20;

test("memory that was given back is taken again by an array of its size, and by one only", () => {
  const memory = new LentMemory();
  const first = memory.place(size);
  memory.giveBack([first]);
  expect(memory.place(size - 8).buffer).not.toBe(first.buffer);
  const again = memory.place(size);
  expect([again.buffer, again.byteLength]).toEqual([first.buffer, size]);
  expect(memory.place(size).buffer).not.toBe(first.buffer);
});

test("what the last job had no use for is let go when that ends", () => {
  const memory = new LentMemory();
  const [first, second] = [memory.place(size), memory.place(2 * size)];
  memory.giveBack([first]);
  memory.giveBack([second]);
  expect(memory.place(size).buffer).not.toBe(first.buffer);
  expect(memory.place(2 * size).buffer).toBe(second.buffer);
  memory.clear();
});

test("small arrays are not kept", () => {
  const memory = new LentMemory();
  const small = memory.place(1000);
  memory.giveBack([small]);
  expect(memory.place(1000).buffer).not.toBe(small.buffer);
});

test("what no job asks for is let go after ten seconds", () => {
  clock.useFakeTimers();
  const memory = new LentMemory();
  const first = memory.place(size);
  memory.giveBack([first]);
  clock.advanceTimersByTime(9_999);
  expect(memory.place(size).buffer).toBe(first.buffer);
  memory.giveBack([first]);
  clock.advanceTimersByTime(10_000);
  expect(memory.place(size).buffer).not.toBe(first.buffer);
  clock.useRealTimers();
});
