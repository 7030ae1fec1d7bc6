/** The command as a person types it: what it prints, where, and its exit code. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatNpy } from "../../src/npy/npy.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.cjs", import.meta.url));
const program = fileURLToPath(new URL("../programs/size.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "mpits-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function mpits(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd: folder, encoding: "utf8" });
  return { code: status, out: stdout, err: stderr };
}

test.each([
  [["prime", "7", "-n", "0"], '--ranks must be a whole number of 1 or more, got "0".'],
  [["prime", "7", "--nice", "20"], '--nice must be a whole number from 0 to 19, got "20".'],
  [["prime", "7", "-n", "two"], '--ranks must be a whole number of 1 or more, got "two".'],
  [["pi", "many"], 'samples must be a whole number from 1 to 2^53 - 1, such as 1000000 or 1e6, got "many".'],
  [["pi", "1e20"], 'got "1e20".'],
  [["run", "."], "there is no file"],
  [["primes", "7"], "(Did you mean prime?)"],
])("%p is wrong usage, and says so in the command's own words", (args, message) => {
  expect(mpits(...args)).toEqual({ code: 2, out: "", err: expect.stringContaining(message) });
});

test("a product that can't be written is an error without a stack", () => {
  writeFileSync(join(folder, "one.npy"), formatNpy({ shape: [1, 1], data: Float64Array.of(1) }));
  const { code, err } = mpits("matmul", "-n", "1", "one.npy", "one.npy", "-o", "nowhere/c.npy");
  expect(code).toBe(2);
  expect(err).toMatch(/^mpits: nowhere\/c\.npy can't be written: .*\n$/);
});

test("pi shows the digits that its error leaves standing", () => {
  expect(mpits("pi", "1e6", "--seed", "1", "-n", "1").out).toBe("π ≈ 3.1442 ± 0.0016\n");
});

test("run's options are the program's configuration: launchCluster without options has them", () => {
  expect(mpits("run", "-n", "3", program)).toEqual({ code: 0, out: "3 ranks\n", err: "" });
});

test("progress is plain lines where there is no terminal, if it is asked for", () => {
  const { code, out, err } = mpits("prime", "97", "-n", "2", "--progress");
  expect({ code, out }).toEqual({ code: 0, out: "97 is prime\n" });
  expect(err).toMatch(/^(primeSearch \w+ .*\n)*primeSearch done .*100 % .*\n$/);
});

test("a program that can't be read is shown with its line", () => {
  writeFileSync(join(folder, "broken.mjs"), "const x = ;\n");
  const { code, err } = mpits("run", "broken.mjs");
  expect(code).toBe(1);
  expect(err).toContain("broken.mjs:1\nconst x = ;");
});
