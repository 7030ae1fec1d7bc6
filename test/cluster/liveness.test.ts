/** Who is lost and who is only slow; who comes back; and what is left when the driver goes. */
import { type Cluster, launchCluster, matMulKernel } from "mpits";
import { squares } from "../fixtures/kernels.js";
import { Bed } from "./support/bed.ts";
import { Driver } from "./support/driver.ts";

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(3);
  process.env.MPITS_SSH_CONFIG = bed.sshConfig;
});
afterAll(async () => {
  await bed?.down();
});

async function onThreeHosts(options: object, body: (cluster: Cluster) => Promise<void>): Promise<void> {
  const hosts = bed.hosts as string[];
  const cluster = await launchCluster({ hosts, perNodeCores: 2, logLevel: "silent", ...options });
  await body(cluster).finally(() => cluster.close());
  await bed.expectNothingLeft();
}

const lostHosts = (cluster: Cluster) =>
  cluster
    .getSnapshot()
    .hosts.filter(({ lost }) => lost !== undefined)
    .map(({ name }) => name);

test("a host whose data takes longer to arrive than its silence may last is not lost", async () => {
  await bed.do("rate", 3, "10mbit");
  try {
    await onThreeHosts({ hostSilenceMs: 1500 }, async (cluster) => {
      const matrix = { shape: [700, 700] as const, data: Float64Array.from({ length: 490_000 }, (_, i) => i % 3) };
      const job = cluster.spawn(matMulKernel, { a: matrix, b: matrix });
      await job.result;
      expect(job.stats.elapsedMs).toBeGreaterThan(2 * 1500);
      expect(lostHosts(cluster)).toEqual([]);
      expect(job.stats.partsAgain).toBe(0);
    });
  } finally {
    await bed.do("rate", 3, 0);
  }
});

test.each(["its process is killed", "its power fails"])(
  "a host that was lost is back for a later job (%s)",
  async (how) => {
    await onThreeHosts({}, async (cluster) => {
      await cluster.spawn(squares, { parts: 10 }).result;
      if (how === "its power fails") await bed.restart(2);
      else for (const { pid } of await bed.processes(2)) process.kill(pid, "SIGKILL");
      // It is looked for while a job runs, and is back in that job or in the next.
      do expect(await cluster.spawn(squares, { parts: 100 }).result).toHaveLength(100);
      while (lostHosts(cluster).length > 0 || (await bed.processes(2)).length === 0);
      const used = (await cluster.spawn(squares, { parts: 2000 }).result) as { rank: number }[];
      expect(new Set(used.map(({ rank }) => rank))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    });
  },
);

test("closing the cluster ends its host processes at once, by the end of their stdin", async () => {
  await onThreeHosts({}, async (cluster) => {
    const from = performance.now();
    await cluster.close();
    expect(performance.now() - from).toBeLessThan(1500); // a host process that does not end is given up after 2 s
    expect(await bed.processes()).toEqual([]);
  });
});

test("a host that is lost for good: its job ends right, and the cluster goes on without it", async () => {
  try {
    // Hosts that live are heard of every 0.8 s at the latest.
    await onThreeHosts({ hostSilenceMs: 2000, connectTimeoutS: 2 }, async (cluster) => {
      await cluster.spawn(squares, { parts: 10 }).result;
      await bed.do("crash", 1);
      for (let jobs = 0; jobs < 3; jobs++)
        expect(await cluster.spawn(squares, { parts: 100 }).result).toHaveLength(100);
      expect(lostHosts(cluster)).toEqual(["node1"]);
    });
  } finally {
    await bed.restart(1);
  }
});

test("all hosts lost at once: the driver's own rank computes all", async () => {
  await onThreeHosts({ hostSilenceMs: 1000, leaseMs: 2000 }, async (cluster) => {
    await cluster.spawn(squares, { parts: 10 }).result;
    for (const host of [1, 2, 3]) await bed.do("cut", host);
    try {
      expect(await cluster.spawn(squares, { parts: 100 }).result).toHaveLength(100);
      expect(lostHosts(cluster)).toEqual(["node1", "node2", "node3"]);
      await bed.expectNothingLeft(10_000); // their lease has ended them, with nobody to tell them
    } finally {
      for (const host of [1, 2, 3]) await bed.do("heal", host);
    }
  });
});

test("a launch that is under way leaves nothing when its driver is killed", async () => {
  const sshd = await bed.sshd(2);
  for (const pid of sshd) process.kill(pid, "SIGSTOP"); // so that the others wait for it
  const driver = new Driver({ hosts: bed.hosts, logLevel: "silent" }, bed.sshConfig);
  try {
    while ((await bed.processes(1)).length === 0 || (await bed.processes(3)).length === 0);
    driver.kill();
    await driver.ended;
    expect(driver.events).toEqual([]);
    await bed.expectNothingLeft();
  } finally {
    driver.kill();
    for (const pid of sshd) process.kill(pid, "SIGCONT");
  }
});
