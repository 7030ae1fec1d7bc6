/** A rank is killed while the others are in a collective with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, launchCluster } from "mpits";
import { collectiveNames, losing } from "../fixtures/losing.js";
import { allComputing, rejection, until } from "../support/job-events.ts";

let cluster: Cluster;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mpits-test-"));
  const hosts = [
    { host: "localhost", slots: 2 },
    { host: "localhost", slots: 1 },
  ];
  cluster = await launchCluster({ hosts, logLevel: "silent", connectTimeoutS: 60 });
});
afterAll(async () => {
  await cluster.close();
  rmSync(folder, { recursive: true });
});

test.each(collectiveNames.map((name, i) => [name, i % 2 === 0] as const))(
  "in a collective, all others get a RankLostError that names the rank that is lost (%s, blocking: %s)",
  async (collective, blocking) => {
    const file = join(folder, collective);
    writeFileSync(file, "");
    const job = cluster.spawn(losing, { collective, blocking, file });
    await until(job, allComputing);
    const lost = cluster.getSnapshot().hosts.find(({ name }) => name === "localhost#2")!;
    const killedMs = Date.now();
    process.kill(lost.pid!, "SIGKILL");
    const error = await rejection(job.result);
    expect(error).toMatchObject({ name: "RankLostError", rank: 3, host: "localhost#2" });
    const told = readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { by: number; atMs: number; message: string });
    expect(told.sort((a, b) => a.by - b.by)).toEqual(
      [0, 1, 2].map((by) => expect.objectContaining({ by, name: "RankLostError", rank: 3, host: "localhost#2" })),
    );
    expect(told[0]!.message).toBe(error.message);
    if (process.env.MPITS_SHOW) console.log(collective, Math.max(...told.map(({ atMs }) => atMs)) - killedMs, "ms");
  },
);
