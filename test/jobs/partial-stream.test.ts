/** The partials on their way to reduce. */
import fc from "fast-check";
import { PartialStream } from "../../src/cluster/partial-stream.ts";

function streaming(order: "part" | "arrival") {
  let consumed = 0;
  const stream = new PartialStream(order, () => consumed++);
  return { stream, consumed: () => consumed };
}

async function all(stream: PartialStream): Promise<unknown[]> {
  const out: unknown[] = [];
  for await (const partial of stream) out.push(partial);
  return out;
}

test("in the order of the parts, whatever the order of arrival", async () => {
  const arrivals = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 });
  await fc.assert(
    fc.asyncProperty(arrivals, fc.nat(8), async (order, early) => {
      const { stream } = streaming("part");
      const push = (part: number) => stream.push(part, `partial ${part}`);
      order.slice(0, early).forEach(push);
      const got = all(stream);
      order.slice(early).forEach(push);
      stream.end();
      expect(await got).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((part) => `partial ${part}`));
    }),
  );
});

test("in the order of arrival, where the kernel wants that", async () => {
  const { stream } = streaming("arrival");
  for (const part of [3, 0, 2]) stream.push(part, part);
  stream.end();
  expect(await all(stream)).toEqual([3, 0, 2]);
});

test("a partial that is undefined is one like any other", async () => {
  const { stream } = streaming("part");
  stream.push(1, undefined);
  stream.push(0, undefined);
  stream.end();
  expect(await all(stream)).toEqual([undefined, undefined]);
});

test("nothing pushed: the end is the end", async () => {
  const { stream } = streaming("part");
  const got = all(stream);
  stream.end();
  expect(await got).toEqual([]);
});

test("what waits is counted, and each that reduce takes is told", async () => {
  const { stream, consumed } = streaming("part");
  stream.push(1, "b");
  stream.push(2, "c");
  const first = stream.next();
  expect([stream.waiting, consumed()]).toEqual([2, 0]);
  stream.push(0, "a");
  expect(await first).toEqual({ done: false, value: "a" });
  expect([stream.waiting, consumed()]).toEqual([2, 1]);
  await stream.next();
  await stream.next();
  expect([stream.waiting, consumed()]).toEqual([0, 3]);
});

test("what arrived before the end is given before the end", async () => {
  const { stream } = streaming("arrival");
  stream.push(0, 1);
  stream.end();
  expect(await stream.next()).toEqual({ done: false, value: 1 });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

describe("abort", () => {
  test("throws at the next look, also when partials wait, with the first error", async () => {
    const { stream } = streaming("arrival");
    stream.push(0, 1);
    stream.abort(new Error("first"));
    stream.abort(new Error("second"));
    await expect(stream.next()).rejects.toThrow("first");
    await expect(all(stream)).rejects.toThrow("first");
  });

  test("throws at once where reduce waits", async () => {
    const { stream } = streaming("part");
    const waiting = stream.next();
    stream.abort(new Error("over"));
    await expect(waiting).rejects.toThrow("over");
  });

  test("may throw what is undefined", async () => {
    const { stream } = streaming("part");
    stream.abort(undefined);
    await expect(stream.next()).rejects.toBeUndefined();
  });
});

describe("return", () => {
  test("a reducer that leaves its loop gets no more, and nothing is kept for it", async () => {
    const { stream } = streaming("arrival");
    stream.push(0, 1);
    stream.push(1, 2);
    for await (const _ of stream) break;
    expect(stream.waiting).toBe(0);
    stream.push(2, 3);
    expect(stream.waiting).toBe(0);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("is no failure", async () => {
    const { stream } = streaming("part");
    expect(await stream.return()).toEqual({ done: true, value: undefined });
  });
});

test("a second look while the first still waits is refused", async () => {
  const { stream } = streaming("part");
  const first = stream.next();
  await expect(stream.next()).rejects.toThrow(/still waiting/);
  stream.push(0, "a");
  expect(await first).toEqual({ done: false, value: "a" });
});
