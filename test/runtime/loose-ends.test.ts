/** Programs and calls in odd moments: what was left lying about, and what came too early or too late. */
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cancelJob, configureInfra, defaultCluster, defineKernel, isPrime, shutdown } from "mpits";
import { rejection } from "../support/job-events.ts";
import { Program } from "../support/program.ts";

const places = ["threads", "hosts"];
const endless = 2n ** 127n - 1n;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mpits-test-"));
  configureInfra({ perNodeCores: 1, logLevel: "silent" });
});
afterEach(async () => {
  await shutdown();
  rmSync(folder, { recursive: true });
});

test("a program does not wait for a lost host to come back, and leaves no files", async () => {
  expect(await new Program("lost-host.js", [folder]).ended).toMatchObject({ code: 0, stdout: "3\n" });
  expect(readdirSync(folder)).toEqual([]);
});

test("a lost host that comes back while the cluster is idle is taken in with the next job", async () => {
  configureInfra({ hosts: ["localhost"], perNodeCores: 1, logLevel: "silent" });
  const cluster = await defaultCluster();
  process.kill(cluster.getSnapshot().hosts[1]!.pid!, "SIGKILL");
  while (!cluster.getSnapshot().hosts[1]!.lost) await new Promise(setImmediate);
  while (cluster.getSnapshot().hosts[1]!.lost) expect(await isPrime(7)).toBe(true);
  expect(cluster.getSnapshot().ranks.map(({ lost }) => lost)).toEqual([undefined, undefined]);
});

test.each(places)("what a kernel wrote without a line end is not lost (%s)", async (place) => {
  const { stdout } = await new Program("half-a-line.js", [place]).ended;
  const ranks = place === "hosts" ? [0, 1] : [0];
  expect(stdout.split("\n").filter(Boolean).sort()).toEqual(ranks.map((rank) => `[${rank}] half a line of ${rank}`));
});

test.each(places)("a compute thread that loads the program sees its arguments (%s)", async (place) => {
  expect(await new Program("arguments.js", [place, "10"]).ended).toMatchObject({ code: 0, stdout: "11 12\n" });
});

test("a CommonJS program may define its kernel after import(), in a folder of any name", async () => {
  expect(await new Program("odd%20%231/common.cjs").ended).toMatchObject({ code: 0, stdout: "12\n" });
});

test("cancelJob cancels a job whose cluster is still being launched", async () => {
  const early = isPrime(endless);
  expect(await cancelJob("too early")).toBe(true);
  expect(await rejection(early)).toMatchObject({ name: "JobCancelledError", reason: "too early" });
  const late = isPrime(endless); // the cluster is there, the job not yet spawned
  expect(await cancelJob()).toBe(true);
  expect(await rejection(late)).toMatchObject({ name: "JobCancelledError" });
});

test("a call that was cancelled may be awaited later, or never", async () => {
  expect(await new Program("cancelled.js").ended).toMatchObject({ code: 0, stdout: "JobCancelledError\n" });
});

test("a launch that failed is tried again by the next call", async () => {
  const nodeExecutable = join(folder, "node");
  configureInfra({ hosts: ["localhost"], perNodeCores: 1, nodeExecutable, logLevel: "silent" });
  expect(await rejection(isPrime(7))).toMatchObject({ name: "LaunchError" });
  symlinkSync(process.execPath, nodeExecutable);
  expect(await isPrime(7)).toBe(true);
});

test("when the program itself closed the default cluster, the next call launches another", async () => {
  await (await defaultCluster()).close();
  expect(await isPrime(7)).toBe(true);
});

test("a kernel's module may be a path, and is refused when it is relative", () => {
  const rest = { *scatter() {}, compute: () => 0, reduce: () => 0 };
  expect(defineKernel({ ...rest, name: "byPath", module: "/a b/#1/x.js" }).module).toBe("file:///a%20b/%231/x.js");
  expect(() => defineKernel({ ...rest, name: "relative", module: "./x.js" })).toThrow(
    '"module" must be an absolute URL such as import.meta.url, or an absolute path, got "./x.js" (string).',
  );
});

test("the file that defines a kernel is found whatever the program's stack trace limit is", () => {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const { module } = defineKernel({ name: "noStack", *scatter() {}, compute: () => 0, reduce: () => 0 });
    expect(module).toContain("loose-ends.test.ts");
    expect(Error.stackTraceLimit).toBe(0);
  } finally {
    Error.stackTraceLimit = before;
  }
});
