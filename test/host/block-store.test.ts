/** Shared values on one host: each thread is given each once, and none outlives its job. */
import { BlockStore } from "../../src/host/block-store.ts";

const value = (...bytes: number[]) => ({ head: new Uint8Array([bytes.length]), raws: [new Uint8Array(bytes)] });
const idsOf = (blocks: readonly { id: number }[]) => blocks.map(({ id }) => id);

test("a rank's thread is given a block once, each rank for itself", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1, 2));
  store.put(1, 1, value(3));
  expect(idsOf(store.newFor(4, 1, [0, 1]))).toEqual([0, 1]);
  expect(idsOf(store.newFor(4, 1, [0, 1]))).toEqual([]);
  expect(idsOf(store.newFor(5, 1, [1]))).toEqual([1]);
  expect(idsOf(store.newFor(5, 1, [0, 1]))).toEqual([0]);
});

test("a thread that was started anew is given all again", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1));
  store.newFor(4, 1, [0]);
  expect(store.wereGiven(4)).toBe(true);
  store.threadLost(4);
  expect(store.wereGiven(4)).toBe(false);
  expect(idsOf(store.newFor(4, 1, [0]))).toEqual([0]);
});

test("a job that has ended leaves no block, and the next one's numbers start anew", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1));
  store.newFor(4, 1, [0]);
  store.forget(1);
  expect(idsOf(store.newFor(4, 1, [0]))).toEqual([]);
  expect(store.wereGiven(4)).toBe(false);
  store.put(2, 0, value(2));
  expect([...store.newFor(4, 2, [0])[0]!.value.raws[0]!]).toEqual([2]);
});

test("the end of an earlier job does not touch a later one's blocks", () => {
  const store = new BlockStore();
  store.put(2, 0, value(1));
  store.forget(1);
  expect(idsOf(store.newFor(4, 2, [0]))).toEqual([0]);
});

test("a block of another job is never given", () => {
  const store = new BlockStore();
  store.put(1, 0, value(1));
  expect(store.newFor(4, 2, [0, 7])).toEqual([]);
});
