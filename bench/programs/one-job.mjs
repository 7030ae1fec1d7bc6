// A cluster, one tiny job, the end; prints the resident memory. Arguments: "threads" and how many, or "hosts" and how many.
import { launchCluster } from "mpits";
import { tiny } from "../kernels/small.mjs";

const [kind, count] = process.argv.slice(2);
const options =
  kind === "threads"
    ? { perNodeCores: Number(count) }
    : { hosts: Array.from({ length: Number(count) }, () => "localhost"), perNodeCores: 2 };
const cluster = await launchCluster(options);
const sum = await cluster.spawn(tiny, { parts: cluster.size }).result;
if (sum !== (cluster.size * (cluster.size + 1)) / 2) throw new Error(`wrong sum: ${sum}`);
console.log(process.memoryUsage.rss());
