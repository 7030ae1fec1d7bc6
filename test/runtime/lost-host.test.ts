/** A host process that is killed, in each state of its ranks: the job ends right or by a clear error, and nothing hangs. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, launchCluster } from "mpits";
import { gated, obstinate, polling, squares } from "../fixtures/kernels.js";
import { slowToLoad } from "../fixtures/slow-to-load.js";
import { allComputing, rejection, until } from "../support/job-events.ts";
import { isRunning } from "../support/program.ts";

let folder: string;
let gate: string;
let cluster: Cluster;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mpits-test-"));
  gate = join(folder, "gate");
  const host = { host: "localhost", slots: 1 };
  cluster = await launchCluster({
    hosts: [host, { ...host, env: { MPITS_TEST_GATE: gate } }],
    logLevel: "silent",
    connectTimeoutS: 60,
  });
});
afterEach(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true });
});

/** Kills the last host, which holds rank 2. */
function kill(): void {
  process.kill(cluster.getSnapshot().hosts[2]!.pid!, "SIGKILL");
}

/** No process of the cluster but this one lives after it was closed. */
async function expectNothingLeft(): Promise<void> {
  const pids = cluster
    .getSnapshot()
    .hosts.slice(1)
    .map(({ pid }) => pid!);
  await cluster.close();
  expect(pids.filter(isRunning)).toEqual([]);
}

test("while idle: the next job runs on the others, and the snapshot shows the host as lost", async () => {
  await cluster.spawn(squares, { parts: 3 }).result;
  kill();
  const job = cluster.spawn(gated, { gate, parts: 3 });
  await until(job, ({ ranks }) => ranks[2]!.lost !== undefined);
  writeFileSync(gate, "");
  expect(await job.result).toEqual([0, 1, 2]);
  expect(cluster.getSnapshot().hosts[2]!.lost).toContain("SIGKILL");
  expect(await cluster.spawn(squares, { parts: 5 }).result).toHaveLength(5);
  await expectNothingLeft();
});

test("while scattering: its part is computed elsewhere", async () => {
  const job = cluster.spawn(slowToLoad, {});
  await until(job, ({ ranks }) => ranks[2]!.state === "scattering");
  kill();
  expect(await job.result).toEqual([0, 1, 2]);
  expect(job.stats.partsAgain).toBe(1);
  await expectNothingLeft();
});

test("while computing: its part is computed elsewhere", async () => {
  const job = cluster.spawn(gated, { gate });
  await until(job, allComputing);
  kill();
  await until(job, ({ ranks }) => ranks[2]!.lost !== undefined);
  writeFileSync(gate, "");
  expect(await job.result).toEqual([0, 1, 2]);
  expect(job.stats.partsAgain).toBe(1);
  const lost = job.story().filter(({ to }) => to === "lost");
  expect(lost).toMatchObject([{ rank: 2, from: "computing", event: "rank.lost" }]);
  expect(lost[0]!.cause).toContain("SIGKILL");
  await expectNothingLeft();
});

test("while reducing, or just after: nothing is lost and nothing counts twice", async () => {
  const job = cluster.spawn(squares, { parts: 2000 });
  await until(job, ({ ranks }) => ranks[2]!.state === "reducing");
  kill();
  const result = (await job.result) as { square: number }[];
  expect(result.map(({ square }) => square)).toEqual(Array.from({ length: 2000 }, (_, i) => i * i));
  await expectNothingLeft();
});

test("while cancelled: the job ends as cancelled without waiting for the lost rank's grace", async () => {
  const job = cluster.spawn(obstinate, { who: 2 }, { cancelGraceMs: 3_600_000 });
  await until(job, allComputing);
  job.cancel("enough");
  await until(job, ({ ranks }) => ranks[2]!.state === "cancelled");
  kill();
  const error = await rejection(job.result);
  expect(error).toMatchObject({ name: "JobCancelledError", forcedRanks: [] });
  await expectNothingLeft();
});

test("all hosts but the driver's own: rank 0 goes on alone", async () => {
  const job = cluster.spawn(gated, { gate });
  await until(job, allComputing);
  for (const { pid } of cluster.getSnapshot().hosts.slice(1)) process.kill(pid!, "SIGKILL");
  await until(job, ({ ranks }) => ranks.filter(({ lost }) => lost).length === 2);
  writeFileSync(gate, "");
  expect(await job.result).toEqual([0, 1, 2]);
});

test("close ends host processes whose ranks are busy", async () => {
  const job = cluster.spawn(polling, {});
  await until(job, allComputing);
  await expectNothingLeft();
  expect((await rejection(job.result)).name).toBe("JobCancelledError");
});
