/** The machines decide and touch nothing: what their files import, and what those import, knows no socket, thread or file. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const src = fileURLToPath(new URL("../../src/", import.meta.url));
/** Only what remains at run time: types are gone then. */
const runtimeImport =
  /^\s*(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']/gm;

/** Every file and package that a file loads, directly or not. */
function loadedBy(file: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file)) return seen;
  const imports = [...readFileSync(file, "utf8").matchAll(runtimeImport)].map((match) => (match[1] ?? match[2])!);
  seen.set(file, imports);
  for (const each of imports) if (each.startsWith(".")) loadedBy(join(dirname(file), each), seen);
  return seen;
}

const packagesOf = (name: string) =>
  new Set([...loadedBy(join(src, name)).values()].flat().filter((each) => !each.startsWith(".")));

test.each(["actors/rank-machine.ts", "actors/job-machine.ts"])(
  "%s loads xstate and nothing that touches the world",
  (name) => {
    expect([...packagesOf(name)].sort()).toEqual(["xstate"]);
  },
);

test("the look at imports sees what it looks for", () => {
  const packages = packagesOf("actors/rank-actor.ts");
  expect(packages).toContain("node:worker_threads");
  expect(packagesOf("transport/router-server.ts")).toContain("zeromq");
  expect([...loadedBy(join(src, "actors/job-machine.ts")).keys()].map((file) => relative(src, file)).sort()).toEqual([
    join("actors", "job-machine.ts"),
    join("actors", "unprovided.ts"),
    join("wire", "error-codec.ts"),
  ]);
});

test("a compute thread loads no socket, no parser and no launcher", () => {
  const packages = packagesOf("thread/thread-main.ts");
  for (const heavy of ["zeromq", "acorn", "xstate", "zod", "pino", "ssh2"]) expect(packages).not.toContain(heavy);
});
