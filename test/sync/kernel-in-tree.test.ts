/** A whole program with sync: true, as its user starts it: its kernels run in what was sent, wherever it lies here. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Bench } from "../launch/fixtures/bench.ts";
import { installInto } from "./fixtures/installed.ts";

let bench: Bench;
/** The project "my app", and one host that it is sent to. */
beforeAll(async () => {
  bench = new Bench();
  const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), "utf8");
  bench.write("my app/package.json", '{ "name": "app", "version": "1.0.0", "dependencies": { "mpits": "0" } }');
  for (const name of ["program.mjs", "every-rank.mjs", "lib/helper.mjs"]) bench.write(`my app/${name}`, fixture(name));
  installInto(bench.path("my app"));
  const server = await bench.server({ environment: { HOME: bench.path("home"), XDG_CACHE_HOME: "" } });
  bench.configure([server.port]);
});
afterAll(() => bench.close());

/** Runs node there. @returns what it printed, as JSON, and the folder on the host */
async function run(...args: string[]): Promise<{ printed: unknown; there: string }> {
  const child = spawn(process.execPath, args, {
    cwd: bench.path("my app"),
    env: { ...process.env, MPITS_SSH_CONFIG: bench.configFile, XDG_CACHE_HOME: bench.path("driver-cache") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, "close")) as [number];
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const trees = bench.path("home/.cache/mpits/trees");
  const [tree] = readdirSync(trees).filter((name) => /^[0-9a-f]+$/.test(name));
  return { printed: JSON.parse(stdout), there: join(trees, tree!, bench.path("my app")) };
}

test("a program that every rank runs is run from the files that were sent", async () => {
  const options = ["-n", "1", "--hosts", "node1", "--sync", "--no-rank-prefix"];
  const { printed, there } = await run("node_modules/mpits/dist/cli/main.cjs", "run", ...options, "every-rank.mjs");
  const file = join(there, "every-rank.mjs");
  expect(printed).toEqual({ url: pathToFileURL(file).href, file, helped: "yes" });
});

// The last: it removes files that it needs, here and not on the host.
test("a kernel and the modules of its functions run from the files that were sent", async () => {
  const { printed, there } = await run("program.mjs");
  expect(printed).toEqual({
    url: pathToFileURL(join(there, "program.mjs")).href,
    cwd: there,
    helped: "yes",
    tripled: 42,
  });
});
