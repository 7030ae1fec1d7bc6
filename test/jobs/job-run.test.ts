/** Parts to ranks, partials to reduce: the work of one job at the driver, on hosts that the test plays. */
import { JobRun } from "../../src/cluster/job-run.ts";
import { KernelError, RankLostError, TransportError, UsageError } from "../../src/errors.ts";
import type { Kernel, ReduceContext } from "../../src/kernels/define-kernel.ts";
import { forRank, share } from "../../src/kernels/share.ts";
import { framesOf, messageToDriver, type ToDriver } from "../../src/wire/messages.ts";
import { type EncodedValue, encodeValue } from "../../src/wire/value-codec.ts";
import { type AnyKernel, collecting, count } from "./collecting-kernel.ts";
import { PlayedStar, quiet, until } from "./played-star.ts";

type PartialHead = Extract<ToDriver, { kind: "Partial" }>;

let runs: JobRun[] = [];
afterEach(() => {
  for (const run of runs) run.stop(); // a job that nobody ends goes on
  runs = [];
});

function start(given: Partial<AnyKernel>, hosts: Record<string, number> = { a: 2 }, star = new PlayedStar(hosts)) {
  const told: string[] = [];
  const outcome: { value?: unknown; error?: unknown } = {};
  const run = new JobRun(1, collecting(given) as Kernel<unknown>, "input", star, 500, {
    handedOut: () => told.push("handedOut"),
    received: () => told.push("received"),
    reduced: (value) => {
      told.push("reduced");
      outcome.value = value;
    },
    starved() {},
    failed: (error) => {
      told.push("failed");
      outcome.error ??= error;
    },
    cancelRest: async () => ({ elapsedMs: 0, progressByRank: [] }),
    note: () => {},
  });
  runs.push(run);
  star.listener = {
    message: (_, message) => run.message(message),
    hostLost: (_, errors) =>
      run.ranksLost(
        errors.map(({ rank }) => rank),
        errors[0]!,
      ),
    hostBack: () => run.resume(),
  };
  return { run, star, told, outcome };
}

/** How many parts lie with each rank. */
const load = (star: PlayedStar) => star.work.map((work) => work.reduce((sum, { values }) => sum + values.length, 0));
const firstParts = (star: PlayedStar, rank: number) => star.work[rank]!.flatMap(({ head }) => head.parts);

describe("parts", () => {
  test("are all computed once and reduced in their order", async () => {
    const { star, told, outcome, run } = start({ scatter: () => count(100), compute: (part) => (part as number) ** 2 });
    star.playAll({ compute: (part: number) => part ** 2 });
    await until(() => told.includes("reduced"));
    expect(outcome.value).toEqual(Array.from(count(100), (i) => i * i));
    expect(told).toEqual(["handedOut", "received", "reduced"]);
    expect(run.parts).toMatchObject({ handedOut: 100, done: 100, again: 0, total: 100 });
    expect(run.parts.perRank.reduce((a, b) => a + b)).toBe(100);
    expect(run.complete).toBe(true);
  });

  test("a job without parts reduces nothing", async () => {
    const { told, outcome } = start({});
    await quiet();
    expect(outcome.value).toEqual([]);
    expect(told).toEqual(["handedOut", "received", "reduced"]);
  });

  test("each rank has two assignments at most, of one part each until it was measured", async () => {
    const { star } = start({ scatter: () => count(1000) }, { a: 1, b: 2 });
    await quiet();
    expect(star.work.map((work) => work.map(({ values }) => values.length))).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  test("a rank that is done gets the next one: uneven ranks do uneven work", async () => {
    const { star, run } = start({ scatter: () => count(40) });
    await quiet();
    for (let i = 0; i < 30; i++) {
      star.answer(0, (part) => part);
      await quiet();
    }
    expect(run.parts.perRank).toEqual([30, 0]);
    expect(load(star)).toEqual([2, 2]);
  });

  test("ranks are fed in turn: the parts of a short job go to as many ranks as there are", async () => {
    const { star } = start({ scatter: () => count(3) }, { a: 2, b: 1 });
    await quiet();
    expect(load(star)).toEqual([1, 1, 1]);
  });

  test("placed parts go to their rank, the others to whoever is free", async () => {
    const { star } = start({ scatter: () => [forRank(1, "x"), forRank(1, "y"), "z", forRank(1, "w")] }, { a: 2 });
    await quiet();
    expect(star.work[0]!.flatMap(({ values }) => values)).toEqual(["z"]);
    expect(star.work[1]!.flatMap(({ values }) => values)).toEqual(["x", "y"]);
  });

  test("some partials of an assignment may come before the others", async () => {
    const { star, outcome, told } = start({ scatter: () => count(20) }, { a: 1 });
    while (!told.includes("reduced")) {
      await quiet();
      while (star.work[0]!.length > 0) star.answer(0, (part) => part, 1);
    }
    expect(outcome.value).toEqual(Array.from(count(20)));
  });

  test("in order of arrival where the kernel wants that", async () => {
    const { star, outcome } = start({ scatter: () => count(2), order: "arrival" });
    await quiet();
    star.answer(1, () => "first");
    star.answer(0, () => "second");
    await quiet();
    expect(outcome.value).toEqual(["first", "second"]);
  });

  test("a scatter message says what the rank needs to know", async () => {
    const { star } = start({ scatter: () => [{ n: 1n }] }, { a: 1 });
    await quiet();
    expect(star.sent).toEqual([
      {
        host: "a",
        head: {
          kind: "Scatter",
          job: 1,
          rank: 0,
          assignment: 1,
          kernel: { name: "k", module: "file:///k.js" },
          parts: [0],
          blocks: [],
          cancelGraceMs: 500,
          together: null,
        },
      },
      { host: "a", head: { kind: "Last", job: 1 } },
    ]);
    expect(star.work[0]![0]!.values).toEqual([{ n: 1n }]);
  });

  test("a shared value goes to each host once, before the first part that holds it", async () => {
    const table = share(new Float64Array([1, 2]));
    const { star } = start({ scatter: () => [0, 1, 2, 3].map((i) => ({ i, table })) }, { a: 2, b: 1 });
    await quiet();
    expect(star.kinds("a")).toEqual(["Block", "Scatter", "Scatter", "Scatter", "Last"]);
    expect(star.kinds("b")).toEqual(["Block", "Scatter", "Last"]);
    for (const work of star.work.flat()) {
      expect(work.head.blocks).toEqual([0]);
      expect((work.values[0] as { table: Float64Array }).table).toEqual(new Float64Array([1, 2]));
    }
  });
});

describe("the window", () => {
  test("scatter is not asked without bound while reduce takes nothing", async () => {
    let asked = 0;
    function* endless() {
      for (;;) yield asked++;
    }
    let take = () => {};
    const reduce = async (partials: AsyncIterable<unknown>) => {
      await new Promise<void>((resolve) => {
        take = resolve;
      });
      let sum = 0;
      for await (const _ of partials) if (++sum === 400) return sum;
      return sum;
    };
    const { star, outcome } = start({ scatter: endless, reduce });
    star.playAll({ compute: (part: unknown) => part });
    let before = -1;
    while (before !== asked) {
      before = asked;
      await quiet();
    }
    expect(asked).toBeLessThan(64 + 4 * 2 * 2 + 2 * 2 + 1); // the window at 4 ms a part, and what two ranks hold
    take();
    await until(() => outcome.value !== undefined || outcome.error !== undefined);
    expect(outcome.value).toBe(400);
  });

  test("a part that all others wait for holds scatter back as well, and lets it go on", async () => {
    const { star, run, outcome } = start({ scatter: () => count(200) });
    await quiet();
    const [slow] = firstParts(star, 0);
    expect(slow).toBe(0);
    for (;;) {
      if (star.work[1]!.length === 0) break;
      star.answer(1, (part) => part);
      await quiet();
    }
    const stuck = run.parts.handedOut;
    expect(stuck).toBeLessThan(120);
    star.playAll({ compute: (part: unknown) => part });
    await until(() => outcome.value !== undefined || outcome.error !== undefined);
    expect(outcome.value).toEqual(Array.from(count(200)));
  });

  test("an asynchronous scatter is asked by one at a time", async () => {
    let asking = 0;
    async function* parts() {
      for (let i = 0; i < 20; i++) {
        expect(++asking).toBe(1);
        await new Promise(setImmediate);
        asking--;
        yield i;
      }
    }
    const { star, outcome } = start({ scatter: () => parts() }, { a: 2, b: 2 });
    star.playAll({ compute: (part: unknown) => part });
    await until(() => outcome.value !== undefined || outcome.error !== undefined);
    expect(outcome.value).toEqual(Array.from(count(20)));
  });
});

describe("lost ranks", () => {
  test("their parts are computed elsewhere, and each is reduced once", async () => {
    const { star, run, outcome } = start({ scatter: () => count(30) }, { a: 1, b: 2 });
    await quiet();
    star.answer(1, (part) => part);
    await quiet();
    const lost = load(star)[1]! + load(star)[2]!;
    star.lose("b");
    star.playAll({ compute: (part: unknown) => part });
    await until(() => outcome.value !== undefined || outcome.error !== undefined);
    expect(outcome.value).toEqual(Array.from(count(30)));
    expect(run.parts.again).toBe(lost);
  });

  test.each(["part", "arrival"] as const)(
    "what a lost rank still sent is not counted twice (order %s)",
    async (order) => {
      const { star, run, outcome } = start({ scatter: () => count(4), order }, { a: 1, b: 1 });
      await quiet();
      const { head, values } = star.work[1]![0]!;
      star.lose("b");
      star.playAll({ compute: (part: unknown) => part });
      while (!run.complete) {
        star.partials(head, head.parts, values);
        await quiet();
      }
      await quiet();
      expect([...(outcome.value as number[])].sort()).toEqual([0, 1, 2, 3]);
      expect(run.parts.done).toBe(4);
    },
  );

  test("partials that one rank sends for another's assignment are not taken", async () => {
    const { star, run } = start({ scatter: () => count(4) });
    await quiet();
    const { head, values } = star.work[1]![0]!;
    star.partials({ ...head, rank: 0 }, head.parts, values);
    expect(run.parts.done).toBe(0);
  });

  test("a part of a batch that was answered before the loss is not computed again", async () => {
    const { star, run } = start({ scatter: () => count(50) }, { a: 1, b: 1 });
    await quiet();
    for (let i = 0; i < 2; i++) {
      const { head, values } = star.work[1]!.shift()!;
      star.listener!.message("b", partialOf(head, values, 0));
      await quiet();
    }
    const batch = star.work[1]!.find(({ values }) => values.length > 1)!;
    expect(batch).toBeDefined();
    star.partials(batch.head, batch.head.parts.slice(0, 1), batch.values.slice(0, 1), false);
    const held = load(star)[1]! - 1;
    star.lose("b");
    expect(run.parts.again).toBe(held);
  });

  test("a part that is lost with three ranks fails the job with the last loss", async () => {
    const { star, outcome } = start({ scatter: () => count(1) }, { a: 1, b: 1, c: 1, d: 1 });
    for (let losses = 1; losses <= 3; losses++) {
      await quiet();
      const rank = star.work.findIndex((work) => work.length > 0);
      star.lose(star.world.hosts[rank]!);
      await quiet();
      if (losses < 3) expect(outcome.error).toBeUndefined();
    }
    expect(outcome.error).toBeInstanceOf(RankLostError);
    expect((outcome.error as RankLostError).message).toMatch(/^rank \d \([a-d]\) was lost/);
    expect(star.liveHosts().length).toBe(1);
  });

  test("when no rank is left the job fails, whatever it had", async () => {
    const { star, outcome } = start({ scatter: () => count(5) }, { a: 2 });
    await quiet();
    star.lose("a");
    await quiet();
    expect(outcome.error).toBeInstanceOf(RankLostError);
  });

  test("parts meant for a lost rank go to the others", async () => {
    const { star, outcome } = start({ scatter: () => Array.from(count(9), (i) => forRank(1, i)) }, { a: 1, b: 1 });
    await quiet();
    expect(load(star)).toEqual([0, 2]);
    star.lose("b");
    star.playAll({ compute: (part: unknown) => part });
    await until(() => outcome.value !== undefined || outcome.error !== undefined);
    expect(outcome.value).toEqual(Array.from(count(9)));
  });

  test("a rank that is lost while scatter makes its part leaves the part to another", async () => {
    const gates: (() => void)[] = [];
    async function* parts() {
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => gates.push(resolve));
        yield i;
      }
    }
    const { star, outcome } = start({ scatter: () => parts() }, { a: 1, b: 1 });
    await quiet();
    star.playAll({ compute: (part: unknown) => part });
    star.lose("a"); // scatter was asked for rank 0's first part
    while (outcome.value === undefined && outcome.error === undefined) {
      gates.shift()?.();
      await quiet();
    }
    expect(outcome.value).toEqual([0, 1, 2]);
  });

  test("a host that comes back is given work again", async () => {
    const { star } = start({ scatter: () => count(50) }, { a: 1, b: 1 });
    await quiet();
    star.lose("b");
    await quiet();
    expect(load(star)[1]).toBe(0);
    star.back("b");
    await quiet();
    expect(load(star)[1]).toBe(2);
  });
});

describe("failures", () => {
  test("of the kernel name kernel, rank, host and part, and keep the kernel's own stack", async () => {
    const { star, outcome } = start({ scatter: () => count(2) }, { a: 1, node7: 1 });
    await quiet();
    const thrown = new RangeError("boom");
    thrown.stack = "RangeError: boom\n    at sieve (file:///k.js:12:3)\n    at compute (file:///k.js:20:1)";
    star.fail(1, thrown);
    const error = outcome.error as KernelError;
    expect(error).toBeInstanceOf(KernelError);
    expect(error).toMatchObject({ kernel: "k", rank: 1, host: "node7", code: "MPITS_KERNEL" });
    expect(error.message).toBe('kernel "k" failed on rank 1 (node7, part 1): boom');
    expect(error.stack).toBe(
      `KernelError: ${error.message}\n    at sieve (file:///k.js:12:3)\n    at compute (file:///k.js:20:1)`,
    );
    expect(error.cause).toMatchObject({ name: "RangeError", message: "boom" });
  });

  function* breaking(): Generator<number> {
    yield 1;
    throw new TypeError("no parts");
  }
  async function* breakingLater(): AsyncGenerator<number> {
    yield 1;
    throw new TypeError("no parts");
  }

  test.each([
    ["a generator", () => breaking()],
    ["an asynchronous generator", () => breakingLater()],
  ])("of scatter, %s, name the step and the kernel", async (_, scatter) => {
    const { outcome } = start({ scatter });
    await quiet();
    expect(outcome.error).toBeInstanceOf(KernelError);
    expect((outcome.error as Error).message).toBe('scatter of kernel "k" failed at the driver: no parts');
    expect((outcome.error as Error).cause).toBeInstanceOf(TypeError);
  });

  test("of a scatter that is no generator, too", () => {
    const scatter = () => {
      throw new TypeError("no parts");
    };
    expect(() => start({ scatter })).toThrow('scatter of kernel "k" failed at the driver: no parts');
    expect(() => start({ scatter: () => undefined as never })).toThrow(UsageError);
  });

  test("of reduce name the step and the kernel", async () => {
    const { outcome } = start({
      reduce: () => {
        throw new TypeError("no sum");
      },
    });
    await quiet();
    expect((outcome.error as Error).message).toBe('reduce of kernel "k" failed at the driver: no sum');
  });

  test("errors of ours come as they are", async () => {
    const ours = new UsageError("do this instead");
    const { outcome } = start({
      reduce: async () => {
        throw ours;
      },
    });
    await quiet();
    expect(outcome.error).toBe(ours);
  });

  test("what is no error names the step as well", async () => {
    const { outcome } = start({
      reduce: async () => {
        throw null;
      },
    });
    await quiet();
    expect((outcome.error as Error).message).toBe('reduce of kernel "k" failed at the driver: null');
  });

  test("a part that can't travel fails the job and says where", async () => {
    const { outcome } = start({ scatter: () => [{ deep: { when: Promise.resolve() } }] });
    await quiet();
    expect(outcome.error).toBeInstanceOf(UsageError);
    expect((outcome.error as Error).message).toMatch(/deep\.when is a Promise/);
  });

  describe("partials that are not those of their parts are refused, and the run waits for others", () => {
    const unread = { head: new Uint8Array([0xc1]), raws: [] };
    test.each<[string, Partial<PartialHead>, EncodedValue | undefined, RegExp]>([
      ["unreadable", {}, unread, /the partials of rank \d could not be read/],
      ["none", {}, undefined, /are not one for each part/],
      ["no list", {}, encodeValue("one"), /are not one for each part/],
      ["too many", {}, encodeValue([1, 2]), /are not one for each part/],
      ["the last without the first", { parts: [] }, encodeValue([]), /came without some before/],
    ])("%s", async (_, differently, value, why) => {
      const { star, outcome, run } = start({ scatter: () => count(1) });
      await quiet();
      const { job, rank, assignment, parts } = star.work.flat()[0]!.head;
      const head: PartialHead = { kind: "Partial", job, rank, assignment, parts, last: true, computeMs: 1 };
      const refused = () => run.message({ head: { ...head, ...differently }, value, bytes: 1 });
      expect(refused).toThrow(TransportError);
      expect(refused).toThrow(why);
      expect(outcome).toEqual({});
      expect(run.parts.done).toBe(0);
      run.message({ head, value: encodeValue([7]), bytes: 1 });
      expect(run.parts.done).toBe(1);
      expect(run.complete).toBe(true);
    });
  });

  test("a part that comes twice counts once", async () => {
    const { star, run } = start({ scatter: () => count(1) });
    await quiet();
    const { job, rank, assignment, parts } = star.work.flat()[0]!.head;
    const head: PartialHead = { kind: "Partial", job, rank, assignment, parts, last: false, computeMs: 1 };
    for (const last of [false, false, true])
      run.message({ head: { ...head, last }, value: encodeValue([7]), bytes: 1 });
    expect(run.parts.done).toBe(1);
    expect(run.complete).toBe(true);
  });
});

describe("stop", () => {
  test("nothing more is handed out, what arrives is dropped, scatter cleans up", async () => {
    let cleaned = false;
    function* parts() {
      try {
        for (;;) yield 1;
      } finally {
        cleaned = true;
      }
    }
    const { star, run, told } = start({ scatter: parts }, { a: 1 });
    await quiet();
    const before = star.sent.length;
    run.stop(new Error("over"));
    run.stop();
    star.answer(0, (part) => part);
    star.lose("a");
    run.resume();
    await quiet();
    expect(star.sent.length).toBe(before);
    expect(run.parts.done).toBe(0);
    expect(cleaned).toBe(true);
    expect(told).toEqual(["handedOut", "failed"]); // reduce sees the error at its next look
  });

  test("reduce that waits for partials sees their end when the job does not fail", async () => {
    const { run, outcome } = start({ scatter: () => count(9) });
    await quiet();
    run.stop();
    await quiet();
    expect(outcome.value).toEqual([]);
  });

  test("a scatter whose clean-up fails harms nobody", async () => {
    function* parts() {
      try {
        for (;;) yield 1;
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: it is the case
        throw new Error("clean-up");
      }
    }
    const { run, outcome } = start({ scatter: parts });
    await quiet();
    run.stop();
    await quiet();
    expect(outcome.error).toBeUndefined();
  });

  test("a part that scatter makes after the stop is not sent", async () => {
    let yieldIt = () => {};
    async function* parts() {
      await new Promise<void>((resolve) => {
        yieldIt = resolve;
      });
      yield 1;
    }
    const { star, run } = start({ scatter: () => parts() });
    await quiet();
    run.stop();
    yieldIt();
    await quiet();
    expect(star.sent).toEqual([]);
  });
});

test("reduce gets the input and the world", async () => {
  let seen: unknown;
  const reduce = async (_: unknown, input: unknown, { world }: ReduceContext) => {
    seen = [input, world];
  };
  start({ reduce }, { a: 1, b: 1 });
  await quiet();
  expect(seen).toEqual(["input", { size: 2, hosts: ["a", "b"] }]);
});

function partialOf(head: PlayedStar["work"][number][number]["head"], values: readonly unknown[], computeMs: number) {
  const { job, rank, assignment, parts } = head;
  const partial = { kind: "Partial", job, rank, assignment, parts, last: true, computeMs } as const;
  return messageToDriver(framesOf(partial, encodeValue(values))) as never;
}
