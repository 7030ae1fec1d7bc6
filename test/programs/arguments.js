// Looks at its arguments before anything else, as programs do, and holds its kernel itself.
import { defineKernel, launchCluster } from "mpits";

const [, , place, summand] = process.argv;
if (summand === undefined) throw new Error("usage: arguments.js PLACE SUMMAND");

const adding = defineKernel({
  name: "adding",
  *scatter() {
    yield* [1, 2];
  },
  compute: (x) => x + Number(summand),
  async reduce(partials) {
    const out = [];
    for await (const partial of partials) out.push(partial);
    return out.join(" ");
  },
});

const cluster = await launchCluster({ perNodeCores: 1, hosts: place === "hosts" ? ["localhost"] : [] });
console.log(await cluster.spawn(adding, undefined).result);
