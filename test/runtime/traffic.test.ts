/** What crosses between hosts in each collective, counted on real connections, next to the least that can do. */
import { type Cluster, launchCluster } from "mpits";
import { crossing } from "../fixtures/crossing.js";

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
async function crossed(collective: string): Promise<{ messages: number; bytes: number }> {
  const job = cluster.spawn(crossing, { collective, length });
  await job.result;
  const { between } = job.stats;
  expect(between.every(({ direct }) => direct)).toBe(true);
  const sum = (of: "messages" | "bytes") => between.reduce((total, pair) => total + pair[of], 0);
  return { messages: sum("messages"), bytes: sum("bytes") };
}

test.each(Object.entries(least))(
  "a collective of long arrays sends the least that can do between hosts, and headers (%s)",
  async (collective, due) => {
    const { messages, bytes: sent } = await crossed(collective);
    if (process.env.MPITS_SHOW) process.stdout.write(`| ${collective} | ${messages} | ${sent} | ${due} |\n`);
    expect(sent).toBeGreaterThan(due);
    expect(sent).toBeLessThan(1.02 * due + 10_000);
  },
);
