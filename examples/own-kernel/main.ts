// npm install && npm start
import { launchCluster } from "mpits";
import { longestCollatz } from "./collatz.js";

const cluster = await launchCluster();
const job = cluster.spawn(longestCollatz, { limit: 1_000_000 });
const { start, steps } = await job.result;
console.log(`${start} takes ${steps} steps`);
console.log(
  `${job.stats.partsPerRank.join(" + ")} parts on ${cluster.size} ranks, ${job.stats.elapsedMs.toFixed(0)} ms`,
);
