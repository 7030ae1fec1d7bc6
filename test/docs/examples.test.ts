/** The programs in the docs run as they stand there, and print what they say; fragments with what a reader would put around them. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "docs-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/mpits"));
  symlinkSync(join(root, "node_modules/@opentelemetry"), join(folder, "node_modules/@opentelemetry"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The program number `index` of a page, from 0. */
function example(page: string, index: number): string {
  const blocks = [...readFileSync(join(root, page), "utf8").matchAll(/^```(?:js|ts)\n(.*?)^```$/gms)];
  return blocks[index]![1]!;
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
}

async function run(text: string, args: readonly string[] = []): Promise<Outcome> {
  writeFileSync(join(folder, "program.mjs"), text);
  return await promisify(execFile)(process.execPath, ["program.mjs", ...args], { cwd: folder, timeout: 25_000 });
}

const three = `import { configureInfra } from "mpits"; configureInfra({ perNodeCores: 3 });\n`;
const cluster = `import { launchCluster } from "mpits"; const cluster = await launchCluster({ perNodeCores: 3 });\n`;
const job = `
import * as own from "./own.mjs";
const job = cluster.spawn(own.squares, {});\n`;
const squares = `
import { defineKernel } from "mpits";
export const squares = defineKernel({
  name: "squares",
  *scatter() { yield 2; yield 3; },
  compute: (n) => n * n,
  async reduce(partials) { let sum = 0; for await (const each of partials) sum += each; return sum; },
});`;

test("README: a job is spawned, looked into and cancelled", async () => {
  const { stdout } = await run(
    `import { primeSearch } from "mpits";\n${cluster}${example("README.md", 3)}
    await job.result.catch((error) => console.log(error.name, error.reason));
    await cluster.close();`,
  );
  expect(stdout).toMatch(/^JobCancelledError enough$/m);
});

test("program.md: π by every rank, with an argument", async () => {
  expect((await run(example("docs/program.md", 0), ["1e5"])).stdout).toMatch(/^\[0\] 3\.14159\d+\n$/);
});

test("communicator.md: a kernel whose ranks pass a token round", async () => {
  writeFileSync(join(folder, "ring.mjs"), example("docs/communicator.md", 0));
  const { stdout } = await run(
    `import { ring } from "./ring.mjs";\n${cluster}console.log(await cluster.spawn(ring, {}).result); await cluster.close();`,
  );
  expect(stdout).toBe("[ 0, 1, 2 ]\n");
});

test("communicator.md: a column of a matrix goes to the next rank", async () => {
  const { stdout } = await run(`
    import { world as comm } from "mpits/program";
    const [rows, columns] = [2, 3];
    const [left, right] = [(comm.rank + comm.size - 1) % comm.size, (comm.rank + 1) % comm.size];
    const matrix = Float64Array.from({ length: rows * columns }, (_, i) => 10 * comm.rank + i);
    ${example("docs/communicator.md", 1)}
    if (comm.rank === 0) console.log(left, ...matrix);`);
  const [last, ...matrix] = stdout.replace("[0] ", "").trim().split(" ").map(Number);
  const from = 10 * last!; // the rank before rank 0
  expect(matrix).toEqual([from + 2, 1, 2, from + 5, 4, 5]);
});

test("windows.md: no number is taken twice", async () => {
  const { stdout } = await run(example("docs/windows.md", 0));
  const taken = [...stdout.matchAll(/\[ (\d+), (\d+), (\d+) \]/g)].flatMap((match) => match.slice(1).map(Number));
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.sort((a, b) => a - b)).toEqual(taken.map((_, i) => i));
});

test("check.md: a report says what is wrong with which host", async () => {
  const text = example("docs/check.md", 0).replace("pi[1-4]", "localhost");
  const { stdout, stderr } = await run(`${text}console.log(report.hosts.map(({ ok }) => ok));`);
  expect([stdout, stderr]).toEqual(["[ true, true ]\n", ""]);
});

describe("monte-carlo.md", () => {
  const fewer = (index: number) => example("docs/monte-carlo.md", index).replaceAll(/\b1e[69]\b/g, "1e4");
  const preamble = `import { monteCarlo } from "mpits";\n${three}`;

  test("π", async () => {
    const { stdout } = await run(`${preamble}${fewer(0)}console.log(JSON.stringify(pi));`);
    const { mean, samples, stderr } = JSON.parse(stdout) as Record<string, number>;
    expect(samples).toBe(10_000);
    expect(Math.abs(mean! - Math.PI)).toBeLessThan(5 * stderr!);
  });

  test("values handed over as params", async () => {
    const { stdout } = await run(`${preamble}${meansOf(fewer(1))}`);
    const prices = JSON.parse(stdout) as number[];
    expect(prices).toHaveLength(3);
    expect(prices).toEqual([...prices].sort((a, b) => b - a)); // a higher strike pays less
  });

  test("functions that a module exports", async () => {
    const [payoff = "", option = ""] = fewer(2).split("// option.mjs\n");
    writeFileSync(join(folder, "payoff.mjs"), payoff);
    const { stdout } = await run(
      `${three}${option.replace("await monteCarlo", "const value = await monteCarlo")}console.log(value.mean);`,
    );
    expect(Number(stdout)).toBeGreaterThan(5);
    expect(Number(stdout)).toBeLessThan(9); // Black and Scholes: 7.13
  });

  test("reducers of one's own", async () => {
    const { stdout } = await run(`${preamble}${fewer(3)}console.log(JSON.stringify([bins, worst]));`);
    const [bins, worst] = JSON.parse(stdout) as [number[], { index: number; loss: number }];
    expect(bins).toHaveLength(10);
    expect(bins.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 10);
    expect(worst.index).toBeLessThan(10_000);
    expect(worst.loss).toBeGreaterThan(3);
  });
});

/** A loop of calls, whose means are printed. */
function meansOf(loop: string): string {
  return `const means = [];\n${loop.replace("await monteCarlo", "means.push((await monteCarlo").replace(/\);\s*$/, ")).mean);")}console.log(JSON.stringify(means));`;
}

describe("observing.md", () => {
  beforeAll(() => writeFileSync(join(folder, "own.mjs"), squares));

  test("every transition is told", async () => {
    const { stdout } = await run(
      `${cluster}${job}${example("docs/observing.md", 0)}await job.result; await cluster.close();`,
    );
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z job .* scattering → computing parts\.handedOut $/m);
    expect(stdout).toMatch(/Z [0-2] .* computing → reducing kernel\.finished $/m);
  });

  test("a cluster is instrumented", async () => {
    const { stderr } = await run(
      `${cluster}${example("docs/observing.md", 1)}${job}await job.result; await cluster.close();`,
    );
    expect(stderr).toBe("");
  });
});
