/** Three hosts of two ranks each: the README's program, what its user sees of it, and what crosses the network. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Cluster, launchCluster, matMulKernel, monteCarlo, primeSearch } from "mpits";
import { partition, trafficByHost, trafficLowerBound } from "../../src/kernels/matmul/partition.ts";
import { followStates } from "../support/job-events.ts";
import { Bed } from "./support/bed.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(3);
  process.env.MPITS_SSH_CONFIG = bed.sshConfig;
});
afterAll(async () => {
  await bed?.down();
});

/** The first program of a language in the README. */
function readmeProgram(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(readFileSync(`${root}/README.md`, "utf8"))![1]!;
}

/** Runs a program from a folder of its own, with this package in its node_modules, and returns what it printed. */
async function runProgram(name: string, text: string): Promise<{ stdout: string; stderr: string }> {
  const folder = `${bed.state}/program`;
  mkdirSync(`${folder}/node_modules`, { recursive: true });
  try {
    symlinkSync(root, `${folder}/node_modules/mpits`);
  } catch {
    // it is there from the program before
  }
  writeFileSync(`${folder}/${name}`, text);
  const env = { ...process.env, MPITS_SSH_CONFIG: bed.sshConfig };
  return promisify(execFile)(process.execPath, [`${folder}/${name}`], { env });
}

test("the README's first lines run unchanged with hosts set", async () => {
  const lines = readmeProgram("ts");
  const withHosts = lines.replace("configureInfra({ ", `configureInfra({ hosts: ["node[1-3]"], perNodeCores: 2, `);
  expect(withHosts).not.toBe(lines);
  const { stdout, stderr } = await runProgram(
    "lines.mjs",
    `${withHosts}
    const { defaultCluster } = await import("mpits");
    console.log(JSON.stringify((await defaultCluster()).getSnapshot().ranks.map(({ host }) => host)));`,
  );
  expect(JSON.parse(stdout.split("\n").find((line) => line.startsWith("["))!).slice(1)).toEqual(
    ["node1", "node2", "node3"].flatMap((host) => [host, host]),
  );
  for (const kernel of ["primeSearch", "matMul", "monteCarlo"]) expect(stdout + stderr).toContain(kernel);
  await bed.expectNothingLeft();
});

test("a program that every rank runs finds its module on each host", async () => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`${root}dist/cli/main.cjs`, "run", "-n", "2", "--hosts", "node[1-3]", `${root}test/programs/spmd.js`, "x"],
    { env: { ...process.env, MPITS_SSH_CONFIG: bed.sshConfig } },
  );
  const hosts = ["node1", "node2", "node3"].flatMap((host) => [host, host]);
  expect(stdout.split("\n").filter((line) => line.includes(" of 7 on "))).toEqual([
    expect.stringMatching(/^\[0\] 0 of 7 on /),
    ...hosts.map((host, i) => `[0] ${i + 1} of 7 on ${host}`),
  ]);
  await bed.expectNothingLeft();
});

test("the README's first program runs unchanged with hosts set", async () => {
  const program = readmeProgram("js");
  const withHosts = program.replace("launchCluster()", `launchCluster({ hosts: ["node[1-3]"], perNodeCores: 2 })`);
  expect(withHosts).not.toBe(program);
  expect((await runProgram("first.mjs", withHosts)).stdout).toBe("25997\n");
  await bed.expectNothingLeft();
});

describe("on one cluster", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ hosts: bed.hosts as string[], perNodeCores: 2, logLevel: "silent" });
  });
  afterAll(async () => {
    await cluster.close();
    await bed.expectNothingLeft();
  });

  test("states and progress of all 7 ranks are visible", async () => {
    const job = cluster.spawn(primeSearch, { n: 2n ** 70n - 35n });
    const states = followStates(job);
    const progress = new Map<number, Set<number>>();
    job.subscribe(({ ranks }) => {
      for (const { rank, progress: at } of ranks) progress.set(rank, (progress.get(rank) ?? new Set()).add(at.done));
    });
    const { prime, tested } = await job.result;
    expect(prime).toBe(true);
    expect(states).toHaveLength(7);
    for (const seen of states)
      expect(seen.filter((state) => state !== "cancelled").slice(-4)).toEqual([
        "scattering",
        "computing",
        "reducing",
        "idle",
      ]);
    for (const seen of progress.values()) expect(seen.size).toBeGreaterThan(2);
    expect(job.getSnapshot().ranks.reduce((sum, { progress }) => sum + progress.done, 0)).toBe(tested);
  });

  test("the bytes of a matrix product are the lower bound of its partition, within 2 %, and really crossed", async () => {
    const [m, k, n] = [1100, 900, 1300];
    const a = { shape: [m, k] as const, data: Float64Array.from({ length: m * k }, (_, i) => i % 7) };
    const b = { shape: [k, n] as const, data: Float64Array.from({ length: k * n }, (_, i) => i % 5) };
    const before = bed.hosts.map((_, i) => bed.crossed(i + 1));
    const job = cluster.spawn(matMulKernel, { a, b });
    await job.result;
    const { byHost } = job.stats;
    const parts = partition(
      { m, k, n, aBytes: 8, bBytes: 8, cBytes: 8 },
      cluster.getSnapshot().ranks.map(({ host }) => host),
    );
    const hosts = cluster.getSnapshot().ranks.map(({ host }) => host);
    const least = trafficByHost(parts, hosts);
    for (const [i, host] of bed.hosts.entries()) {
      const { sent, received } = byHost[host]!;
      const { panelBytes, blockBytes } = least.get(host)!;
      expect(sent.bytes / panelBytes).toBeGreaterThanOrEqual(1);
      expect(sent.bytes / panelBytes).toBeLessThan(1.02);
      expect(received.bytes / blockBytes).toBeGreaterThanOrEqual(1);
      expect(received.bytes / blockBytes).toBeLessThan(1.02);
      const counted = sent.bytes + received.bytes;
      const crossed = bed.crossed(i + 1) - before[i]!;
      console.log(`${host}: ${counted} B counted, ${crossed} B on its cable (${(crossed / counted).toFixed(3)})`);
      expect(crossed).toBeGreaterThan(counted);
      expect(crossed).toBeLessThan(counted * 1.1); // headers, acknowledgements, reports, heartbeats, encryption
    }
    const all = bed.hosts.reduce((sum, host) => sum + byHost[host]!.sent.bytes, 0);
    const bound = trafficLowerBound(parts, hosts) - least.get(hosts[0]!)!.panelBytes; // the driver's own panels need no network
    expect(all / bound).toBeLessThan(1.02);
  });

  test("the same seed gives the same bits as on this machine alone", async () => {
    const distance = (rng: { random(): number }) => rng.random() ** 2 + rng.random() ** 2;
    const inside = (d: number) => (d < 1 ? 4 : 0);
    const far = await monteCarlo(300_000, distance, inside, { cluster, seed: 7 });
    await using here = await launchCluster({ perNodeCores: 1, logLevel: "silent" });
    expect(await monteCarlo(300_000, distance, inside, { cluster: here, seed: 7 })).toEqual(far);
  });
});
