// An observer that throws: the job goes on, and the error surfaces as an uncaught one.
import { launchCluster } from "mpits";
import { squares } from "../fixtures/kernels.js";

const uncaught = [];
process.on("uncaughtException", (error) => uncaught.push(error.message));
const cluster = await launchCluster({ perNodeCores: 2 });
const job = cluster.spawn(squares, { parts: 3 });
job.subscribe(() => {
  throw new Error("from the observer");
});
job.inspect(() => {
  throw new Error("from the reader of records");
});
console.log((await job.result).length, new Set(uncaught).size);
