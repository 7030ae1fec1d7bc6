/** What crosses between hosts in each collective, counted on real connections, next to the least that can do. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, launchCluster } from "mpits";
import { crossing } from "../fixtures/crossing.js";
import { sendThenWork } from "../fixtures/talking.js";

/** Ranks of each host: the driver's one, and two host processes. */
const ranks = [1, 4, 4];
const size = 9;
const hosts = ranks.length;
const length = 90_000;
const bytes = 8 * length;

/** Why these are the least is said in docs/collectives.md. */
const least = {
  barrier: 0,
  bcast: (hosts - 1) * bytes,
  gather: ((size - ranks[0]!) * bytes) / size,
  scatter: ((size - ranks[0]!) * bytes) / size,
  allgather: (hosts - 1) * bytes,
  alltoall: ((size * size - ranks.reduce((sum, n) => sum + n * n, 0)) * bytes) / size,
  reduce: (hosts - 1) * bytes,
  allreduce: 2 * (hosts - 1) * bytes,
  reduceScatter: (hosts - 1) * bytes,
  scan: (hosts - 1) * bytes,
  exscan: (hosts - 1) * bytes,
};

let cluster: Cluster;
beforeAll(async () => {
  const four = { host: "localhost", slots: 4 };
  cluster = await launchCluster({ hosts: [four, four], logLevel: "silent", connectTimeoutS: 60 });
});
afterAll(() => cluster.close());

/** Of all frames between hosts. */
async function crossed(collective: string): Promise<{ messages: number; bytes: number; known: number }> {
  const job = cluster.spawn(crossing, { collective, length });
  await job.result;
  const { between, betweenRanks, least: known } = job.stats;
  const sent = betweenRanks.reduce((total, pair) => total + pair.bytes, 0);
  expect(sent).toBeGreaterThanOrEqual(known.ranks);
  expect(between.every(({ direct }) => direct)).toBe(true);
  const sum = (of: "messages" | "bytes") => between.reduce((total, pair) => total + pair[of], 0);
  return { messages: sum("messages"), bytes: sum("bytes"), known: known.hosts };
}

test.each(Object.entries(least))(
  "a collective of long arrays sends the least that can do between hosts, and headers (%s)",
  async (collective, due) => {
    const { messages, bytes: sent, known } = await crossed(collective);
    if (process.env.MPITS_SHOW) process.stdout.write(`| ${collective} | ${messages} | ${sent} | ${due} |\n`);
    // What the job itself knows as the least; announcements of long arrays are values, and count as they are.
    expect(known).toBeGreaterThanOrEqual(due);
    expect(known).toBeLessThan(due + 10_000);
    expect(sent).toBeGreaterThan(due);
    expect(sent).toBeLessThan(1.02 * due + 10_000);
  },
);

test("who has sent what to whom is known while the ranks still compute, and stays when the job is over", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mpits-traffic-"));
  const gate = join(folder, "gate");
  const job = cluster.spawn(sendThenWork, { gate });
  const ring = Array.from({ length: size }, (_, from) => ({ from, to: (from + 1) % size, messages: 1, bytes: 800 }));
  while (job.stats.betweenRanks.length < size || job.stats.between.length < hosts) await new Promise(setImmediate);
  const seen = job.stats;
  await writeFile(gate, "");
  await job.result;
  await rm(folder, { recursive: true });
  for (const { betweenRanks, least: needed } of [seen, job.stats, cluster.pastJobs.at(-1)!.stats]) {
    expect([...betweenRanks].sort((a, b) => a.from - b.from)).toEqual(ring);
    expect(needed).toEqual({ ranks: size * 800, hosts: hosts * 800 });
  }
  expect(job.stats.between.every(({ bytes: sent }) => sent >= 800)).toBe(true);
});
