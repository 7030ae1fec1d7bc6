/** Shared values on one host: each thread is given each once, and none outlives its job. */
import { BlockStore } from "../../src/host/block-store.ts";
import { shared } from "../../src/wire/chunks.ts";

const value = (...bytes: number[]) => ({ head: new Uint8Array([bytes.length]), raws: [new Uint8Array(bytes)] });
const idsOf = (blocks: readonly { id: number }[]) => blocks.map(({ id }) => id);

test("a rank's thread is given a block once, each rank for itself", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1, 2), false);
  store.put(1, 1, value(3), false);
  expect(idsOf(store.newFor(4, 1, [0, 1]))).toEqual([0, 1]);
  expect(idsOf(store.newFor(4, 1, [0, 1]))).toEqual([]);
  expect(idsOf(store.newFor(5, 1, [1]))).toEqual([1]);
  expect(idsOf(store.newFor(5, 1, [0, 1]))).toEqual([0]);
});

test("a thread that was started anew is given all again", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1), false);
  store.newFor(4, 1, [0]);
  expect(store.wereGiven(4)).toBe(true);
  store.threadLost(4);
  expect(store.wereGiven(4)).toBe(false);
  expect(idsOf(store.newFor(4, 1, [0]))).toEqual([0]);
});

test("a job that has ended leaves no block, and the next one's numbers start anew", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1), false);
  store.newFor(4, 1, [0]);
  store.forget(1);
  expect(idsOf(store.newFor(4, 1, [0]))).toEqual([]);
  expect(store.wereGiven(4)).toBe(false);
  store.put(2, 0, value(2), false);
  expect([...store.newFor(4, 2, [0])[0]!.value.raws[0]!]).toEqual([2]);
});

test("the end of an earlier job does not touch a later one's blocks", () => {
  const store = new BlockStore();
  store.put(2, 0, value(1), false);
  store.forget(1);
  expect(idsOf(store.newFor(4, 2, [0]))).toEqual([0]);
});

test("a block of another job is never given", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1), false);
  expect(store.newFor(4, 2, [0, 7])).toEqual([]);
});

test("what was lent lies under the next job's arrays of the same sizes, and what was not never does", () => {
  const store = new BlockStore();
  const [lent, kept] = [store.placeOfLent(1 << 20), shared(1 << 20)];
  store.put(1, 0, { head: shared(9), raws: [lent] }, true);
  store.put(1, 1, { head: shared(9), raws: [kept] }, false);
  expect(store.placeOfLent(1 << 20).buffer).not.toBe(lent.buffer); // its job is under way
  store.forget(1);
  expect(store.placeOfLent(1 << 20).buffer).toBe(lent.buffer);
  expect(store.placeOfLent(1 << 20).buffer).not.toBe(kept.buffer);
  store.close();
});
