/** The seed kernels on real ranks: the same results on any number of them, in threads and in host processes. */
import {
  type Cluster,
  isPrime,
  type JobSnapshot,
  launchCluster,
  matMul,
  matMulKernel,
  monteCarlo,
  primeSearch,
  shutdown,
} from "mpits";
import { cutsOfEqualEffort } from "../../src/kernels/prime/equal-effort.ts";
import { integerSqrt } from "../../src/kernels/prime/integer-sqrt.ts";
import { followStates, rejection } from "../support/job-events.ts";

const quiet = { logLevel: "silent", connectTimeoutS: 60 } as const;
const distance = (rng: { random(): number }) => rng.random() ** 2 + rng.random() ** 2;
const inside = (d: number) => (d < 1 ? 4 : 0);

afterAll(() => shutdown());

/** Runs `body` on 1, 2, 3 and 7 threads, and on three ranks in host processes. */
async function onEach<T>(body: (cluster: Cluster) => Promise<T>): Promise<T[]> {
  const out: T[] = [];
  const host = { host: "localhost", slots: 1 };
  for (const options of [1, 2, 3, 7]
    .map((perNodeCores) => ({ perNodeCores }))
    .concat([{ hosts: [host, host] }] as never[])) {
    const cluster = await launchCluster({ ...quiet, ...options });
    out.push(await body(cluster));
    await cluster.close();
  }
  return out;
}

test("the same seed gives the same bits on any number of ranks", async () => {
  const plain = await onEach((cluster) => monteCarlo(200_000, distance, inside, { cluster, seed: 7 }));
  expect(new Set(plain.map((result) => JSON.stringify(result))).size).toBe(1);
  const own = await onEach((cluster) =>
    monteCarlo(
      50_000,
      (rng) => rng.normal(),
      (x: number) => x,
      {
        cluster,
        seed: 2n ** 60n,
        initFn: () => [0, 0],
        reduceFn: (acc: number[], x: number) => [acc[0]! + x, acc[1]! + x * x],
        combineFn: (a: number[], b: number[]) => [a[0]! + b[0]!, a[1]! + b[1]!],
      },
    ),
  );
  expect(new Set(own.map((result) => JSON.stringify(result))).size).toBe(1);
});

test("a matrix product by our own kernels has the same bits on any number of ranks, and crosses as its partition says", async () => {
  const [m, k, n] = [67, 45, 83];
  const a = { shape: [m, k] as const, data: Float64Array.from({ length: m * k }, (_, i) => Math.sin(i)) };
  const b = { shape: [k, n] as const, data: Float64Array.from({ length: k * n }, (_, i) => Math.cos(i)) };
  const products = await onEach((cluster) => matMul(a, b, { cluster }));
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) {
      let [sum, size] = [0, 0];
      for (let l = 0; l < k; l++) {
        sum += a.data[i * k + l]! * b.data[l * n + j]!;
        size += Math.abs(a.data[i * k + l]! * b.data[l * n + j]!);
      }
      expect(Math.abs((products[0]!.data[i * n + j] as number) - sum)).toBeLessThanOrEqual(1e-13 * size);
    }
  for (const { data } of products) expect(data).toEqual(products[0]!.data);
});

test("empty and tiny matrices", async () => {
  await using cluster = await launchCluster({ ...quiet, perNodeCores: 3 });
  expect((await matMul([[3]], [[4]], { cluster })).toArray()).toEqual([[12]]);
  expect((await matMul([[], []], { shape: [0, 3], data: new Float64Array(0) }, { cluster })).toArray()).toEqual([
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect((await matMul([[2n ** 40n]], [[2n]], { cluster })).toArray()).toEqual([[2n ** 41n]]);
  const error = await rejection(matMul([[2n ** 62n]], [[2n]], { cluster }));
  expect(error).toMatchObject({ name: "UsageError" });
  expect(error.message).toContain("int64");
});

test("prime search agrees with published tables on real ranks", async () => {
  await using cluster = await launchCluster({ ...quiet, perNodeCores: 3 });
  const primes = [2, 3, 2n ** 31n - 1n, 2n ** 53n - 111n, 2n ** 61n - 1n, 2n ** 63n - 25n, 2n ** 64n - 59n];
  const composites = [
    1,
    0,
    -7,
    2n ** 32n + 1n,
    561,
    3215031751,
    2n ** 53n + 1n,
    3825123056546413051n,
    4294967291n ** 2n,
    4294967291n * 4294967279n,
  ];
  for (const n of primes) expect([n, await isPrime(n, { cluster })]).toEqual([n, true]);
  for (const n of composites) expect([n, await isPrime(n, { cluster })]).toEqual([n, false]);
});

test("early exit: the ranks that did not find the divisor test less than 5 % of their range", async () => {
  await using cluster = await launchCluster({ ...quiet, perNodeCores: 4 });
  // Both are primes, and p stands at the beginning of the third rank's range.
  const p = 558967760130781n;
  const q = 2251799813645467n;
  const cuts = cutsOfEqualEffort(p * q, (integerSqrt(p * q) - 1n) / 2n, 4);
  const depth = Number((p - 3n) / 2n - cuts[2]!);
  expect(depth).toBeGreaterThanOrEqual(0);
  expect(depth).toBeLessThan(100_000);
  const job = cluster.spawn(primeSearch, { n: p * q });
  const states = followStates(job);
  let last: JobSnapshot | undefined;
  job.subscribe((snapshot) => {
    last = snapshot;
  });
  const result = await job.result;
  expect(result).toMatchObject({ prime: false, divisor: p });
  const others = last!.ranks.filter(({ rank }) => rank !== 2);
  for (const { rank, progress } of others)
    expect(progress.done / Number(cuts[rank + 1]! - cuts[rank]!)).toBeLessThan(0.05);
  for (const { rank } of others) expect(states[rank]!.slice(-2)).toEqual(["cancelled", "idle"]);
  expect(result.tested).toBe(last!.ranks.reduce((sum, { progress }) => sum + progress.done, 0));
});

test("bad input is refused before anything is launched", async () => {
  expect((await rejection(isPrime(1.5))).message).toContain("1.5");
  expect((await rejection(isPrime(2 ** 53))).message).toContain("bigint");
  expect((await rejection(matMul([[1, 2]], [[1, 2]]))).message).toContain("1×2");
  const outside = 3;
  const error = await rejection(monteCarlo(10, () => outside, inside));
  expect(error.name).toBe("UsageError");
  expect(error.message).toContain('"outside"');
});

test("several calls at once wait for their turn", async () => {
  await using cluster = await launchCluster({ ...quiet, perNodeCores: 2 });
  const answers = await Promise.all([7, 8, 9, 11].map((n) => isPrime(n, { cluster })));
  expect(answers).toEqual([true, false, false, true]);
  await rejection(
    cluster.spawn(matMulKernel, { a: [[1n]], b: [[1n]] }, { signal: AbortSignal.abort(new Error("never")) }).result,
  );
});
