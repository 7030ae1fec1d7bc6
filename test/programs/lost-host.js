// Loses its host, runs a job without it, and returns while the host is still coming back. Argument: a folder for temporary files.
import { setTimeout as pause } from "node:timers/promises";
import { launchCluster } from "mpits";
import { squares } from "../fixtures/kernels.js";

process.env.TMPDIR = process.argv[2];
const cluster = await launchCluster({ hosts: ["localhost"], perNodeCores: 1, logLevel: "warn" });
process.kill(cluster.getSnapshot().hosts[1].pid, "SIGKILL");
while (!cluster.getSnapshot().hosts[1].lost) await pause(5);
console.log((await cluster.spawn(squares, { parts: 3 }).result).length);
