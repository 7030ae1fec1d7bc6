/** A whole program with sync: true, as its user starts it: its kernels run in what was sent, wherever it lies here. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Bench } from "../launch/fixtures/bench.ts";
import { installInto } from "./fixtures/installed.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

test("a kernel and the modules of its functions run from the files that were sent", async () => {
  const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)), "utf8");
  bench.write("my app/package.json", '{ "name": "app", "version": "1.0.0", "dependencies": { "mpits": "0" } }');
  bench.write("my app/main.mjs", fixture("program.mjs"));
  bench.write("my app/lib/helper.mjs", fixture("lib/helper.mjs"));
  installInto(bench.path("my app"));
  const server = await bench.server({ environment: { HOME: bench.path("home"), XDG_CACHE_HOME: "" } });
  bench.configure([server.port]);

  const child = spawn(process.execPath, ["main.mjs"], {
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
  const there = join(trees, tree!, bench.path("my app"));
  expect(JSON.parse(stdout)).toEqual({
    url: pathToFileURL(join(there, "main.mjs")).href,
    cwd: there,
    helped: "yes",
    tripled: 42,
  });
});
