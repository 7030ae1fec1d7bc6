// A whole program in one file: its kernel, and a main part that awaits at the top level. It just returns.
import { configureInfra, defineKernel, launchCluster } from "mpits";

export const triple = defineKernel({
  name: "triple",
  *scatter({ values }) {
    yield* values;
  },
  compute: (value) => value * factor,
  async reduce(partials) {
    const out = [];
    for await (const partial of partials) out.push(partial);
    return out;
  },
});
const factor = 3;

console.log("begin");
const hosts = process.argv[2] === "hosts" ? ["localhost"] : [];
configureInfra({ perNodeCores: 2, hosts });
const cluster = await launchCluster({ perNodeCores: 2, hosts });
console.log(`hosts ${JSON.stringify(cluster.getSnapshot().hosts.map(({ pid }) => pid))}`);
console.log(JSON.stringify(await cluster.spawn(triple, { values: [1, 2, 3] }).result));
