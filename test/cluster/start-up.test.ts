/**
 * How long it takes until all hosts are up, for one and for eight, beside the least that can be done on them: `ssh HOST node -e 0`.
 * First where all of them take turns on this machine's cores, which is what eight take longer for; then as separate machines would
 * do it, each with a slow processor of its own.
 */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { launchCluster } from "mpits";
import { Bed } from "./support/bed.ts";

const rounds = 5;
/** Of one core, for each host: eight of them leave the driver enough of two cores. */
const share = 12;
let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(8);
  process.env.MPITS_SSH_CONFIG = bed.sshConfig;
});
afterAll(async () => {
  await bed?.down();
});

type Start = (hosts: readonly string[]) => Promise<number>;

const startUpMs: Start = async (hosts) => {
  const from = performance.now();
  const cluster = await launchCluster({ hosts: hosts as string[], perNodeCores: 1, logLevel: "silent" });
  const ms = performance.now() - from;
  expect(cluster.size).toBe(1 + hosts.length);
  await cluster.close();
  return ms;
};

const bareMs: Start = async (hosts) => {
  const from = performance.now();
  const ssh = (host: string) => promisify(execFile)("ssh", ["-F", bed.sshConfig, host, "node", "-e", "0"]);
  await Promise.all(hosts.map(ssh));
  return performance.now() - from;
};

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

/** Each way with one host and with eight, in turn. */
async function compare(ways: Readonly<Record<string, Start>>, where: string): Promise<void> {
  const first = bed.hosts.slice(0, 1);
  await startUpMs(first); // what is read from disk is in memory for all of them then
  const taken = Object.entries(ways).map(([name, start]) => ({
    name,
    start,
    one: [] as number[],
    eight: [] as number[],
  }));
  for (let round = 0; round < rounds; round++)
    for (const { start, one, eight } of taken) {
      one.push(await start(first));
      eight.push(await start(bed.hosts));
    }
  for (const { name, one, eight } of taken)
    console.log(
      `${name}: 1 host ${median(one).toFixed(0)} ms, 8 hosts ${median(eight).toFixed(0)} ms, ratio ${(median(eight) / median(one)).toFixed(2)} ${where}`,
    );
}

const ways = { "start-up": startUpMs, "ssh HOST node -e 0": bareMs };

test("eight hosts come up side by side, and nothing of them is left; how long it takes is printed", async () => {
  await compare(ways, `on ${availableParallelism()} cores`);
  await bed.expectNothingLeft();
});

test("eight hosts with a processor of their own come up side by side; how long it takes is printed", async () => {
  for (const i of bed.hosts.keys()) await bed.do("share", i + 1, share);
  await compare(ways, `with ${share} % of a core for each host`);
  await bed.expectNothingLeft();
});
