// A job that writes, then one that never ends by itself with another waiting behind it; says when it computes, and how it ends.
import { launchCluster } from "mpits";
import * as kernels from "../fixtures/kernels.js";

const cluster = await launchCluster({ perNodeCores: 2, cancelGraceMs: 3_600_000 });
await cluster.spawn(kernels.talking, { text: "hello" }).result;
const job = cluster.spawn(kernels[process.argv[2]], {});
const waiting = cluster.spawn(kernels.squares, { parts: 3 }, { queue: true });
job.subscribe(({ ranks }) => {
  if (ranks.every(({ state, progress }) => state === "computing" && progress.done > 0)) console.log("computing");
});
console.log(await job.result.catch((error) => error.message));
console.log((await waiting.result).length);
