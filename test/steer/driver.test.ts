/** What a driver tells and does by its socket: the server of the built package, and the client. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { type Cluster, type Job, launchCluster, type OutputLine } from "mpits";
import { inspectText } from "../../src/cli/steer/inspect-text.ts";
import { DriverLink } from "../../src/steer/client.ts";
import { folderProblem, openFolder, steerFolders } from "../../src/steer/folder.ts";
import type { CancelAnswer, DriverState, JobDetail, Lines, Records } from "../../src/steer/protocol.ts";
import { polling, squares, talking } from "../fixtures/kernels.js";
import { growing } from "../fixtures/talking.js";
import { allComputing, rejection, until } from "../support/job-events.ts";
import { ownSteerFolder } from "../support/steer-folder.ts";

const { root, sockets } = ownSteerFolder();
let cluster: Cluster;
let link: DriverLink;
/** The cluster's number in this process. */
let number: number;

beforeAll(async () => {
  cluster = await launchCluster({ perNodeCores: 2, logLevel: "silent" });
  link = await DriverLink.open(socketPath(), process.pid);
  const { clusters } = await link.ask<DriverState>({ ask: "state" });
  number = clusters[0]!.number;
});
afterAll(async () => {
  link.close();
  await cluster.close();
});
afterEach(async () => {
  const job = cluster.runningJob;
  job?.cancel();
  await job?.result.catch(() => {});
});

function socketPath(): string {
  return join(sockets, readdirSync(sockets)[0]!);
}

const address = ({ id }: { id: string }) => ({ cluster: number, job: id });

async function pollingJob(): Promise<Job<unknown>> {
  const job: Job<unknown> = cluster.spawn(polling, {});
  await until(job, allComputing);
  return job;
}

test("the socket is its owner's alone", () => {
  expect(statSync(sockets).mode & 0o777).toBe(0o700);
  expect(statSync(socketPath()).mode & 0o777).toBe(0o600);
});

test("a driver tells its clusters and its jobs: what runs, what waits, what is over", async () => {
  await cluster.spawn(squares, { parts: 3 }).result;
  const job = await pollingJob();
  const waiting = cluster.spawn(squares, { parts: 1 }, { queue: true });
  const { pid, jobs, clusters } = await link.ask<DriverState>({ ask: "state" });
  expect(pid).toBe(process.pid);
  expect(clusters[0]!.hosts[0]!.ranks).toEqual([0, 1]);
  const phases = jobs.map(({ job: id, phase, snapshot }) => [id, phase, snapshot.value]);
  expect(phases.at(-3)![2]).toBe("done");
  expect(phases.slice(-2)).toEqual([
    [job.id, "running", "computing"],
    [waiting.id, "queued", "idle"],
  ]);
  waiting.cancel();
});

test("inspect gives the snapshot, the events that it takes, and the last transitions of the job and of each rank", async () => {
  const job = await pollingJob();
  const detail = await link.ask<JobDetail>({ ask: "inspect", ...address(job), last: 1 });
  expect(detail.snapshot).toMatchObject({ id: job.id, value: "computing" });
  expect(detail.takes).toEqual(["job.cancel"]);
  expect(detail.hosts[0]!.heardMs).toBeGreaterThan(0);
  expect(detail.records.map(({ rank, to, event }) => [rank, to, event]).sort()).toEqual([
    [undefined, "computing", "parts.handedOut"],
    [0, "computing", "kernel.started"],
    [1, "computing", "kernel.started"],
  ]);
});

test("inspect tells who has sent how much to whom, the most first, and the least that could have done", async () => {
  const job = cluster.spawn(growing, {});
  await job.result;
  const { traffic } = await link.ask<JobDetail>({ ask: "inspect", ...address(job), last: 0 });
  const { betweenRanks, least } = job.stats;
  const bytes = betweenRanks.reduce((sum, pair) => sum + pair.bytes, 0);
  expect(traffic!.amongRanks).toEqual({ pairs: 2, messages: 2, bytes: 8 + 16 });
  expect(bytes).toBe(24);
  expect(traffic!.betweenRanks).toEqual(betweenRanks.toSorted((a, b) => b.bytes - a.bytes));
  expect(traffic!.least).toEqual(least);
  const lines = inspectText(await link.ask<JobDetail>({ ask: "inspect", ...address(job), last: 0 }), {
    pid: 1,
    rank: undefined,
    last: 0,
    colour: false,
  });
  expect(lines.find((line) => line.includes("rank to rank"))).toMatch(
    /^ {2}from rank to rank: 24 B in 2 messages, least 24 B; the most from 1 to 0, 16 B$/,
  );
});

test("records tell the whole story of the job and its ranks, with causes, and end with the job", async () => {
  const job = await pollingJob();
  const told: Records["records"][number][] = [];
  const answered = link.ask(
    { ask: "records", ...address(job), fromStart: true },
    { next: ({ records }: Records) => void told.push(...records) },
  );
  await link.ask<JobDetail>({ ask: "inspect", ...address(job), last: 0 }); // the one asked before is under way
  job.cancel("enough");
  await rejection(job.result);
  await answered;
  expect(told).toEqual(JSON.parse(JSON.stringify(job.story())));
  const way = (rank: number | undefined) => told.filter((each) => each.rank === rank).map(({ to }) => to);
  expect(way(undefined)).toEqual(["scattering", "computing", "cancelled"]);
  expect(way(0)).toEqual(["scattering", "computing", "cancelled", "idle"]);
  for (const { to, cause } of told) expect(cause).toBe(to === "cancelled" ? "enough" : undefined);
});

test("a watcher sees the job until its end", async () => {
  const job = await pollingJob();
  const states: string[] = [];
  const last = link.ask<JobDetail>(
    { ask: "watch", ...address(job) },
    {
      next({ snapshot }: JobDetail) {
        states.push(snapshot.value);
        if (states.length === 2) job.cancel("seen enough");
      },
    },
  );
  expect((await last).snapshot).toMatchObject({ value: "cancelled", reason: "seen enough" });
  expect((await last).phase).toBe("over");
  expect(states.slice(0, 2)).toEqual(["computing", "computing"]);
});

test("what ranks wrote is kept with their numbers, and can be asked for by rank", async () => {
  const job = cluster.spawn(talking, { text: "hello" });
  const lines: OutputLine[] = [];
  const next = (more: Lines) => void lines.push(...more.lines);
  const followed = link.ask({ ask: "logs", ...address(job), follow: true }, { next });
  await job.result;
  await followed;
  expect(lines.map(({ rank, text }) => `${rank} ${text}`).sort()).toEqual([
    "0 hello from 0",
    "0 hello on stderr",
    "1 hello from 1",
    "1 hello on stderr",
  ]);
  const ofRank: OutputLine[] = [];
  await link.ask(
    { ask: "logs", ...address(job), follow: false, ranks: [{ from: 1, to: 9 }], tail: 1 },
    { next: (more: Lines) => void ofRank.push(...more.lines) },
  );
  expect(ofRank).toHaveLength(1);
  expect(ofRank[0]).toMatchObject({ rank: 1, job: job.id });
});

test("cancel is answered when every rank is idle, and a second one says that the job is over", async () => {
  const job = await pollingJob();
  const failed = rejection(job.result);
  const answer = await link.ask<CancelAnswer>({ ask: "cancel", ...address(job), reason: "enough" });
  expect(answer.state).toBe("cancelled");
  expect(job.getSnapshot().ranks.every(({ state }) => state === "idle")).toBe(true);
  expect((await failed).reason).toBe("enough");
  expect(await rejection(link.ask({ ask: "cancel", ...address(job), reason: "again" }))).toMatchObject({
    refusal: { kind: "notTaken", message: `${job.id} is cancelled: it takes no events any more.` },
  });
});

test("a job can be cancelled by what a person would call it, in one question", async () => {
  const job = await pollingJob();
  const heard: unknown[] = [];
  const next = (word: unknown) => heard.push(word);
  const by = (typed: string | undefined, untilMs = Date.now() + 60_000) =>
    link.ask<CancelAnswer>({ ask: "cancelNamed", typed, untilMs, reason: "enough" }, { next });
  void by("poll", Date.now() - 1).catch(() => {}); // as of one who gave up while the driver was stopped
  expect(await rejection(by("nosuch"))).toMatchObject({ refusal: { kind: "notFound" } });
  expect(await rejection(by("no job"))).toMatchObject({ refusal: { kind: "notFound" } });
  expect([heard, job.getSnapshot().value]).toEqual([[], "computing"]);
  expect(await by("poll")).toMatchObject({ state: "cancelled" });
  expect(heard).toEqual([{ name: job.id }]);
  await expect(job.result).rejects.toThrow("enough");
  expect(await rejection(by(undefined))).toMatchObject({ refusal: { kind: "notFound", message: /no job runs/ } });
});

test.each([
  [undefined, "nonsense", {}, "notTaken", ["job.cancel"]],
  [undefined, "parts.handedOut", {}, "notTaken", ["job.cancel"]],
  [undefined, "toString", {}, "notTaken", ["job.cancel"]],
  [undefined, "job.cancel", { force: "yes" }, "wrong", undefined],
  [undefined, "job.cancel", { type: "job.failed" }, "wrong", undefined],
  [0, "kernel.finished", {}, "notTaken", []],
  [0, "job.cancel", {}, "notTaken", []],
  [7, "job.cancel", {}, "notFound", undefined],
])("send to rank %s of %s with %j is refused, and changes nothing", async (rank, event, data, kind, takes) => {
  const job = await pollingJob();
  const refused = await rejection(link.ask({ ask: "send", ...address(job), rank, event, data }));
  expect(refused.refusal).toMatchObject({ kind, ...(takes && { takes }) });
  expect(job.getSnapshot().value).toBe("computing");
});

test("send cancels by the event that the job takes", async () => {
  const job = await pollingJob();
  const failed = rejection(job.result);
  const data = { reason: "sent" };
  expect(await link.ask({ ask: "send", ...address(job), event: "job.cancel", data })).toEqual({ state: "cancelled" });
  expect((await failed).reason).toBe("sent");
});

test("a job that is not there is refused by name", async () => {
  const refused = await rejection(link.ask({ ask: "watch", cluster: number, job: "nothing#1" }));
  expect(refused.refusal).toMatchObject({ kind: "notFound" });
});

test.each([
  ["no request", "hello\n"],
  ["an endless line", "x".repeat(70_000)],
])("a client that sends %s is cut off, and the others are not", async (_what, text) => {
  const socket = connect(socketPath());
  socket.on("error", () => {});
  socket.write(text);
  await closed(socket);
  expect((await link.ask<DriverState>({ ask: "state" })).pid).toBe(process.pid);
});

test("a client that doesn't read is cut off, and the job goes on", async () => {
  const job = await pollingJob();
  const socket = connect(socketPath()).pause();
  socket.on("error", () => {});
  const cutOff = new Promise((resolve) => socket.once("close", resolve));
  const line = { timeMs: 0, job: job.id, rank: 0, host: "desk", stream: "stdout", text: "x".repeat(8000) } as const;
  for (let i = 0; i < 500; i++) cluster.output.push(line); // an answer of 4 MB
  for (let id = 1; id <= 5; id++)
    socket.write(`${JSON.stringify({ id, ask: "logs", ...address(job), follow: false })}\n`);
  await link.ask({ ask: "state" });
  socket.resume();
  await cutOff;
  expect(job.getSnapshot().value).toBe("computing");
});

test("a folder that others can enter, or that is somebody else's, is not used", () => {
  const runtime = mkdtempSync(join(root, "runtime-"));
  const folder = join(runtime, "mpits");
  expect(steerFolders({ XDG_RUNTIME_DIR: runtime })).toEqual([`/tmp/mpits-${process.getuid!()}`, folder]);
  expect(folderProblem(folder)).toBeUndefined();
  openFolder(folder);
  chmodSync(folder, 0o755);
  expect(() => openFolder(folder)).toThrow("can be entered by others (mode 755)");
  rmSync(folder, { recursive: true });
  mkdirSync(folder, { mode: 0o700 });
  if (process.getuid!() !== 0) return;
  chownSync(folder, 12_345, 12_345);
  expect(() => openFolder(folder)).toThrow("belongs to another user (uid 12345)");
});

test("closing the last cluster removes the socket", async () => {
  const second = await launchCluster({ perNodeCores: 1, logLevel: "silent" });
  expect((await link.ask<DriverState>({ ask: "state" })).clusters).toHaveLength(2);
  await second.close();
  expect((await link.ask<DriverState>({ ask: "state" })).clusters).toHaveLength(1);
  await cluster.close();
  expect(readdirSync(sockets)).toEqual([]);
  expect(await rejection(link.ask({ ask: "state" }))).toMatchObject({ message: `driver ${process.pid} has ended.` });
});

function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.resume().once("close", resolve));
}
