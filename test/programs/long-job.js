// Runs a job that never ends by itself, and says when it computes. How it ends is up to the test.
import { launchCluster } from "mpits";
import * as kernels from "../fixtures/kernels.js";

const [, , kernel, place, after] = process.argv;
const cluster = await launchCluster({ perNodeCores: 2, hosts: place === "hosts" ? ["localhost"] : [] });
console.log(`hosts ${JSON.stringify(cluster.getSnapshot().hosts.map(({ pid }) => pid))}`);
const job = cluster.spawn(kernels[kernel], {}, { cancelGraceMs: 3_600_000 });
job.subscribe(({ ranks }) => {
  if (!ranks.every(({ state, progress }) => state === "computing" && progress.done > 0)) return;
  console.log("computing");
  if (after === "throw") throw new Error("the program failed on purpose");
  if (after === "exit") process.exit(7);
});
try {
  await job.result;
} catch (error) {
  console.log(`${error.name}: ${error.message}`);
}
