/** The parts that wait for a rank: who gets which, when scatter is asked, and that none is lost or handed out twice. */
import fc from "fast-check";
import { PartQueue, type QueuedPart } from "../../src/cluster/part-queue.ts";
import { forRank } from "../../src/kernels/share.ts";

const always = () => true;
const values = (parts: readonly QueuedPart[]) => parts.map(({ value }) => value);
const numbers = (parts: readonly QueuedPart[]) => parts.map(({ number }) => number);

function queueOf(parts: Iterable<unknown> | AsyncIterable<unknown>, live: (rank: number) => boolean = always) {
  return new PartQueue(parts, live);
}

/** Yields without end, and notes how often it was asked and whether it was told to stop. */
function endless(place?: (i: number) => number) {
  const seen = { asked: 0, closed: false };
  function* parts() {
    try {
      for (let i = 0; ; i++) {
        seen.asked++;
        yield place ? forRank(place(i), i) : i;
      }
    } finally {
      seen.closed = true;
    }
  }
  return { seen, parts: parts() };
}

test("scatter is asked for as many parts as are taken, and no more", async () => {
  const { seen, parts } = endless();
  const queue = queueOf(parts);
  expect(seen.asked).toBe(0);
  expect(values(await queue.take(0, 3, always))).toEqual([0, 1, 2]);
  expect(values(await queue.take(1, 2, always))).toEqual([3, 4]);
  expect([seen.asked, queue.pulled, queue.exhausted]).toEqual([5, 5, false]);
});

test("parts are numbered in the order of scatter", async () => {
  const queue = queueOf(["a", forRank(1, "b"), "c"]);
  expect(await queue.take(0, 2, always)).toEqual([
    { number: 0, value: "a", place: undefined, losses: 0 },
    { number: 2, value: "c", place: undefined, losses: 0 },
  ]);
  expect(await queue.take(1, 1, always)).toEqual([{ number: 1, value: "b", place: 1, losses: 0 }]);
});

test("scatter that may not be asked gives nothing, what waits is given all the same", async () => {
  const { seen, parts } = endless();
  const queue = queueOf(parts);
  const taken = await queue.take(0, 2, always);
  expect(await queue.take(0, 5, () => false)).toEqual([]);
  queue.giveBack(taken);
  expect(values(await queue.take(0, 5, () => false))).toEqual([0, 1]);
  expect(seen.asked).toBe(2);
});

test("of an array the number of parts is known at once, of a generator at its end", async () => {
  expect(queueOf([1, 2, 3]).total).toBe(3);
  const queue = queueOf(new Set([1, 2]));
  expect(queue.total).toBeUndefined();
  await queue.take(0, 9, always);
  expect(queue.total).toBe(2);
});

test("the end of scatter is known when it was reached", async () => {
  const queue = queueOf([1]);
  await queue.take(0, 1, always);
  expect(queue.exhausted).toBe(false);
  expect(await queue.take(0, 1, always)).toEqual([]);
  expect([queue.exhausted, queue.pulled, queue.hasWaiting()]).toEqual([true, 1, false]);
});

describe("placed parts", () => {
  test("go to their rank, also when another asks first", async () => {
    const queue = queueOf([forRank(1, "for 1"), "free", forRank(0, "for 0")]);
    expect(values(await queue.take(0, 1, always))).toEqual(["free"]);
    expect(queue.hasWaiting()).toBe(true);
    expect(values(await queue.take(1, 5, always))).toEqual(["for 1"]);
    expect(values(await queue.take(0, 5, always))).toEqual(["for 0"]);
    expect(queue.hasWaiting()).toBe(false);
  });

  test("whose rank does not live, or does not exist, go to whoever comes first", async () => {
    const queue = queueOf([forRank(7, "a"), forRank(1, "b")], (rank) => rank === 0);
    expect(values(await queue.take(0, 2, always))).toEqual(["a", "b"]);
  });

  test("of a rank that is lost later go to whoever comes first, in their order", async () => {
    const lost = new Set<number>();
    const queue = queueOf([forRank(1, "a"), forRank(1, "b"), "c", forRank(1, "d")], (rank) => !lost.has(rank));
    expect(values(await queue.take(0, 1, always))).toEqual(["c"]);
    lost.add(1);
    queue.rankLost(1);
    expect(values(await queue.take(0, 9, always))).toEqual(["a", "b", "d"]);
  });

  test("scatter that places all its parts elsewhere, without end, is not asked without end", async () => {
    const { seen, parts } = endless(() => 1);
    const queue = queueOf(parts);
    expect(await queue.take(0, 1, always)).toEqual([]);
    expect(seen.asked).toBeLessThanOrEqual(4096);
    const before = seen.asked;
    expect(await queue.take(0, 1, always)).toEqual([]);
    expect(seen.asked).toBe(before);
    expect(numbers(await queue.take(1, 10, always))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await queue.take(0, 1, always);
    expect(seen.asked).toBe(before + 10);
    queue.rankLost(1);
    expect(values(await queue.take(0, 1, always))).toEqual([10]);
  });
});

test("parts that come back are given again before new ones, in their order, and their losses are counted", async () => {
  const queue = queueOf(endless().parts);
  const first = await queue.take(0, 2, always);
  const second = await queue.take(1, 2, always);
  queue.giveBack(second);
  queue.giveBack(first);
  const again = await queue.take(2, 5, always);
  expect(numbers(again)).toEqual([0, 1, 2, 3, 4]);
  expect(again.map(({ losses }) => losses)).toEqual([1, 1, 1, 1, 0]);
  queue.giveBack(again.slice(0, 1));
  expect((await queue.take(0, 1, always))[0]).toEqual({ number: 0, value: 0, place: undefined, losses: 2 });
});

describe("asynchronous scatter", () => {
  test("is waited for", async () => {
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    async function* parts() {
      yield 1;
      await gate;
      yield 2;
    }
    const queue = queueOf(parts());
    expect(values(await queue.take(0, 1, always))).toEqual([1]);
    const taking = queue.take(0, 5, always);
    open();
    expect(values(await taking)).toEqual([2]);
    expect(queue.exhausted).toBe(true);
  });

  test("may promise in a way of its own", async () => {
    let i = 0;
    // biome-ignore lint/suspicious/noThenProperty: a promise that is no Promise is the case
    const next = () => ({ then: (ok: (step: object) => void) => ok(i < 2 ? { value: i++ } : { done: true }) });
    const parts = { [Symbol.asyncIterator]: () => ({ next }) } as unknown as AsyncIterable<unknown>;
    expect(values(await queueOf(parts).take(0, 9, always))).toEqual([0, 1]);
  });

  test("that fails, fails the taking", async () => {
    async function* parts() {
      yield 1;
      throw new RangeError("no more");
    }
    await expect(queueOf(parts()).take(0, 2, always)).rejects.toThrow("no more");
  });
});

describe("close", () => {
  test("lets scatter clean up", async () => {
    const { seen, parts } = endless();
    const queue = queueOf(parts);
    await queue.take(0, 1, always);
    await queue.close();
    await queue.close();
    expect([seen.closed, queue.exhausted]).toEqual([true, true]);
    expect(await queue.take(0, 1, always)).toEqual([]);
  });

  test("does not tell a scatter that has ended, and does not mind one without clean-up", async () => {
    let returns = 0;
    const iterator = {
      next: () => ({ done: true, value: undefined }),
      return: () => ({ done: true, value: ++returns }),
    };
    const ended = queueOf({ [Symbol.iterator]: () => iterator } as Iterable<unknown>);
    await ended.take(0, 1, always);
    await ended.close();
    expect(returns).toBe(0);
    await queueOf({ [Symbol.iterator]: () => ({ next: iterator.next }) } as Iterable<unknown>).close();
  });
});

test("whoever takes, is lost and gives back: every part is handed out, and to one rank at a time", async () => {
  const move = fc.record({ rank: fc.nat(2), count: fc.integer({ min: 1, max: 3 }), lose: fc.boolean() });
  const place = fc.option(fc.nat(3), { nil: undefined });
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 20 }), fc.array(move, { maxLength: 12 }), async (places, moves) => {
      const lost = new Set<number>();
      const parts = places.map((rank, i) => (rank === undefined ? i : forRank(rank, i)));
      const queue = queueOf(parts, (rank) => rank <= 2 && !lost.has(rank));
      const held = new Map<number, QueuedPart[]>();
      const take = async (rank: number, count: number) => {
        for (const part of await queue.take(rank, count, always)) {
          for (const others of held.values()) expect(numbers(others)).not.toContain(part.number);
          held.set(rank, [...(held.get(rank) ?? []), part]);
        }
      };
      for (const { rank, count, lose } of moves) {
        if (lost.has(rank)) continue;
        await take(rank, count);
        if (!lose || lost.size === 2) continue;
        lost.add(rank);
        queue.giveBack(held.get(rank) ?? []);
        held.delete(rank);
        queue.rankLost(rank);
      }
      for (const rank of [0, 1, 2]) if (!lost.has(rank)) await take(rank, 1000);
      expect([...held.values()].flat().length).toBe(places.length);
      expect(queue.hasWaiting()).toBe(false);
      expect(queue.exhausted).toBe(true);
    }),
    { numRuns: 150 },
  );
});
