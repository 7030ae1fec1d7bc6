/** One-sided communication, as every world must keep it; the rules themselves are kernels of test/fixtures. */
import { type Cluster, type InfraOptions, launchCluster } from "mpits";
import * as windows from "../fixtures/windows.js";

/** Declares the tests of windows on such a cluster. */
export function windowRules(options: InfraOptions): void {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 });
  });
  afterAll(() => cluster.close());

  const nothingWrong = () => Array.from({ length: cluster.size }, () => []);

  test.each([
    [1, false],
    [300, true],
    [10_000, false],
  ])(
    "what is put, got and combined between fences is there after them (%i doubles, blocking: %s)",
    async (length, sync) => {
      expect(await cluster.spawn(windows.fences, { length, sync }).result).toEqual(nothingWrong());
    },
  );

  test.each([false, true])(
    "counters count each rank once, and a lock keeps the others out (blocking: %s)",
    async (sync) => {
      expect(await cluster.spawn(windows.locks, { times: 20, sync }).result).toEqual(nothingWrong());
    },
  );

  test("memory is read and written while its rank computes and calls nothing", async () => {
    expect(await cluster.spawn(windows.passive, { length: 50_000 }).result).toEqual(nothingWrong());
  });

  test("ranks of one host have each other's memory itself, side by side if they wish", async () => {
    expect(await cluster.spawn(windows.shared, {}).result).toEqual(nothingWrong());
  });

  test("an access that can't be is refused before anything is sent", async () => {
    expect(await cluster.spawn(windows.refused, {}).result).toEqual(nothingWrong());
  });
}
