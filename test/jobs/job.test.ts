/** A job as its user holds it, on hosts that the test plays: one outcome, decided once, settled when all ranks are idle. */
import { Job } from "../../src/cluster/job.ts";
import { parseJobOptions, type SpawnOptions } from "../../src/cluster/job-options.ts";
import {
  DeadlockError,
  JobCancelledError,
  JobFailedError,
  type KernelError,
  RankLostError,
  TransportError,
  UsageError,
} from "../../src/errors.ts";
import type { Kernel, ReduceContext } from "../../src/kernels/define-kernel.ts";
import { forRank, share } from "../../src/kernels/share.ts";
import type { RankStanding } from "../../src/wire/messages.ts";
import { jestOf } from "../support/jest-of.ts";
import { type AnyKernel, collecting, count } from "./collecting-kernel.ts";
import { PlayedStar, quiet, until } from "./played-star.ts";

const clock = jestOf(import.meta);

const identity = { compute: (part: unknown) => part };

let jobs: Job[] = [];
afterEach(() => {
  for (const job of jobs) job.cancel("the test is over");
  jobs = [];
});

function spawn(given: Partial<AnyKernel> = {}, options: SpawnOptions = {}, hosts: Record<string, number> = { a: 2 }) {
  const kernel = collecting({ scatter: () => count(6), ...given });
  const star = new PlayedStar(hosts);
  let settled = 0;
  const job = new Job(1, kernel as Kernel<unknown>, "input", parseJobOptions(options, { cancelGraceMs: 50 }), star, {
    settled: () => settled++,
    inspect: undefined,
  });
  jobs.push(job);
  star.listener = job.news;
  const outcome: { value?: unknown; error?: unknown } = {};
  job.result.then(
    (value) => {
      outcome.value = value;
    },
    (error) => {
      outcome.error = error;
    },
  );
  return { job, star, outcome, settled: () => settled };
}

const over = ({ outcome }: ReturnType<typeof spawn>) => until(() => "value" in outcome || "error" in outcome);
const stateOf = (job: Job) => job.getSnapshot().value;
const never = () => new Promise<never>(() => {});

test("a job runs to its result, tells every host that it is over, and settles once", async () => {
  const made = spawn();
  const { job, star, outcome, settled } = made;
  expect(stateOf(job)).toBe("idle");
  star.playAll(identity);
  job.start();
  await over(made);
  expect(outcome.value).toEqual([0, 1, 2, 3, 4, 5]);
  expect(stateOf(job)).toBe("done");
  expect(star.kinds().at(-1)).toBe("Last"); // nothing ran any more: nothing was cancelled
  expect(settled()).toBe(1);
  expect(job.id).toBe("k#1");
});

test("the result settles when every rank is idle again, not before", async () => {
  const made = spawn({}, {}, { a: 1, b: 1 });
  const { job, star, outcome } = made;
  star.slowToStop.add("b");
  star.playAll(identity);
  job.start();
  await until(() => stateOf(job) === "done");
  await quiet();
  expect(outcome).toEqual({});
  star.idle("b", 1);
  await over(made);
  expect(outcome.value).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a host that was idle before it was given what another had lost is asked again", async () => {
  const made = spawn({ scatter: () => count(2) }, {}, { a: 1, b: 1 });
  const { job, star, outcome } = made;
  star.slowToStop.add("a");
  job.start();
  await quiet();
  star.answer(0, identity.compute as never);
  star.lose("b"); // before the word of the idle host has come
  star.idle("a", 1, 1);
  await quiet();
  star.answer(0, identity.compute as never);
  await until(() => stateOf(job) === "done");
  await quiet();
  expect(outcome).toEqual({});
  star.idle("a", 1);
  await over(made);
  expect(outcome.value).toEqual([0, 1]);
  expect(star.kinds("a")).toEqual(["Scatter", "Last", "Scatter"]);
});

test("hosts that hold shared values are told to let them go, and the result does not wait for it", async () => {
  const table = share(new Float64Array([1, 2]));
  const made = spawn({ scatter: () => [{ table }, 1] }, {}, { a: 1, b: 1 });
  made.star.playAll({ compute: () => null } as never);
  made.job.start();
  await over(made);
  expect(made.star.kinds("a")).toEqual(["Block", "Scatter", "Last", "Forget"]);
  expect(made.star.kinds("b")).toEqual(["Scatter", "Last"]);
});

describe("reduce that returns early", () => {
  test("ends the job: the rest is cancelled by broadcast, and scatter cleans up", async () => {
    let cleaned = false;
    function* endless() {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        cleaned = true;
      }
    }
    const reduce = async (partials: AsyncIterable<unknown>) => {
      for await (const partial of partials) return partial;
    };
    const made = spawn({ scatter: endless, reduce }, {}, { a: 1, b: 1 });
    made.star.playAll(identity);
    made.job.start();
    await over(made);
    expect(made.outcome.value).toBe(0);
    expect(cleaned).toBe(true);
    const cancels = made.star.sent.filter(({ head }) => head.kind === "Cancel");
    expect(cancels.map(({ host }) => host)).toEqual(["a", "b"]);
    expect(cancels[0]!.head).toMatchObject({ job: 1, reason: "reduce has its result", force: false });
  });

  test("without looking at a single partial gives its result too", async () => {
    const made = spawn({ scatter: () => count(1e9), reduce: () => "known" });
    made.job.start();
    await over(made);
    expect(made.outcome.value).toBe("known");
  });
});

describe("cancelRest", () => {
  test("stops the ranks, resolves when they are idle, and reduce goes on to its result", async () => {
    let rest: Awaited<ReturnType<ReduceContext["cancelRest"]>> | undefined;
    const reduce = async (partials: AsyncIterable<unknown>, _: unknown, job: ReduceContext) => {
      for await (const first of partials) {
        rest = await job.cancelRest("found one");
        return first;
      }
    };
    const made = spawn({ scatter: () => count(1e9), reduce }, {}, { a: 1, b: 1 });
    const { star, job } = made;
    star.slowToStop.add("b");
    star.playAll(identity);
    job.start();
    await until(() => star.kinds().includes("Cancel"));
    await quiet();
    expect(rest).toBeUndefined();
    expect(stateOf(job)).toBe("reducing");
    star.ranks.progress({ rank: 1, job: 1, done: 7, total: 0 });
    star.stopped("b", 1);
    await over(made);
    expect(rest!.progressByRank).toEqual([0, 7]);
    expect(rest!.elapsedMs).toBeGreaterThanOrEqual(0);
    expect(made.outcome.value).toBe(0);
    expect(stateOf(job)).toBe("done");
    expect(star.sent.filter(({ head }) => head.kind === "Cancel").length).toBe(2);
  });

  test("reduce that looks on finds the end of the partials", async () => {
    const reduce = async (partials: AsyncIterable<unknown>, _: unknown, job: ReduceContext) => {
      let seen = 0;
      for await (const _partial of partials) if (++seen === 2) await job.cancelRest("enough");
      return seen;
    };
    const made = spawn({ scatter: () => count(1e9), reduce });
    made.star.playAll(identity);
    made.job.start();
    await over(made);
    expect(made.outcome.value).toBe(2);
  });
});

describe("cancel", () => {
  const moments: [string, (made: ReturnType<typeof spawn>) => unknown][] = [
    ["idle", () => undefined],
    ["scattering", ({ job }) => job.start()],
    ["computing", ({ job }) => [job.start(), quiet()][1]],
    [
      "reducing",
      async ({ job, star }) => {
        star.playAll(identity);
        job.start();
        await until(() => stateOf(job) === "reducing");
      },
    ],
  ];

  test.each(moments)(
    "while %s: the result rejects with the reason, every host is told, nothing waits",
    async (state, bring) => {
      const made = spawn({ reduce: never }, {}, { a: 1, b: 1 });
      const brought = bring(made);
      if (brought) await brought; // scattering lasts until the next microtask
      expect(stateOf(made.job)).toBe(state);
      made.job.send({ type: "job.cancel", reason: "no longer wanted" });
      expect(stateOf(made.job)).toBe("cancelled");
      await over(made);
      expect(made.outcome.error).toBeInstanceOf(JobCancelledError);
      expect(made.outcome.error).toMatchObject({
        message: "job k#1 was cancelled: no longer wanted.",
        reason: "no longer wanted",
        forcedRanks: [],
      });
      expect(made.settled()).toBe(1);
      expect(made.job.getSnapshot().reason).toBe("no longer wanted");
    },
  );

  test("of a job that waits its turn tells no host, and a later start starts nothing", async () => {
    const made = spawn();
    made.job.cancel();
    made.job.start();
    await over(made);
    expect(made.star.sent).toEqual([]);
    expect((made.outcome.error as Error).message).toBe("job k#1 was cancelled: no reason given.");
  });

  test("a second cancel changes nothing, and one after the end neither", async () => {
    const made = spawn({ reduce: never });
    made.job.start();
    made.job.cancel("first");
    made.job.cancel("second");
    await over(made);
    made.job.cancel("third");
    expect(made.outcome.error).toMatchObject({ reason: "first" });
    expect(made.star.kinds().filter((kind) => kind === "Cancel").length).toBe(1);
    const done = spawn();
    done.star.playAll(identity);
    done.job.start();
    await over(done);
    done.job.cancel("late");
    await quiet();
    expect([stateOf(done.job), done.outcome.value]).toEqual(["done", [0, 1, 2, 3, 4, 5]]);
  });

  test("by force waits for no grace, also when it comes after one without", async () => {
    const made = spawn({ reduce: never });
    made.star.slowToStop.add("a");
    made.job.start();
    made.job.cancel("please");
    made.job.cancel("now", { force: true });
    const cancels = made.star.sent.flatMap(({ head }) => (head.kind === "Cancel" ? [head.force] : []));
    expect(cancels).toEqual([false, true]);
    made.star.stopped("a", 1, [1]);
    await over(made);
    expect(made.outcome.error).toMatchObject({ reason: "please", forcedRanks: [1] });
    expect((made.outcome.error as Error).message).toMatch(
      /^job k#1 was cancelled: please\. It was forced: rank 1 lost the compute thread/,
    );
  });

  test("reduce sees the cancel at its next look at the partials", async () => {
    let seen: unknown;
    const reduce = async (partials: AsyncIterable<unknown>) => {
      try {
        for await (const _ of partials);
      } catch (error) {
        seen = error;
        throw error;
      }
    };
    const made = spawn({ reduce });
    made.job.start();
    await quiet();
    made.job.cancel("enough");
    await over(made);
    await quiet();
    expect(seen).toBeInstanceOf(JobCancelledError);
    expect(made.outcome.error).toMatchObject({ reason: "enough" });
  });

  test("a result that nobody looks at is no unhandled rejection when the job was cancelled", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const star = new PlayedStar({ a: 1 });
    const options = parseJobOptions({}, { cancelGraceMs: 1 });
    const kernel = {
      name: "k",
      module: "m",
      order: "part",
      together: false,
      scatter: () => [],
      compute: () => 1,
      reduce: never,
    };
    const job = new Job(1, kernel as Kernel<unknown>, 0, options, star, { settled() {}, inspect: undefined });
    star.listener = job.news;
    job.start();
    job.cancel();
    await until(() => stateOf(job) === "cancelled");
    await quiet();
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test.each([
    [{ type: "job.start" }, /a job takes the event/],
    [{ type: "job.cancel", reason: 5 }, /"reason" must be a string, got 5/],
    [undefined, /a job takes the event/],
    [{ n: 1n }, /a job takes the event/],
  ])("a job does not take %p", (event, words) => {
    const { job } = spawn();
    expect(() => job.send(event as never)).toThrow(UsageError);
    expect(() => job.send(event as never)).toThrow(words);
    expect(stateOf(job)).toBe("idle");
  });
});

describe("abort signal and time-out", () => {
  test("a signal that aborts cancels the job with its reason, and is let go afterwards", async () => {
    const abort = new AbortController();
    const made = spawn({ reduce: never }, { signal: abort.signal });
    made.job.start();
    const cause = new Error("the user left");
    abort.abort(cause);
    await over(made);
    expect(made.outcome.error).toMatchObject({ reason: "the user left", cause });
  });

  test("a signal that has aborted already lets nothing begin", async () => {
    const made = spawn({}, { signal: AbortSignal.abort("too late") });
    made.job.start();
    await over(made);
    expect(made.outcome.error).toMatchObject({ reason: "too late" });
    expect(made.star.sent).toEqual([]);
  });

  test("a signal that aborts after the end changes nothing", async () => {
    const abort = new AbortController();
    const made = spawn({}, { signal: abort.signal });
    made.star.playAll(identity);
    made.job.start();
    await over(made);
    abort.abort();
    expect(stateOf(made.job)).toBe("done");
  });

  test("a job that takes longer than its time-out is cancelled; waiting its turn does not count", async () => {
    clock.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "nextTick", "performance"] });
    try {
      const made = spawn({ reduce: never }, { timeoutMs: 100 });
      clock.advanceTimersByTime(1000);
      expect(stateOf(made.job)).toBe("idle");
      made.job.start();
      clock.advanceTimersByTime(99);
      expect(stateOf(made.job)).not.toBe("cancelled");
      clock.advanceTimersByTime(1);
      await over(made);
      expect(stateOf(made.job)).toBe("cancelled");
      expect(made.outcome.error).toMatchObject({ reason: "it took longer than its time-out of 100 ms" });
      expect(clock.getTimerCount()).toBe(0);
    } finally {
      clock.useRealTimers();
    }
  });

  test("a result that was there when the time-out was due counts: the driver may have been held up", async () => {
    clock.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "nextTick", "performance"] });
    try {
      const end: { give?: (value: string) => void } = {};
      const reduce = () => new Promise<string>((resolve) => (end.give = resolve));
      const made = spawn({ reduce }, { timeoutMs: 100 });
      made.job.start();
      await quiet();
      clock.advanceTimersByTime(100);
      end.give!("in time");
      await over(made);
      expect(made.outcome).toEqual({ value: "in time" });
    } finally {
      clock.useRealTimers();
    }
  });

  test("a job that is quicker leaves no timer", async () => {
    clock.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "nextTick", "performance"] });
    try {
      const made = spawn({}, { timeoutMs: 100 });
      made.star.playAll(identity);
      made.job.start();
      await over(made);
      expect(clock.getTimerCount()).toBe(0);
    } finally {
      clock.useRealTimers();
    }
  });
});

describe("failure", () => {
  test("of a kernel fails the job and stops the other ranks", async () => {
    const made = spawn({ scatter: () => count(1e9) }, {}, { a: 1, b: 1 });
    made.job.start();
    await quiet();
    made.star.fail(1, new RangeError("boom"));
    await over(made);
    expect(made.outcome.error).toMatchObject({ code: "MPITS_KERNEL", rank: 1, host: "b" });
    expect((made.outcome.error as KernelError).message).toMatch(/failed on rank 1 \(b, part \d\): boom/);
    expect(stateOf(made.job)).toBe("failed");
    expect(made.star.sent.filter(({ head }) => head.kind === "Cancel").length).toBe(2);
  });

  test("the first cause wins: what comes after it, a result and a cancel among them, changes nothing", async () => {
    let finish = (_: unknown) => {};
    const reduce = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const made = spawn({ reduce });
    made.star.slowToStop.add("a");
    made.job.start();
    await quiet();
    made.star.fail(0, new RangeError("first"));
    made.star.fail(1, new RangeError("second"));
    made.job.cancel("third");
    finish("a result");
    await quiet();
    made.star.stopped("a", 1);
    await over(made);
    expect(made.outcome.error).toMatchObject({ cause: { message: "first" } });
    expect(stateOf(made.job)).toBe("failed");
  });

  test("a result that came first stands, whatever fails afterwards", async () => {
    const made = spawn({ reduce: () => "known" });
    made.star.slowToStop.add("a");
    made.job.start();
    await until(() => stateOf(made.job) === "done");
    made.job.fail(new Error("too late"));
    made.star.lose("a");
    await over(made);
    expect(made.outcome.value).toBe("known");
  });

  test.each<[string, Partial<AnyKernel>, RegExp]>([
    [
      "scatter, at once",
      {
        scatter: () => {
          throw new Error("no parts");
        },
      },
      /^scatter of kernel "k" failed at the driver: no parts/,
    ],
    [
      "scatter, giving nothing to iterate over",
      { scatter: () => 5 as never },
      /^scatter of kernel "k" must yield parts/,
    ],
    [
      "reduce, at once",
      {
        reduce: () => {
          throw new Error("no sum");
        },
      },
      /^reduce of kernel "k" failed at the driver: no sum/,
    ],
  ])("of %s, fails the job and settles it", async (_, given, words) => {
    const made = spawn(given);
    made.star.playAll(identity);
    made.job.start();
    await over(made);
    expect((made.outcome.error as Error).message).toMatch(words);
    expect(stateOf(made.job)).toBe("failed");
  });

  test("handed over from the cluster fails it with that", async () => {
    const made = spawn({ reduce: never });
    made.job.start();
    const cause = new JobFailedError("the cluster is gone", { cause: undefined });
    made.job.fail(cause);
    await over(made);
    expect(made.outcome.error).toBe(cause);
  });
});

describe("lost hosts", () => {
  test("the job goes on with the others, and says which ranks were lost and what was computed again", async () => {
    const made = spawn({ scatter: () => count(20) }, {}, { a: 1, b: 2 });
    made.job.start();
    await quiet();
    made.star.lose("b");
    made.star.playAll(identity);
    await over(made);
    expect(made.outcome.value).toEqual(Array.from(count(20)));
    expect(made.job.actor.getSnapshot().context.lostRanks).toEqual([1, 2]);
    expect(made.job.stats.partsAgain).toBe(4);
    expect(made.job.stats.partsPerRank).toEqual([20, 0, 0]);
  });

  test("when all are lost it fails with the loss, and waits for nobody", async () => {
    const made = spawn({ scatter: () => count(20) });
    made.job.start();
    await quiet();
    made.star.lose("a", "its process was ended by SIGKILL");
    await over(made);
    expect(made.outcome.error).toBeInstanceOf(RankLostError);
    expect((made.outcome.error as Error).message).toMatch(/ended by SIGKILL/);
  });

  test("a host that is lost while the ranks stop is not waited for", async () => {
    const made = spawn({ reduce: never }, {}, { a: 1, b: 1 });
    made.star.slowToStop.add("b");
    made.job.start();
    made.job.cancel("enough");
    await quiet();
    expect(made.outcome).toEqual({});
    made.star.lose("b");
    await over(made);
    expect(made.outcome.error).toMatchObject({ reason: "enough" });
  });
});

describe("a word of the driver's own host that is refused", () => {
  const refusal = new TransportError("what the driver's own host said could not be taken: nonsense.");

  test("fails the job, which then ends as any that fails", async () => {
    const made = spawn({ reduce: never }, {}, { a: 1, b: 1 });
    made.job.start();
    await quiet();
    made.job.news.hostRefused("a", refusal);
    expect(stateOf(made.job)).toBe("failed");
    expect(made.star.kinds().filter((kind) => kind === "Cancel")).toHaveLength(2);
    await over(made);
    expect(made.outcome.error).toBe(refusal);
  });

  test.each<[string, Partial<AnyKernel>, object]>([
    ["has its result", { reduce: () => "known" }, { value: "known" }],
    ["was told to stop what runs", { reduce: cancelRestAndWait }, { error: refusal }],
  ])("is not waited for by a job that %s: it may be the answer", async (_, given, outcome) => {
    const made = spawn(given, {}, { a: 1, b: 1 });
    made.star.slowToStop.add("a");
    made.job.start();
    await until(() => made.star.kinds().filter((kind) => kind === "Cancel").length === 2);
    await quiet();
    expect(made.outcome).toEqual({});
    made.job.news.hostRefused("a", refusal);
    await over(made);
    expect(made.outcome).toEqual(outcome);
  });
});

async function cancelRestAndWait(_partials: unknown, _input: unknown, { cancelRest }: ReduceContext) {
  await cancelRest("enough");
  return never();
}

describe("late messages", () => {
  test("of another job change nothing", async () => {
    const made = spawn({}, {}, { a: 1 });
    made.job.start();
    await quiet();
    const { head } = made.star.work[0]![0]!;
    made.star.partials({ ...head, job: 7 }, head.parts, [1]);
    made.star.stopped("a", 7);
    expect(made.job.getSnapshot().parts.done).toBe(0);
    expect(stateOf(made.job)).toBe("computing");
  });

  test("a confirmation that comes twice settles the job once", async () => {
    const made = spawn({ reduce: () => "known" });
    made.job.start();
    await over(made);
    made.star.stopped("a", 1, [0]);
    await quiet();
    expect([made.settled(), made.outcome.value]).toEqual([1, "known"]);
  });
});

describe("observers", () => {
  test("see every state in its order, and the end", async () => {
    const made = spawn();
    const seen: string[] = [];
    made.job.subscribe({ next: ({ value }) => seen.push(value), complete: () => seen.push("(complete)") });
    made.star.playAll(identity);
    made.job.start();
    await over(made);
    const states = seen.filter((state, i) => state !== seen[i - 1]);
    expect(states).toEqual(["scattering", "computing", "reducing", "done", "(complete)"]);
  });

  test("that unsubscribed hear no more; one that comes late hears the end at once", async () => {
    const made = spawn();
    let heard = 0;
    const subscription = made.job.subscribe(() => heard++);
    subscription.unsubscribe();
    made.star.playAll(identity);
    made.job.start();
    await over(made);
    expect(heard).toBe(0);
    let complete = false;
    made.job.subscribe({
      complete: () => {
        complete = true;
      },
    });
    expect(complete).toBe(true);
    expect(() => made.job.subscribe(5 as never)).toThrow(UsageError);
  });
});

test("the snapshot and the statistics tell what was done, and stay when the job is over", async () => {
  const made = spawn({ scatter: () => count(10) });
  const { job, star } = made;
  expect(job.getSnapshot()).toMatchObject({
    id: "k#1",
    kernel: "k",
    value: "idle",
    reason: null,
    elapsedMs: 0,
    parts: { handedOut: 0, done: 0, again: 0, total: undefined },
  });
  star.playAll(identity);
  job.start();
  await over(made);
  const { parts, ranks } = job.getSnapshot();
  expect(parts).toEqual({ handedOut: 10, done: 10, again: 0, total: 10 });
  expect(ranks.length).toBe(2);
  const { stats } = job;
  expect(stats.partsPerRank[0]! + stats.partsPerRank[1]!).toBe(10);
  expect(stats.sent.messages).toBe(star.sent.length);
  expect(stats.sent.bytes).toBeGreaterThan(0);
  expect(Object.keys(stats.byHost)).toEqual(["a"]);
  expect(Object.keys(stats.timeInState.job)).toEqual(["idle", "scattering", "computing", "reducing", "done"]);
  expect(job.stats).toBe(stats);
});

describe("a rank that has finished while another waits for it for ever", () => {
  const still = { any: false, certain: true, blocked: [], unreceived: [], sent: [0, 0], taken: [0, 0] };
  const wait = { for: "message" as const, peers: [1], tag: null, context: 0, name: "" };
  const standings: RankStanding[] = [
    { rank: 0, job: 1, standing: { ...still, doing: "waiting", waits: [wait] } },
    { rank: 1, job: 1, standing: { ...still, doing: "finished", waits: [] } },
  ];

  /** Both ranks have their part, and the job has heard how they stand: by its own way, before or after what rank 1 ended with. */
  async function play(given: Partial<AnyKernel>, told: "before" | "after") {
    const made = spawn({ together: true, order: "arrival", scatter: () => count(2), ...given });
    const { star, job } = made;
    job.start();
    await until(() => star.work[0]!.length + star.work[1]!.length === 2);
    if (told === "before") job.news.ranksStand(standings);
    await quiet();
    star.answer(1, () => "exit");
    if (told === "after") job.news.ranksStand(standings);
    await over(made);
    return made.outcome;
  }

  test.each(["before", "after"] as const)(
    "ends the job with what reduce makes of its end (heard %s it)",
    async (told) => {
      const left = new Error("rank 1 left");
      const reduce = async (partials: AsyncIterable<unknown>) => {
        for await (const partial of partials) {
          await quiet();
          if (partial === "exit") throw left;
        }
      };
      expect((await play({ reduce }, told)).error).toMatchObject({ cause: left });
      const first = async (partials: AsyncIterable<unknown>) => {
        for await (const partial of partials) return partial;
      };
      expect((await play({ reduce: first }, told)).value).toBe("exit");
    },
  );

  test.each(["before", "after"] as const)("is a deadlock when reduce wants more (heard %s it)", async (told) => {
    const { error } = await play({}, told);
    expect(error).toBeInstanceOf(DeadlockError);
    expect(error).toMatchObject({
      message: expect.stringContaining("rank 0 waits for any tag from rank 1; rank 1 has finished"),
    });
  });
});

describe("a host of ranks that talk to each other", () => {
  const losses: [string, (made: ReturnType<typeof spawn>) => void][] = [
    ["is lost", ({ star }) => star.lose("b")],
    ["loses its connection to another", ({ job }) => job.news.parted(new TransportError("the connection broke."))],
  ];

  /** Each host has one rank; reduce ends when it is let go. */
  async function play(answers: readonly number[], lose: (typeof losses)[number][1]) {
    let letGo = (): void => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const reduce = async (partials: AsyncIterable<unknown>) => {
      const all = [];
      for await (const partial of partials) all.push(partial);
      await gate;
      return all;
    };
    const made = spawn({ together: true, scatter: () => count(2), reduce }, {}, { a: 1, b: 1 });
    made.job.start();
    await until(() => made.star.work[0]!.length + made.star.work[1]!.length === 2);
    for (const rank of answers) made.star.answer(rank, identity.compute as never);
    await quiet();
    lose(made);
    await quiet();
    letGo();
    await over(made);
    return made.outcome;
  }

  test.each(losses)("%s: the job fails, for the others may wait for it", async (_, lose) => {
    expect((await play([1], lose)).error).toMatchObject({ code: expect.stringMatching(/RANK_LOST|TRANSPORT/) });
  });

  test.each(losses)("%s when all have given what they had to give: the job ends with its result", async (_, lose) => {
    expect(await play([1, 0], lose)).toEqual({ value: [0, 1] });
  });
});

describe("a host whose word that it is idle has come before its partials", () => {
  afterEach(() => clock.useRealTimers());

  async function play() {
    clock.useFakeTimers({ doNotFake: ["setImmediate", "queueMicrotask", "nextTick"] });
    const made = spawn({ scatter: () => count(2) }, {}, { a: 1, b: 1 });
    const { star, job } = made;
    const asked: string[] = [];
    const free: string[] = [];
    star.attend = (host) => void asked.push(host);
    star.owesNothing = (host) => void free.push(host);
    job.start();
    await until(() => star.kinds().filter((kind) => kind === "Last").length === 2);
    star.answer(0, identity.compute);
    await quiet();
    star.idle("b", 1, 1);
    return { ...made, asked, free };
  }

  test("is asked to be heard of when they stay away, and its part of the job is then ended by the driver", async () => {
    const made = await play();
    const { star, asked, free } = made;
    expect(free).not.toContain("b");
    await clock.advanceTimersByTimeAsync(1100);
    await quiet();
    expect(asked).toEqual(["b"]);
    star.answer(1, identity.compute);
    await over(made);
    expect(made.outcome.value).toEqual([0, 1]);
    expect(free).toContain("b");
    expect(star.sent.filter(({ head }) => head.kind === "Finish").map(({ host }) => host)).toEqual(["b"]);
  });

  test("owes nothing more once they are here", async () => {
    const made = await play();
    const { star, asked, free } = made;
    star.answer(1, identity.compute);
    await over(made);
    await clock.advanceTimersByTimeAsync(5000);
    expect(asked).toEqual([]);
    expect(free).toContain("b");
    expect(star.kinds()).not.toContain("Finish");
    expect(clock.getTimerCount()).toBe(0);
  });
});

describe("what a job costs", () => {
  /** A job with some tiny parts for each rank, and how often it asked where a rank lives. */
  async function play(ranks: number, partsPerRank: number, given: Partial<AnyKernel> = {}) {
    const hosts = Object.fromEntries(Array.from({ length: ranks / 4 }, (_, host) => [`h${host}`, 4]));
    const played = spawn({ scatter: () => count(ranks * partsPerRank), ...given }, {}, hosts);
    const { star, job } = played;
    const hostOf = star.hostOf.bind(star);
    let lookUps = 0;
    star.hostOf = (rank) => {
      lookUps += 1;
      return hostOf(rank);
    };
    star.playAll(identity as never);
    job.start();
    await over(played);
    return { lookUps, kinds: star.kinds(), stats: job.stats };
  }

  test("one message per rank and one per host, there and back, however many ranks there are", async () => {
    for (const ranks of [4, 64]) {
      const { kinds, stats } = await play(ranks, 1);
      expect(kinds.filter((kind) => kind === "Scatter")).toHaveLength(ranks);
      expect(kinds.filter((kind) => kind === "Last")).toHaveLength(ranks / 4);
      expect(stats.sent.messages).toBe(ranks + ranks / 4);
      expect(stats.received.messages).toBe(ranks + ranks / 4);
    }
  });

  test("no step looks at every rank for each part, nor where parts have their own ranks", async () => {
    const placed = (ranks: number): Partial<AnyKernel> => ({
      *scatter() {
        for (const part of count(8 * ranks)) yield forRank(part % ranks, part);
      },
    });
    for (const kernel of [() => ({}), placed]) {
      const perPart = async (ranks: number) => (await play(ranks, 8, kernel(ranks))).lookUps / (8 * ranks);
      const [few, many] = [await perPart(8), await perPart(128)];
      expect(many).toBeLessThan(2 * few);
    }
  });
});
