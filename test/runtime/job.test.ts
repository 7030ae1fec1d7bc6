/** Jobs on a running cluster: on threads of this process, and on separate host processes. */
import {
  type Cluster,
  type InfraOptions,
  type Job,
  JobStateError,
  launchCluster,
  type TransitionRecord,
  UsageError,
} from "mpits";
import { type AnyActorRef, type InspectionEvent, waitFor } from "xstate";
import { unloadable } from "../fixtures/does-not-load.js";
import {
  deaf,
  echo,
  failing,
  firstWins,
  gated,
  inARush,
  notIterable,
  pending,
  polling,
  raising,
  sharedSum,
  squares,
  threeOfAnArray,
} from "../fixtures/kernels.js";
import { allComputing, allRanks, followStates, rejection, until } from "../support/job-events.ts";

const places: [string, InfraOptions][] = [
  ["threads of this process", { perNodeCores: 3 }],
  [
    "host processes",
    {
      hosts: [
        { host: "localhost", slots: 1 },
        { host: "localhost", slots: 1 },
      ],
    },
  ],
];

describe.each(places)("on %s", (_place, options) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 });
  });
  afterAll(() => cluster.close());
  afterEach(() => expect(cluster.getSnapshot().running).toBeUndefined());

  test("a job gives its result, in the order of its parts, whatever ranks computed them", async () => {
    const result = (await cluster.spawn(squares, { parts: 1000 }).result) as { square: number }[];
    expect(result.map(({ square }) => square)).toEqual(Array.from({ length: 1000 }, (_, i) => i * i));
  });

  test("every value comes back as it went", async () => {
    const values = [
      -0,
      Number.NaN,
      2n ** 80n,
      undefined,
      new Map([[1, new Set(["a"])]]),
      new Date(0),
      Float32Array.of(1, 2),
      { deep: [[[]]] },
    ];
    expect(await cluster.spawn(echo, { values }).result).toEqual(values);
  });

  test("a shared value crosses once per host", async () => {
    const length = 100_000;
    const job = cluster.spawn(sharedSum, { length, parts: 20 });
    expect(await job.result).toBe((length * (length - 1)) / 2);
    const hosts = cluster.getSnapshot().hosts.length;
    expect(job.stats.sent.bytes).toBeGreaterThan(length * 8);
    expect(job.stats.sent.bytes).toBeLessThan(hosts * length * 8 * 1.1);
  });

  test("the snapshot shows every rank, and states pass idle, scattering, computing, reducing, done", async () => {
    const job = cluster.spawn(squares, { parts: 30 });
    const states = [job.getSnapshot().value];
    job.subscribe(({ value }) => void (states.at(-1) === value || states.push(value)));
    const ranks = followStates(job);
    await job.result;
    expect(states).toEqual(["scattering", "computing", "reducing", "done"]);
    for (const seen of ranks) expect(seen.at(-1)).toBe("idle");
    expect(job.stats.partsPerRank.reduce((sum, n) => sum + n)).toBe(30);
    expect(job.stats.elapsedMs).toBeGreaterThan(0);
  });

  test("records tell every transition of a job and its ranks, in their order, with events and causes", async () => {
    const job = cluster.spawn(polling, {});
    const heard: TransitionRecord[] = [];
    const ended = new Promise<void>((resolve) =>
      job.inspect({ next: (record) => heard.push(record), complete: resolve }, { fromStart: true }),
    );
    await until(job, allComputing);
    job.cancel("enough");
    await rejection(job.result);
    await ended;
    expect(heard).toEqual(job.story());
    const way = (rank: number | undefined) =>
      heard
        .filter((each) => each.rank === rank)
        .map(({ from, to, event, part, cause }) => ({ from, to, event, part, cause }));
    expect(way(undefined)).toEqual([
      { from: "idle", to: "scattering", event: "job.start" },
      { from: "scattering", to: "computing", event: "parts.handedOut" },
      { from: "computing", to: "cancelled", event: "job.cancel", cause: "enough" },
    ]);
    for (const rank of [0, 1, 2])
      expect(way(rank)).toEqual([
        { from: "idle", to: "scattering", event: "part.received", part: expect.any(Number) },
        { from: "scattering", to: "computing", event: "kernel.started", part: expect.any(Number) },
        { from: "computing", to: "cancelled", event: "job.cancel", part: expect.any(Number), cause: "enough" },
        { from: "cancelled", to: "idle", event: "compute.stopped", part: expect.any(Number) },
      ]);
    expect(heard.map(({ seq }) => seq)).toEqual(heard.map((_, i) => i + 1));
    expect(cluster.pastJobs.at(-1)).toEqual({ snapshot: job.getSnapshot(), stats: job.stats, story: job.story() });
  });

  test("a reducer that returns early ends the job, and the others are cancelled", async () => {
    const job = cluster.spawn(firstWins, { winner: 1 });
    const seen = followStates(job);
    expect(await job.result).toBe(1);
    expect(job.getSnapshot().ranks.every(({ state }) => state === "idle")).toBe(true);
    expect(seen.filter((states) => states.includes("cancelled")).length).toBeGreaterThan(0);
  });

  const ways: [string, (job: Job<unknown>, abort: AbortController) => void][] = [
    ["job.send", (job) => job.send({ type: "job.cancel", reason: "enough" })],
    ["job.cancel", (job) => job.cancel("enough")],
    ["an AbortSignal", (_job, abort) => abort.abort(new Error("enough"))],
  ];
  test.each(ways)("%s stops kernels that poll or raise", async (_way, cancel) => {
    for (const kernel of [polling, raising]) {
      const abort = new AbortController();
      const job = cluster.spawn(kernel, {}, { signal: abort.signal });
      await until(job, allRanks("computing"));
      cancel(job, abort);
      expect(job.getSnapshot().value).toBe("cancelled");
      const error = await rejection(job.result);
      expect(error).toMatchObject({
        name: "JobCancelledError",
        code: "MPITS_JOB_CANCELLED",
        reason: "enough",
        forcedRanks: [],
      });
    }
  });

  test.each([
    ["deaf", deaf],
    ["pending", pending],
  ])("a %s kernel loses its thread after the grace, and the rank is ready again", async (_name, kernel) => {
    const job = cluster.spawn(kernel, {}, { cancelGraceMs: 50 });
    await until(job, allComputing);
    job.cancel("enough");
    const error = await rejection(job.result);
    expect(error.message).toContain("It was forced");
    expect([...(error.forcedRanks as number[])].sort()).toEqual([0, 1, 2]);
    expect(await cluster.spawn(squares, { parts: 3 }).result).toHaveLength(3);
  });

  test("force doesn't wait for the grace", async () => {
    const job = cluster.spawn(deaf, {}, { cancelGraceMs: 3_600_000 });
    await until(job, allComputing);
    job.cancel("enough");
    job.cancel("now", { force: true });
    expect((await rejection(job.result)).forcedRanks).toHaveLength(3);
  });

  test("a job that takes longer than timeoutMs is cancelled", async () => {
    const error = await rejection(cluster.spawn(polling, {}, { timeoutMs: 20 }).result);
    expect(error.message).toContain("longer than its time-out of 20 ms");
  });

  test("one job at a time: a second spawn names the running one, or waits its turn", async () => {
    const job = cluster.spawn(polling, {});
    expect(() => cluster.spawn(squares, { parts: 1 })).toThrow(JobStateError);
    expect(() => cluster.spawn(squares, { parts: 1 })).toThrow(job.id);
    const second = cluster.spawn(squares, { parts: 4 }, { queue: true });
    expect(second.getSnapshot().value).toBe("idle");
    job.cancel();
    await rejection(job.result);
    expect(await second.result).toHaveLength(4);
  });

  test("a job that waits its turn can be cancelled, and the next one goes on", async () => {
    const [running, waiting] = [cluster.spawn(polling, {}), cluster.spawn(squares, { parts: 1 }, { queue: true })];
    waiting.cancel("changed my mind");
    expect((await rejection(waiting.result)).reason).toBe("changed my mind");
    running.cancel();
    await rejection(running.result);
  });

  test.each([
    ["throw", "thrown on purpose", "TypeError"],
    ["reject", "rejected on purpose", "RangeError"],
    ["throw a string", '"just text"', "Error"],
    ["exit", "process.exit(3)", "Error"],
    ["later", "thrown on purpose", "TypeError"],
    ["symbol", "symbol", "UsageError"],
  ])(
    "a kernel that fails by %s fails its job with the kernel's own stack, and the cluster goes on",
    async (how, text, cause) => {
      const error = await rejection(cluster.spawn(failing, { how }).result);
      expect(error).toMatchObject({ name: "KernelError", code: "MPITS_KERNEL", kernel: "failing" });
      expect(error.message).toMatch(/failed on rank \d/);
      expect(error.message).toContain(text);
      expect((error.cause as Error).name).toBe(cause);
      if (cause === "TypeError") expect(error.stack).toContain("failHere");
      expect(await cluster.spawn(squares, { parts: 3 }).result).toHaveLength(3);
    },
  );

  test("a kernel module that does not load is an error that names it", async () => {
    const error = await rejection(cluster.spawn(unloadable, {}).result);
    expect(error.message).toContain("does-not-load.js");
    expect(error.message).toContain("refuses to load here");
  });

  test("a scatter without parts to iterate over, and a reduce that doesn't wait for them, are told what to write", async () => {
    const [scattered, reduced] = [
      await rejection(cluster.spawn(notIterable, { limit: 5 }).result),
      await rejection(cluster.spawn(inARush, {}).result),
    ];
    expect(scattered.message).toBe(
      'scatter of kernel "notIterable" must yield parts (*scatter) or return something iterable, got 5.',
    );
    expect(reduced.message).toContain("for await (const partial of partials)");
  });

  test("the number of parts is known at once when scatter returns an array", async () => {
    const totals: (number | undefined)[] = [];
    const job = cluster.spawn(threeOfAnArray, {});
    job.subscribe(({ parts }) => totals.push(parts.total));
    await job.result;
    expect(new Set(totals.filter((total) => total !== undefined))).toEqual(new Set([3]));
    expect(totals.indexOf(3)).toBeLessThan(totals.length - 1);
  });

  test("a job waits for its slowest rank and then is done", async () => {
    const job = cluster.spawn(gated, { gate: import.meta.filename ?? new URL(import.meta.url).pathname });
    expect(await job.result).toEqual([0, 1, 2]);
  });

  test("XState's own tools work on the job's actor", async () => {
    const job = cluster.spawn(polling, {});
    await waitFor(job.actor, (snapshot) => snapshot.matches("computing"));
    job.cancel();
    expect((await waitFor(job.actor, (snapshot) => snapshot.status === "done")).value).toBe("cancelled");
    await rejection(job.result);
  });

  test("bad options and events are refused before anything happens", () => {
    expect(() => cluster.spawn({} as never, {})).toThrow(UsageError);
    expect(() => cluster.spawn(squares, { parts: 1 }, { timeoutMs: "3" as never })).toThrow(
      '"timeoutMs" must be a number of milliseconds',
    );
    expect(() => cluster.spawn(squares, { parts: 1 }, { timeout: 3 } as never)).toThrow('unknown job option "timeout"');
  });
});

test("an XState inspector gets the events of every job, and of the ranks that live in the driver", async () => {
  const events: InspectionEvent[] = [];
  await using cluster = await launchCluster({
    perNodeCores: 2,
    logLevel: "silent",
    inspect: { next: (event) => void events.push(event) },
  });
  const job = cluster.spawn(squares, { parts: 3 });
  await job.result;
  const told = events.flatMap((event) =>
    event.type === "@xstate.event" ? [`${(event.actorRef as AnyActorRef).id} ${event.event.type}`] : [],
  );
  expect(told).toEqual(expect.arrayContaining([`${job.id} job.start`, `${job.id} reduce.finished`]));
  for (const rank of [0, 1]) expect(told.some((each) => each.startsWith(`rank ${rank} part.received`))).toBe(true);
});

test("a kernel that runs out of memory fails its job by name, and the cluster goes on", async () => {
  await using cluster = await launchCluster({ perNodeCores: 2, rankMemoryMb: 48, logLevel: "silent" });
  const error = await rejection(cluster.spawn(failing, { how: "memory", at: 1 }).result);
  expect(error).toMatchObject({ name: "KernelError", rank: 1 });
  expect(error.message).toContain("ran out of memory");
  expect(error.message).toContain("rankMemoryMb");
  expect(await cluster.spawn(squares, { parts: 3 }).result).toHaveLength(3);
});
