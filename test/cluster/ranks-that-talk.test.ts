/** Ranks of different hosts that talk to each other: straight from host to host, and what happens where that can't be. */
import { type Cluster, launchCluster } from "mpits";
import { crossing } from "../fixtures/crossing.js";
import { manyMessages } from "./fixtures/many-messages.js";
import { Bed } from "./support/bed.ts";

interface Heard {
  readonly received: number;
  readonly due: number;
  readonly wrong: readonly unknown[];
  /** Of the rank's host process, in bytes: ten samples over the job. */
  readonly memory: readonly number[];
}

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(8);
  process.env.MPITS_SSH_CONFIG = bed.sshConfig;
});
afterAll(async () => {
  await bed?.down();
});

async function onCluster(options: object, use: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await launchCluster({ hosts: ["node[1-3]"], perNodeCores: 1, logLevel: "silent", ...options });
  try {
    await use(cluster);
  } finally {
    await cluster.close();
  }
  await bed.expectNothingLeft();
}

/** The pairs of hosts that did not talk directly in an exchange of all with all. */
async function forwarded(cluster: Cluster): Promise<string[]> {
  const job = cluster.spawn(crossing, { collective: "alltoall", length: 400 });
  await job.result;
  expect(job.stats.between).toHaveLength(cluster.size * (cluster.size - 1));
  return job.stats.between
    .filter(({ direct }) => !direct)
    .map(({ from, to }) => `${from} ${to}`)
    .sort();
}

test.each([{}, { insecure: true }])(
  "ranks of different hosts talk straight from host to host (%o)",
  async (options) => {
    await onCluster(options, async (cluster) => expect(await forwarded(cluster)).toEqual([]));
  },
);

test("two hosts that can't reach each other go by way of rank 0, and the job's statistics say so", async () => {
  await bed.do("part", 1, 2);
  try {
    await onCluster({}, async (cluster) => {
      expect(await forwarded(cluster)).toEqual(["node1 node2", "node2 node1"]);
      expect(await forwarded(cluster)).toEqual(["node1 node2", "node2 node1"]);
    });
  } finally {
    await bed.do("join", 1, 2);
  }
});

test("through a tunnel, hosts talk to the driver's ranks by way of it, and to each other directly", async () => {
  await onCluster({ tunnel: true, masterNode: "driver" }, async (cluster) => {
    const pairs = ["node1", "node2", "node3"].flatMap((node) => [`driver ${node}`, `${node} driver`]);
    expect(await forwarded(cluster)).toEqual(pairs.sort());
  });
});

test("64 ranks on 8 hosts say a million small messages to each other: none is lost, none overtakes another, memory stays flat", async () => {
  const messages = Number(process.env.MPITS_MESSAGES ?? 1_000_000); // more of them show better whether memory stays flat
  await onCluster({ hosts: ["node[1-8]"], perNodeCores: 8 }, async (cluster) => {
    const job = cluster.spawn(manyMessages, { messages, seed: 1 });
    const heard = (await job.result) as Heard[];
    expect(heard.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(heard.every(({ received, due }) => received === due)).toBe(true);
    expect(heard.reduce((sum, { received }) => sum + received, 0)).toBe(messages);
    for (let host = 0; host < 8; host++) {
      const samples = heard[1 + 8 * host]!.memory.map((bytes) => bytes / 2 ** 20);
      process.stdout.write(`node${host + 1}: ${samples.map((mib) => mib.toFixed(0)).join(" ")} MiB\n`);
      expect(samples.at(-1)).toBeLessThan(1.5 * samples[Math.floor(samples.length / 2)]!);
    }
  });
}, 600_000);
