/** Whole programs, started as a user starts them: they end by themselves, and nothing of them is left. */
import { gone, Program } from "../support/program.ts";

const places = ["threads", "hosts"];

test.each(places)("a program that just returns from its main part ends, with nothing left (%s)", async (place) => {
  const program = new Program("one-file.js", [place]);
  const pids = await program.hostPids();
  const end = await program.ended;
  expect(end).toMatchObject({ code: 0, signal: null, stderr: "" });
  expect(end.stdout).toContain("[3,6,9]");
  await Promise.all(pids.map(gone));
});

test("a compute thread that loads the program to find its kernel stops at its first call of the runtime", async () => {
  const { stdout } = await new Program("one-file.js").ended;
  // Once by the program itself, and once by each of its two compute threads, with the rank in front.
  expect(stdout.match(/^begin$/gm)).toHaveLength(1);
  expect(stdout.match(/^hosts/gm)).toHaveLength(1);
});

test("a kernel in TypeScript runs under tsx, whose threads need to be told on older Nodes", async () => {
  const program = new Program("typed.ts", [], ["--import", "tsx"]);
  expect(await program.ended).toEqual({ code: 0, signal: null, stderr: "", stdout: "triple 18\n" });
});

test.each(places)("Ctrl-C cancels the job (%s)", async (place) => {
  const program = new Program("long-job.js", ["polling", place]);
  const pids = await program.hostPids();
  await program.printed(/computing/);
  program.child.kill("SIGINT");
  const end = await program.ended;
  expect(end.code).toBe(130);
  expect(end.stdout).toContain("JobCancelledError: job polling#1 was cancelled: interrupted by Ctrl-C.");
  expect(end.stderr).toContain("cancelling polling#1; Ctrl-C again to force");
  await Promise.all(pids.map(gone));
});

test.each(places)("a second Ctrl-C forces it (%s)", async (place) => {
  const program = new Program("long-job.js", ["deaf", place]);
  await program.printed(/computing/);
  program.child.kill("SIGINT");
  await program.printed(/cancelling deaf#1/);
  program.child.kill("SIGINT");
  const end = await program.ended;
  expect(end.code).toBe(130);
  expect(end.stderr).toContain("forcing deaf#1 to end");
});

test("Ctrl-C ends a program that is busy behind a job, as if there had been none", async () => {
  const program = new Program("busy-after-job.js");
  await program.printed(/true/);
  program.child.kill("SIGINT");
  expect(await program.ended).toMatchObject({ signal: "SIGINT" });
});

test.each([
  ["SIGKILL", undefined],
  ["SIGTERM", undefined],
  [undefined, "throw"],
  [undefined, "exit"],
])("host processes with busy ranks end when their driver ends (%s %s)", async (signal, after) => {
  const program = new Program("long-job.js", ["deaf", "hosts", ...(after ? [after] : [])]);
  const pids = await program.hostPids();
  await program.printed(/computing/);
  if (signal) program.child.kill(signal as NodeJS.Signals);
  await program.ended;
  await Promise.all(pids.map(gone));
});

test("cancelled 200 times, in every state and by every way, a program goes on and then ends by itself", async () => {
  const end = await new Program("cancel-often.js", ["200"]).ended;
  expect(JSON.parse(end.stdout)).toEqual({
    seen: { send: 40, cancel: 40, signal: 40, cancelJob: 40, interrupt: 40 },
    next: 50,
    listeners: 0,
  });
  expect(end.code).toBe(0);
});

test("an observer that throws does not harm the job", async () => {
  const end = await new Program("observer.js").ended;
  expect(end).toMatchObject({ code: 0, stdout: "3 2\n" });
});

test.each(places)("what ranks write arrives line by line with the rank in front (%s)", async (place) => {
  const { stdout, stderr, code } = await new Program("talk.js", [place]).ended;
  const ranks = place === "hosts" ? [0, 1] : [0];
  expect(code).toBe(0);
  expect(stdout.split("\n").filter(Boolean).sort()).toEqual(ranks.map((rank) => `[${rank}] hello from ${rank}`));
  expect(stderr.split("\n").filter(Boolean).sort()).toEqual(ranks.map((rank) => `[${rank}] hello on stderr`));
});

test("the rank prefix can be switched off", async () => {
  expect((await new Program("talk.js", ["threads", "plain"]).ended).stdout).toBe("hello from 0\n");
});
