// Its kernel writes without a line end.
import { launchCluster } from "mpits";
import { muttering } from "../fixtures/awkward.js";

const cluster = await launchCluster({ perNodeCores: 1, hosts: process.argv[2] === "hosts" ? ["localhost"] : [] });
await cluster.spawn(muttering, undefined).result;
