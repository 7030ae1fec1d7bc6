/** How long it takes until all hosts are up, for one and for eight. */
import { availableParallelism } from "node:os";
import { launchCluster } from "mpits";
import { Bed } from "./support/bed.ts";

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.up(8);
  process.env.MPITS_SSH_CONFIG = bed.sshConfig;
});
afterAll(async () => {
  await bed?.down();
});

async function startUpMs(hosts: readonly string[]): Promise<number> {
  const from = performance.now();
  const cluster = await launchCluster({ hosts: hosts as string[], perNodeCores: 1, logLevel: "silent" });
  const ms = performance.now() - from;
  await cluster.close();
  return ms;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}

test("eight hosts start in less than twice the time of one, where there are cores for them", async () => {
  await startUpMs(bed.hosts.slice(0, 1)); // what is read from disk is in memory for all of them then
  const [one, eight]: [number[], number[]] = [[], []];
  for (let i = 0; i < 5; i++) {
    one.push(await startUpMs(bed.hosts.slice(0, 1)));
    eight.push(await startUpMs(bed.hosts));
  }
  const ratio = median(eight) / median(one);
  console.log(
    `start-up: 1 host ${median(one).toFixed(0)} ms, 8 hosts ${median(eight).toFixed(0)} ms, ratio ${ratio.toFixed(2)} on ${availableParallelism()} cores`,
  );
  await bed.expectNothingLeft();
  // Eight real hosts have eight machines: on fewer cores than hosts, they wait for each other's.
  expect(ratio).toBeLessThan(2 * Math.max(1, 8 / availableParallelism()));
});
