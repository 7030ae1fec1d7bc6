/** How long it takes until all hosts are up, for one and for eight, beside the least that can be done on them: `ssh HOST node -e 0`. */
import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { launchCluster } from "mpits";
import { Bed } from "./support/bed.ts";

const rounds = 5;
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

test("eight hosts start in less than twice the time of one, or than bare ssh needs for eight where there are not cores for them", async () => {
  const ways = { "start-up": startUpMs, "ssh HOST node -e 0": bareMs };
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
  const [ours, bare] = taken.map(({ name, one, eight }) => {
    const ratio = median(eight) / median(one);
    console.log(
      `${name}: 1 host ${median(one).toFixed(0)} ms, 8 hosts ${median(eight).toFixed(0)} ms, ratio ${ratio.toFixed(2)} on ${availableParallelism()} cores`,
    );
    return ratio;
  });
  await bed.expectNothingLeft();
  // Eight real hosts have eight machines: on fewer cores than hosts, they wait for each other's.
  expect(ours).toBeLessThan(Math.max(2, bare!));
});
