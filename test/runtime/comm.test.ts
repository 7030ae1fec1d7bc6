/** Ranks that talk to each other, in threads of one process and across host processes. */
import { type Cluster, defineKernel, type InfraOptions, launchCluster } from "mpits";
import { polling, squares } from "../fixtures/kernels.js";
import * as talking from "../fixtures/talking.js";
import { allRanks, rejection, until } from "../support/job-events.ts";

const host = (slots: number) => ({ host: "localhost", slots });
const places: [string, InfraOptions][] = [
  ["1 thread", { perNodeCores: 1 }],
  ["2 threads", { perNodeCores: 2 }],
  ["4 threads", { perNodeCores: 4 }],
  ["3 host processes with 4 ranks", { hosts: [host(2), host(1)] }],
];

describe.each(places)("on %s", (_place, options) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 });
  });
  afterAll(() => cluster.close());

  const ranks = () => Array.from({ length: cluster.size }, (_, rank) => rank);

  test("a token goes around the ring", async () => {
    expect(((await cluster.spawn(talking.ring, {}).result) as unknown[])[0]).toEqual(ranks());
  });

  test.each([1, 1000, 1100, 200_000])("a typed array of %i doubles goes around by blocking calls", async (length) => {
    const sums = await cluster.spawn(talking.ringSync, { length }).result;
    expect(sums).toEqual(ranks().map((rank) => (rank === 0 ? [cluster.size, cluster.size] : [rank + 1, rank + 1])));
  });

  test("every value comes back from the other rank as it went", async () => {
    const values = [
      null,
      -0,
      2n ** 70n,
      "text",
      new Map([[{ a: 1 }, [Number.NaN]]]),
      new Date(5),
      [new Float32Array([1.5]), new Uint8Array(9000)],
    ];
    for (const out of (await cluster.spawn(talking.echoValues, { values }).result) as unknown[])
      expect(out).toEqual(values);
  });

  test("messages of a pair do not overtake one another, small or large", async () => {
    expect(await cluster.spawn(talking.fanIn, { count: 200, bytes: 40_000 }).result).toEqual(ranks().map(() => true));
  });

  test("two ranks that send large messages to each other do not deadlock", async () => {
    const expected = ranks().map((rank) => ((rank ^ 1) < cluster.size ? rank ^ 1 : rank));
    expect(await cluster.spawn(talking.exchange, { length: 300_000 }).result).toEqual(expected);
  });

  test("probes, self-sends and messages to nobody", async () => {
    for (const seen of (await cluster.spawn(talking.manners, {}).result) as boolean[][])
      expect(seen).toEqual(seen.map(() => true));
  });

  test.each([false, true])(
    "a rank that waits for a message stops at once when its job is cancelled (blocking: %s)",
    async (blocking) => {
      const job = cluster.spawn(talking.waiting, { blocking });
      await until(job, allRanks("computing"));
      job.cancel("enough");
      expect(await rejection(job.result)).toMatchObject({ name: "JobCancelledError", forcedRanks: [] });
      expect(await cluster.spawn(squares, { parts: 3 }).result).toHaveLength(3);
    },
  );
});

describe("what goes wrong is said", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ perNodeCores: 3, logLevel: "silent" });
  });
  afterAll(() => cluster.close());

  test.each([
    ["truncation", "(Uint8Array, 100 bytes) does not fit into the 99 bytes"],
    ["timeout", "took longer than its time-out of 20 ms"],
    ["timeoutSync", "recv from rank 0, tag 3 took longer than its time-out of 20 ms"],
    ["rank", '"dest" must be a rank from 0 to 2, got 3'],
    ["tag", '"tag" must be a whole number from 0 to 2^31 − 1, got -5'],
    ["one throws", "failed on rank 1"],
  ])("%s", async (how, text) => {
    const error = await rejection(cluster.spawn(talking.misuse, { how }).result);
    expect(error.name).toBe("KernelError");
    expect(error.message).toContain(text);
    expect(await cluster.spawn(talking.ring, {}).result).toHaveLength(3);
  });

  test("scatter must yield one part per rank for a kernel that computes together", async () => {
    const few = defineKernel({ ...talking.ring, name: "few", module: "file:///few.js", scatter: () => [1] });
    const error = await rejection(cluster.spawn(few as never, {}).result);
    expect(error).toMatchObject({ name: "UsageError" });
    expect(error.message).toContain("3 in all; it yielded 1");
  });
});

test("a lost rank fails a job whose ranks talk to each other, and is named", async () => {
  await using cluster = await launchCluster({ hosts: [host(1), host(1)], logLevel: "silent", connectTimeoutS: 60 });
  const job = cluster.spawn(talking.waiting, { blocking: true });
  await until(job, allRanks("computing"));
  process.kill(cluster.getSnapshot().hosts[2]!.pid!, "SIGKILL");
  expect(await rejection(job.result)).toMatchObject({ name: "RankLostError", rank: 2 });
  const alone = cluster.spawn(polling, {});
  alone.cancel();
  await rejection(alone.result);
});
