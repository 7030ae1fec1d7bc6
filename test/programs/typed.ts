// A whole program in one TypeScript file. Run by tsx.
import { defineKernel, launchCluster } from "mpits";

const factor: number = 3;

export const triple = defineKernel({
  name: "triple",
  *scatter(values: readonly number[]) {
    yield* values;
  },
  compute: (value) => value * factor,
  async reduce(partials) {
    let sum = 0;
    for await (const partial of partials) sum += partial;
    return sum;
  },
});

const cluster = await launchCluster({ perNodeCores: 2 });
console.log("triple", await cluster.spawn(triple, [1, 2, 3]).result);
