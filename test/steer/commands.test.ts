/** The commands, as built, on programs that run beside them. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ChromeTrace, TransitionRecord } from "mpits";
import { cancelCommand } from "../../src/cli/steer/cancel.ts";
import { inspectCommand } from "../../src/cli/steer/inspect.ts";
import { logsCommand } from "../../src/cli/steer/logs.ts";
import { reportCommand } from "../../src/cli/steer/report.ts";
import { sendCommand } from "../../src/cli/steer/send.ts";
import { rejection } from "../support/job-events.ts";
import { type Ended, gone, Program } from "../support/program.ts";
import { ownSteerFolder } from "../support/steer-folder.ts";

const { root, sockets } = ownSteerFolder();
const main = fileURLToPath(new URL("../../dist/cli/main.cjs", import.meta.url));
const programs: Program[] = [];

afterEach(async () => {
  for (const { child } of programs) child.kill("SIGKILL");
  await Promise.all(programs.splice(0).map(({ ended }) => ended));
});

function mpits(...args: string[]): Promise<Ended> {
  // The environment by name: jest's is a copy, and without this the commands would act on the real one's drivers.
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, DISPLAY: "", WAYLAND_DISPLAY: "" },
  });
  const out = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (out.stderr += text));
  return new Promise((resolve) => child.once("close", (code, signal) => resolve({ code, signal, ...out })));
}

/** A program whose second job computes. */
async function steered(kernel: string): Promise<Program> {
  const program = new Program("steered.js", [kernel]);
  programs.push(program);
  await program.printed(/^computing$/m);
  return program;
}

test("a running program is found, shown and cancelled from another shell", async () => {
  const program = await steered("calm");
  const [ps, all, inspect, json, rank, logs, queued] = await Promise.all([
    mpits("ps"),
    mpits("ps", "--all", "--json"),
    mpits("inspect"),
    mpits("inspect", "ca", "--json"),
    mpits("inspect", "calm#2:1", "--last", "1"),
    mpits("logs", "talking#1", "-r", "1"),
    mpits("inspect", "squares"),
  ]);
  const pid = program.child.pid!;
  expect(ps).toMatchObject({ code: 0, stderr: "" });
  expect(ps.stdout.split("\n").map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ["JOB", "PID", "KERNEL", "STATE", "ELAPSED", "PROGRESS", "RANKS", "PROGRAM"],
    [
      "calm#2",
      String(pid),
      "calm",
      "computing",
      expect.any(String),
      "0/2 parts",
      "2 computing",
      "node steered.js calm",
    ],
    ["squares#3", String(pid), "squares", "queued", "–", "–", "–", "node steered.js calm"],
    [""],
  ]);
  const { drivers } = JSON.parse(all.stdout) as { drivers: { pid: number; jobs: { job: string; phase: string }[] }[] };
  expect(drivers[0]!.jobs.map(({ job, phase }) => [job, phase])).toEqual([
    ["talking#1", "over"],
    ["calm#2", "running"],
    ["squares#3", "queued"],
  ]);
  expect(inspect.stdout).toContain("idle → scattering → [computing] → reducing → done   or failed, cancelled");
  expect(inspect.stdout).toMatch(/takes from users now: job\.cancel/);
  expect(inspect.stdout).toMatch(/rank 1 {4}scattering → computing {3}kernel\.started/);
  expect(JSON.parse(json.stdout)).toMatchObject({
    pid,
    phase: "running",
    snapshot: { id: "calm#2" },
    takes: ["job.cancel"],
  });
  expect(rank.stdout).toContain("calm#2, rank 1");
  expect(queued.stdout).toContain("[idle] → scattering");
  expect(queued.stdout).toContain("waits for its turn");
  expect(queued.stdout).not.toContain("RANK");
  expect(rank.stdout.match(/→ computing {3}/g)).toHaveLength(1);
  expect(logs).toMatchObject({ code: 0, stdout: "[1] hello from 1\n", stderr: "[1] hello on stderr\n" });
  expect(await mpits("cancel", "--reason", "seen enough")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^calm#2 cancelled after .*; all ranks idle in /),
  });
  const end = await program.ended;
  expect(end).toMatchObject({ code: 0, stdout: expect.stringContaining("calm#2 was cancelled: seen enough.\n3\n") });
});

test("report writes a job's transitions as a trace and line by line", async () => {
  const program = await steered("calm");
  const files = [join(root, "trace.json"), join(root, "records.ndjson")] as const;
  const written = await mpits("report", "calm#2", "--trace", files[0], "--ndjson", files[1]);
  expect(written).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/trace\.json, 6 transitions.*\n.*records\.ndjson, 6 tr/),
  });
  const { traceEvents } = JSON.parse(readFileSync(files[0], "utf8")) as ChromeTrace;
  const threads = new Map(traceEvents.map(({ name, tid, args }) => [name === "thread_name" ? tid : -1, args.name]));
  const computing = traceEvents.filter(({ ph, cat, name }) => ph === "X" && cat === "rank" && name === "computing");
  expect(computing.map(({ tid }) => threads.get(tid)).sort()).toEqual(["rank 0", "rank 1"]);
  const records = readFileSync(files[1], "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as TransitionRecord);
  expect(records.map(({ seq, job }) => [seq, job])).toEqual([1, 2, 3, 4, 5, 6].map((seq) => [seq, "calm#2"]));
  expect(await mpits("report", "calm#2", "--trace", root)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--trace: "),
  });
  program.child.kill("SIGKILL");
});

test("a running job is shown on a page, and kept in a report, from another shell", async () => {
  const program = await steered("calm");
  const file = join(root, "report.html");
  const [open, json, report, nowhere] = await Promise.all([
    mpits("inspect", "calm", "--open"), // without a screen, here
    mpits("inspect", "calm", "--open", "--json"),
    mpits("report", "talking#1", "-o", file),
    mpits("report", "calm", "-o", join(root, "no", "such", "folder.html")),
  ]);
  expect(open).toMatchObject({ code: 0, stderr: "" });
  const [, url, port] = /^(http:\/\/127\.0\.0\.1:(\d+)\/\?token=\S+&job=calm%232) \(opens once\)$/m.exec(open.stdout)!;
  expect(open.stdout).toContain(`\nfrom elsewhere, first: ssh -L ${port}:127.0.0.1:${port} `);
  expect(await (await fetch(url!)).text()).toContain("<html");
  expect((await fetch(url!)).status).toBe(403);
  expect((await fetch((JSON.parse(json.stdout) as { url: string }).url)).status).toBe(200);
  expect(report).toMatchObject({ code: 0, stdout: expect.stringMatching(/^talking#1: .*report\.html, \d+ kB\n$/) });
  expect(readFileSync(file, "utf8")).toMatch(/"id":"talking#1","kernel":"talking","value":"done"/);
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be written") });
  program.child.kill("SIGKILL");
});

test("a kernel that never looks loses its thread after the grace that cancel names", async () => {
  const program = await steered("deaf");
  expect((await mpits("cancel", "--grace", "20ms")).code).toBe(0);
  expect((await program.ended).stdout).toMatch(/It was forced: ranks [01], [01] lost the compute thread/);
});

test("what can't be done is said in words, and by the exit code", async () => {
  const [first, second] = await Promise.all([steered("calm"), steered("calm")]);
  const [one, two] = [first.child.pid!, second.child.pid!];
  const cases: [string[], number, string][] = [
    [["inspect", "nosuch#1"], 3, 'there is no job "nosuch#1"; there are '],
    [["logs", "calm#2"], 4, '2 jobs fit "calm#2": '],
    [["send", `${one}:calm#2`, "job.done"], 5, 'not take "job.done" (there is no such event). It takes: job.cancel.'],
    [["send", `${one}:calm#2`, "job.cancel", "--data", '{"why":1}'], 2, 'has no "why" in its data'],
    [["nonsense"], 2, "unknown command"],
  ];
  await Promise.all(
    cases.map(async ([args, code, words]) => {
      const end = await mpits(...args);
      expect([args, end.code, end.stderr]).toEqual([args, code, expect.stringContaining(words)]);
    }),
  );
  second.child.kill("SIGKILL");
  await second.ended;
  expect(await mpits("cancel", `${two}:calm#2`)).toMatchObject({
    code: 6,
    stderr: `mpits: driver ${two} is dead; what it left behind was removed.\n`,
  });
  first.child.kill("SIGSTOP");
  const silent = await mpits("cancel", `${one}:calm#2`);
  first.child.kill("SIGCONT");
  expect([silent.code, silent.stderr]).toEqual([6, expect.stringContaining(`driver ${one} does not answer`)]);
  expect((await mpits("cancel", `${one}:calm`)).code).toBe(0);
});

test("what makes no sense is refused before any driver is asked", async () => {
  const refusals: [Promise<void>, string][] = [
    [cancelCommand(undefined, { grace: "soon" }), '"--grace" must be a duration'],
    [cancelCommand(undefined, { grace: "1s", force: true }), "--force is --grace 0"],
    [reportCommand(undefined, {}), "say what to write"],
    [logsCommand(undefined, { ranks: "3-1" }), '"--ranks" must be ranks'],
    [logsCommand(undefined, { tail: "-1" }), '"--tail" must be a whole number'],
    [sendCommand("calm#2", "job.cancel", { data: "{" }), "--data must be JSON"],
    [sendCommand("calm#2", "job.cancel", { data: "[]" }), "--data must be a JSON object"],
    [inspectCommand(undefined, { open: true, watch: true }), "--open shows a page, --watch the terminal"],
    [inspectCommand("calm 2", {}), '"calm 2" names no job'],
  ];
  for (const [refused, words] of refusals)
    expect(await rejection(refused)).toMatchObject({ code: "MPITS_USAGE", message: expect.stringContaining(words) });
});

test("clean removes what dead drivers left, and nothing else", async () => {
  const program = await steered("calm");
  const dead = await deadSocket();
  writeFileSync(join(sockets, "notes.txt"), "mine");
  const { stdout } = await mpits("clean");
  expect(stdout).toContain(`removed ${dead}\n`);
  expect(readdirSync(sockets).sort()).toEqual([expect.stringMatching(`^${program.child.pid}-`), "notes.txt"]);
});

test("a program that ends leaves no socket", async () => {
  const program = await steered("calm");
  program.child.kill("SIGINT");
  await program.ended;
  expect(readdirSync(sockets).filter((name) => name.startsWith(`${program.child.pid}-`))).toEqual([]);
});

test("completions know every command and its options", async () => {
  const [help, ...scripts] = await Promise.all([
    mpits("--help"),
    ...["bash", "zsh", "fish"].map((shell) => mpits("completion", shell)),
  ]);
  const commands = [...help!.stdout.matchAll(/^ {2}(\w+) .*/gm)]
    .map((match) => match[1]!)
    .filter((name) => name !== "help");
  expect(commands.length).toBeGreaterThan(10);
  for (const { stdout } of scripts)
    for (const name of [...commands, "grace", "follow", "mpits complete-job"]) expect(stdout).toContain(name);
});

/** A socket file that its process left behind: here a child that is killed while it listens. */
async function deadSocket(): Promise<string> {
  const script =
    "require('net').createServer().listen(process.argv[1] + process.pid + '-abcd.sock', () => console.log(process.pid))";
  const child = spawn(process.execPath, ["-e", script, `${sockets}/`], { stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("close", resolve));
  await gone(child.pid!);
  return join(sockets, `${child.pid}-abcd.sock`);
}
