/** Programs in MPI's manner, started as a user starts them: every rank runs the same module. */
import { fileURLToPath } from "node:url";
import { Program } from "../support/program.ts";

const mpits = fileURLToPath(new URL("../../dist/cli/main.cjs", import.meta.url));

/** `mpits run` with these options and then the program. */
function run(options: readonly string[], name: string, args: readonly string[] = []): Program {
  return new Program(name, args, [mpits, "run", ...options]);
}

const lines = (text: string): string[] => text.split("\n").filter(Boolean);
const numbered = Array.from({ length: 200 }, (_, i) => `1 line ${i + 1}`);

test.each([
  ["threads", ["-n", "3"], 3],
  ["hosts", ["-n", "1", "--hosts", "localhost,localhost"], 3],
])(
  "every rank runs the program's module, with its arguments, and no other does (%s)",
  async (_place, options, size) => {
    const { code, stdout, stderr } = await run([...options, "--no-rank-prefix"], "spmd.js", ["one", "two words"]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const printed = lines(stdout);
    expect(printed.filter((line) => line.startsWith("arguments"))).toEqual(["arguments one two words"]);
    expect(printed.filter((line) => line.includes(" of "))).toEqual(
      Array.from({ length: size }, (_, rank) => expect.stringMatching(`^${rank} of ${size} on `)),
    );
    expect(printed.filter((line) => line.includes("line"))).toEqual(numbered);
  },
);

test("a program that is started by node itself runs on all cores of this machine", async () => {
  const { code, stdout } = await new Program("spmd-typed.ts", [], ["--import", "tsx"]).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\[0\] \d+ ranks\n$/);
});

test.each([
  ["required, by mpits run", () => run(["-n", "2"], "spmd-required.cjs")],
  ["required, by node", () => new Program("spmd-required.cjs")],
  ["imported, by node", () => new Program("spmd-imported.cjs")],
])("every rank runs a CommonJS program (%s)", async (_how, start) => {
  const { code, stdout, stderr } = await start().ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const size = Number(/of (\d+)$/m.exec(stdout)![1]);
  expect(lines(stdout).sort()).toEqual(
    Array.from({ length: size }, (_, rank) => `[${rank}] rank ${rank} of ${size}`).sort(),
  );
});

test("one rank's error ends the program on all, with that rank's stack first and exit code 1", async () => {
  const { code, stdout, stderr } = await run(["-n", "3"], "spmd-ends.js", ["throw"]).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(lines(stderr)[0]).toBe("TypeError: a thing is no thing");
  expect(lines(stderr)[1]).toMatch(/^ {4}at .*spmd-ends\.js:11:\d+\)$/);
  expect(stderr).toContain("[cause]: RangeError: its cause");
  expect(lines(stderr).at(-1)).toMatch(/^mpits: rank 2 \(.*\) failed; the program was ended on all ranks\.$/);
});

test.each([
  ["rejection", "Error: nobody looks"],
  ["timer", "Error: later"],
])("an error that a rank did not catch ends the program on all (%s)", async (way, first) => {
  const { code, stderr } = await run(["-n", "2"], "spmd-ends.js", [way]).ended;
  expect(code).toBe(1);
  expect(lines(stderr)[0]).toBe(first);
});

test("process.exit with a code other than 0 ends the program on all, with that code", async () => {
  expect(await run(["-n", "2"], "spmd-ends.js", ["exit"]).ended).toMatchObject({
    code: 7,
    stdout: "",
    stderr: "mpits: rank 1 called process.exit(7); the program was ended on all ranks.\n",
  });
});

test("a rank ends when nothing of it is under way, and the exit code is the first that is not 0", async () => {
  const { code, stdout, stderr } = await run(["-n", "4"], "spmd-ends.js", ["peace"]).ended;
  expect({ code, stderr }).toEqual({ code: 12, stderr: "" });
  expect(lines(stdout).sort()).toEqual(["[0] 3", "[0] late", "[1] left with 0"]);
});

test("a rank can't launch a cluster, and one that awaits nothing at its top level is an error", async () => {
  const { code, stdout, stderr } = await run(["-n", "1"], "spmd-ends.js", ["never"]).ended;
  expect(code).toBe(1);
  expect(stdout).toContain("so it can't launch one or spawn jobs");
  expect(stderr).toContain("a promise that nothing can settle any more");
});

test("a rank that ends while others wait for it is an error that says so", async () => {
  const { code, stderr } = await run(["-n", "2"], "spmd-ends.js", ["return"]).ended;
  expect(code).toBe(1);
  expect(stderr).toContain("mpits: deadlock: rank 0 waits for any tag from rank 1; rank 1 has finished.");
});

test("Ctrl-C ends the program on all ranks, with exit code 130", async () => {
  const program = run(["-n", "2"], "spmd-ends.js", ["busy"]);
  await program.printed(/\[1\] busy/);
  program.child.kill("SIGINT");
  const { code, stderr } = await program.ended;
  expect(code).toBe(130);
  expect(stderr).toContain("mpits: the program was cancelled: interrupted by Ctrl-C.");
});

test("rank 0 reads what the program's stdin gives, and the others nothing", async () => {
  const program = run(["-n", "2"], "spmd-ends.js", ["read"]);
  program.child.stdin!.end("a\nb\n");
  const { code, stdout } = await program.ended;
  expect(code).toBe(0);
  expect(lines(stdout).sort()).toEqual(['[0] "a\\nb\\n"', '[1] ""']);
});
