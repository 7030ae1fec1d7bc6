// A CommonJS program in a folder whose name is no plain URL: it gets mpits by import(), so its kernel is defined late.
async function main() {
  const { defineKernel, launchCluster } = await import("mpits");
  const double = defineKernel({
    name: "double",
    *scatter() {
      yield* [1, 2, 3];
    },
    compute: (x) => 2 * x,
    async reduce(partials) {
      let sum = 0;
      for await (const partial of partials) sum += partial;
      return sum;
    },
  });
  const cluster = await launchCluster({ perNodeCores: 2 });
  console.log(await cluster.spawn(double, undefined).result);
  await cluster.close();
}
main();
