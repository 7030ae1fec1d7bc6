/** How ranks stand among all that wants the processor. Only Linux gives threads a priority of their own. */
import { getPriority } from "node:os";
import { type InfraOptions, launchCluster } from "mpits";
import { niceness } from "../fixtures/kernels.js";

/** How much nicer than its process each rank's thread is; no process may have changed. */
async function nicenessOn(options: InfraOptions): Promise<number[]> {
  await using cluster = await launchCluster({ logLevel: "silent", connectTimeoutS: 60, ...options });
  const told = (await cluster.spawn(niceness, {}).result) as { thread: number; process: number }[];
  expect(told.map(({ process }) => process)).toEqual(told.map(() => own));
  return told.map(({ thread, process }) => thread - process);
}

const own = getPriority();
const onLinux = (levels: number[]): number[] => levels.map((nice) => (process.platform === "linux" ? nice : 0));

test("nice: ranks give way to everything else, and nothing but ranks does", async () => {
  expect(await nicenessOn({ perNodeCores: 2, nice: 10 })).toEqual(onLinux([10, 10]));
});

test("ranks take an equal share where nobody says otherwise", async () => {
  expect(await nicenessOn({ perNodeCores: 1 })).toEqual([0]);
});

test("a host may have a level of its own", async () => {
  const hosts = [
    { host: "localhost", slots: 1 },
    { host: "localhost", slots: 1, nice: 0 },
  ];
  expect(await nicenessOn({ nice: 4, hosts })).toEqual(onLinux([4, 4, 0]));
});
