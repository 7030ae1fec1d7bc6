/** Shared values on one host: each thread is given each once, and none outlives its job. */
import { BlockStore, ownFrames } from "../../src/host/block-store.ts";

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

test("the bytes lie in memory that all threads share, copied from what arrived", () => {
  const store = new BlockStore();
  const arrived = value(1, 2, 3);
  store.put(1, 0, arrived);
  arrived.raws[0]!.fill(9);
  arrived.head.fill(9);
  const [forOne] = store.newFor(0, 1, [0]);
  const [forOther] = store.newFor(1, 1, [0]);
  expect([...forOne!.value.raws[0]!]).toEqual([1, 2, 3]);
  expect([...forOne!.value.head]).toEqual([3]);
  expect(Object.prototype.toString.call(forOne!.value.raws[0]!.buffer)).toBe("[object SharedArrayBuffer]");
  expect(forOther!.value.raws[0]!.buffer).toBe(forOne!.value.raws[0]!.buffer);
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

test("own frames lie in buffers of their own", () => {
  const memory = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  const owned = ownFrames({ head: memory.subarray(0, 2), raws: [memory.subarray(2, 4), memory.subarray(4, 4)] });
  memory.fill(0);
  expect([...owned.head]).toEqual([1, 2]);
  expect([...owned.raws[0]!]).toEqual([3, 4]);
  const buffers = [owned.head, ...owned.raws].map(({ buffer }) => buffer);
  expect(new Set(buffers).size).toBe(3);
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([2, 2, 0]);
});
