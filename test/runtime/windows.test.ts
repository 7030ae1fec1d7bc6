/** One-sided communication, between threads of one process and across host processes. */
import { type Cluster, type InfraOptions, launchCluster } from "mpits";
import * as windows from "../fixtures/windows.js";

const host = (slots: number) => ({ host: "localhost", slots });
const places: [string, InfraOptions][] = [
  ["1 thread", { perNodeCores: 1 }],
  ["2 threads", { perNodeCores: 2 }],
  ["3 threads", { perNodeCores: 3 }],
  ["4 threads", { perNodeCores: 4 }],
  ["7 threads", { perNodeCores: 7 }],
  ["2 host processes with 2 ranks", { hosts: [host(1)] }],
  ["2 host processes with 3 ranks", { hosts: [host(2)] }],
  ["3 host processes with 4 ranks", { hosts: [host(2), host(1)] }],
  ["4 host processes with 7 ranks", { hosts: [host(2), host(2), host(2)] }],
];

describe.each(places)("on %s", (_place, options) => {
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
});
