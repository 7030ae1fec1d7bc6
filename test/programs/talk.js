// Kernels that write, each line with its rank in front.
import { launchCluster } from "mpits";
import { talking } from "../fixtures/kernels.js";

const [, , place, prefix] = process.argv;
const cluster = await launchCluster({
  perNodeCores: 1,
  hosts: place === "hosts" ? ["localhost"] : [],
  rankPrefix: prefix !== "plain",
});
await cluster.spawn(talking, { text: "hello" }).result;
