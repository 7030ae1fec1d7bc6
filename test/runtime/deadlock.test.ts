/** Ranks that wait for each other for ever end their job, with words; those that only wait for long do not. */
import { type Cluster, type InfraOptions, launchCluster } from "mpits";
import { deadlocks } from "../fixtures/deadlocks.js";
import { rejection, until } from "../support/job-events.ts";

const host = { host: "localhost", slots: 1 };
const places: [string, InfraOptions][] = [
  ["3 threads", { perNodeCores: 3 }],
  ["3 host processes", { hosts: [host, host] }],
];

describe.each(places)("on %s", (_place, options) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await launchCluster({ ...options, logLevel: "silent", connectTimeoutS: 60 });
  });
  afterAll(() => cluster.close());

  test.each<[string, string | RegExp]>([
    [
      "cycle",
      "rank 0 waits for tag 7 from rank 2; rank 2 waits for any tag from rank 1; rank 1 waits for any tag from rank 0",
    ],
    [
      "blocking cycle",
      "rank 0 waits for tag 7 from rank 1; rank 1 waits for tag 7 from rank 0 (from which tag 5 has come)",
    ],
    ["finished", /^rank \d is in barrier number 1, and needs rank 0 there; rank 0 has finished$/],
    [
      "mismatch",
      "ranks 0 and 2 are in barrier number 2; rank 1 is in allreduce number 2: all ranks of a communicator must call its collectives in the same order",
    ],
    ["sends to one that has finished", "rank 0 waits until rank 1 receives tag 3; rank 1 has finished"],
    ["isend that nobody receives", "rank 0 waits until rank 2 receives tag 4; rank 2 has finished"],
    ["beside one that computes", "rank 0 waits for tag 7 from rank 1; rank 1 waits for tag 7 from rank 0"],
    [
      "any source",
      "rank 0 waits for any tag from any rank; rank 1 waits for any tag from any rank; rank 2 waits for any tag from any rank",
    ],
  ])("ranks that can never go on end their job, and the error says who waits for whom (%s)", async (which, words) => {
    const { name, message } = await rejection(cluster.spawn(deadlocks, which).result);
    expect(name).toBe("DeadlockError");
    const [, said] = /^deadlock: (.*)\. The job was ended on all ranks\.$/.exec(message)!;
    if (typeof words === "string") expect(said).toBe(words);
    else expect(said).toMatch(words);
  });

  test.each(["a timer of its own", "a timer beside its receive", "a time-out", "one that computes for a while"])(
    "a wait that something else can end is no deadlock (%s)",
    async (which) => {
      expect(await cluster.spawn(deadlocks, which).result).toBe("went on");
    },
  );

  test("the snapshot shows what each rank waits for, also where deadlocks are not looked for", async () => {
    const job = cluster.spawn(deadlocks, "cycle", { detectDeadlocks: false });
    await until(job, ({ ranks }) => ranks.every(({ waitsFor }) => waitsFor !== undefined));
    expect(job.getSnapshot().ranks.map(({ waitsFor }) => waitsFor)).toEqual([
      "waits for tag 7 from rank 2",
      "waits for any tag from rank 0",
      "waits for any tag from rank 1",
    ]);
    job.cancel("seen");
    await rejection(job.result);
    expect(cluster.getSnapshot().ranks.some((rank) => "waitsFor" in rank)).toBe(false);
  });
});
