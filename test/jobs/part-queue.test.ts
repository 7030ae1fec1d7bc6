/** The queue of parts: lazy, bounded, and never in the way of parts that are there. */
import { PartQueue } from "../../src/cluster/part-queue.ts";
import { forRank } from "../../src/kernels/share.ts";
import { Inbox } from "../support/inbox.ts";

function queueOf(parts: Iterable<unknown> | AsyncIterable<unknown>) {
  const arrivals = new Inbox<unknown>();
  const failures = new Inbox<unknown>();
  const queue = new PartQueue(parts, {
    isLive: () => true,
    mayPull: () => true,
    arrived: () => arrivals.push(undefined),
    failed: failures.push,
  });
  const take = (rank: number, count: number) => queue.take(rank, count).map(({ value }) => value);
  return { queue, take, arrivals, failures };
}

function* endless(rank: number) {
  for (let i = 0; ; i++) yield forRank(rank, i);
}

test("parts are kept for the rank that they are meant for", () => {
  const { take, queue } = queueOf([forRank(1, "a"), forRank(0, "b"), "c"]);
  expect(take(0, 1)).toEqual(["b"]);
  expect(take(1, 5)).toEqual(["a", "c"]);
  expect(queue.exhausted).toBe(true);
});

test("scatter that yields parts of one rank only is not asked without end for another's", () => {
  const { take, queue } = queueOf(endless(0));
  expect(take(1, 1)).toEqual([]);
  expect(queue.pulled).toBe(1024);
  expect(take(0, 2)).toEqual([0, 1]);
  expect(take(1, 1)).toEqual([]);
  expect(queue.pulled).toBe(1026);
});

test("what a lost rank gives back is there at once, also while scatter is waited for", async () => {
  let goOn = () => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const { queue, take, arrivals } = queueOf(
    (async function* () {
      yield "a";
      await gate;
      yield "b";
    })(),
  );
  expect(take(0, 2)).toEqual([]);
  await arrivals.next();
  const lost = queue.take(0, 2);
  expect(lost.map(({ value }) => value)).toEqual(["a"]);
  queue.giveBack(lost);
  expect(take(1, 2)).toEqual(["a"]);
  goOn();
  await arrivals.next();
  expect(take(1, 2)).toEqual(["b"]);
});

test("parts that come in quick succession are there together", async () => {
  const { take, arrivals } = queueOf(
    (async function* () {
      yield* [0, 1, 2, 3, 4, 5, 6];
    })(),
  );
  expect(take(0, 3)).toEqual([]);
  await arrivals.next();
  await new Promise(setImmediate);
  expect(take(0, 3)).toEqual([0, 1, 2]);
});

test("no more is asked for than ranks want", async () => {
  const { queue, take, arrivals } = queueOf(
    (async function* () {
      for (let i = 0; ; i++) yield i;
    })(),
  );
  expect([...take(0, 3), ...take(1, 2)]).toEqual([]);
  await arrivals.next();
  await new Promise(setImmediate);
  expect(queue.pulled).toBe(5);
});

test("an asynchronous scatter that throws is told, what it yielded stays", async () => {
  const { take, failures } = queueOf(
    (async function* () {
      yield 1;
      throw new Error("late");
    })(),
  );
  take(0, 2);
  expect(await failures.next()).toEqual(new Error("late"));
  expect(take(0, 2)).toEqual([1]);
});

test("after close nothing comes any more, and scatter has run its finally", async () => {
  let cleaned = false;
  const { queue, take } = queueOf(
    (function* () {
      try {
        yield* [1, 2, 3];
      } finally {
        cleaned = true;
      }
    })(),
  );
  expect(take(0, 1)).toEqual([1]);
  await queue.close();
  expect(cleaned).toBe(true);
  expect(take(0, 1)).toEqual([]);
});

test("how many parts there are is known of an array, and of a scatter that came to its own end", async () => {
  const array = queueOf(["a", "b", "c"]);
  array.take(0, 1);
  await array.queue.close();
  expect(array.queue.total).toBe(3);
  const lazy = queueOf(endless(0));
  lazy.take(0, 2);
  await lazy.queue.close(); // cut short
  expect(lazy.queue.total).toBeUndefined();
  const whole = queueOf(new Set(["a", "b"]));
  expect([whole.queue.total, whole.take(0, 5).length, whole.queue.total]).toEqual([undefined, 2, 2]);
});
