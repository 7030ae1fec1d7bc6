/** Sending the project, over an ssh server in this process whose commands run in a real shell with a home of its own. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { LaunchError } from "../../src/errors.ts";
import type { PreparedHost } from "../../src/launch/launcher.ts";
import { Bench, refusal, settings, spec } from "../launch/fixtures/bench.ts";
import type { SshServer } from "../launch/fixtures/ssh-server.ts";
import { jestOf } from "../support/jest-of.ts";

const jest = jestOf(import.meta);
let bench: Bench;
let server: SshServer;
beforeEach(async () => {
  bench = new Bench();
  bench.write("app/package.json", '{ "name": "app", "dependencies": { "lib": "1", "linked": "1" } }');
  bench.write("app/main.js", "export const one = 1;");
  bench.write("app/data/table.bin", "x".repeat(100_000));
  bench.write("app/run.sh", "#!/bin/sh\n", 0o755);
  bench.write("app/.gitignore", "dist\n");
  bench.write("app/dist/built.js", "ignored");
  bench.write("app/node_modules/lib/index.js", "library");
  bench.write("app/node_modules/.cache/junk", "junk");
  server = await bench.server({ environment: { HOME: bench.path("home"), XDG_CACHE_HOME: "" } });
  bench.configure([server.port]);
});
afterEach(() => {
  jest.restoreAllMocks();
  return bench.close();
});

const cache = (...parts: string[]) => bench.path("home/.cache/mpits", ...parts);
const launcher = (paths: true | readonly string[] = true, more: object = {}) =>
  bench.launcher({
    sync: {
      paths,
      folder: bench.path("app"),
      cacheFolder: bench.path("hashes"),
      program: bench.path("app/main.js"),
      ...more,
    },
  });

/** Starts and ends a host process. @returns what was sent, and the lines that the host process printed */
async function start(paths: true | readonly string[] = true, host = spec()) {
  const before = server.received;
  const prepared: PreparedHost = await launcher(paths).prepare(host);
  const received = server.received - before;
  const lines: string[] = [];
  const hostProcess = await new Promise<Awaited<ReturnType<PreparedHost["start"]>>>((resolve, reject) => {
    const started = prepared.start(settings, {
      output: (_stream, line) => {
        lines.push(line.trimEnd());
        if (lines.length === 3) started.then(resolve);
      },
    });
    started.catch(reject);
  });
  await hostProcess.end(5000);
  const told = JSON.parse(lines.find((line) => line.startsWith("{"))!) as { roots: { from: string; to: string }[] };
  const dir = / in (.*)/.exec(lines.find((line) => line.includes(" in "))!)![1]!;
  return { sent: prepared.sent!, received, dir, roots: told.roots, tree: dir.slice(0, -bench.path("app").length) };
}

/** All files and links below a folder, by path. Not by a recursive readdir, which follows links from Node 22 on. */
function listed(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? listed(join(folder, entry.name)).map((name) => join(entry.name, name)) : [entry.name],
    )
    .sort();
}

test("a project is sent as it is, and the host process works in it", async () => {
  symlinkSync("lib", bench.path("app/node_modules/alias"));
  const { dir, sent, roots, tree } = await start();
  expect(dir).toBe(join(tree, bench.path("app")));
  expect(dir.startsWith(cache("trees"))).toBe(true);
  const files = [
    "data/table.bin",
    "main.js",
    "node_modules/alias",
    "node_modules/lib/index.js",
    "package.json",
    "run.sh",
  ];
  expect(listed(dir)).toEqual(files);
  for (const file of files.filter((name) => !name.endsWith("alias")))
    expect(readFileSync(join(dir, file))).toEqual(readFileSync(bench.path("app", file)));
  expect(readlinkSync(join(dir, "node_modules/alias"))).toBe("lib");
  expect(statSync(join(dir, "run.sh")).mode & 0o777).toBe(0o555);
  expect(statSync(join(dir, "main.js")).mode & 0o777).toBe(0o444);
  expect(roots).toContainEqual({ from: bench.path("app"), to: dir });
  expect(roots).toContainEqual({ from: bench.path("project"), to: join(tree, bench.path("project")) }); // mpits itself
  expect(sent.files).toBe(5 + listed(bench.path("project")).length);
});

test("a second start sends nothing; one changed file is all that the next one sends", async () => {
  const first = await start();
  expect(first.received).toBeGreaterThan(1000);
  const second = await start();
  expect(second).toMatchObject({ sent: { files: 0, bytes: 0 }, dir: first.dir });
  const script = second.received;
  expect(script).toBeLessThan(20_000); // the script alone
  bench.write("app/data/table.bin", "y".repeat(50_000));
  const third = await start();
  expect(third.sent).toEqual({ files: 1, bytes: 50_000 });
  expect(third.dir).not.toBe(first.dir);
  expect(readFileSync(join(first.dir, "data/table.bin"), "utf8")).toBe("x".repeat(100_000)); // the old tree is as it was
  expect(statSync(join(first.dir, "main.js")).ino).toBe(statSync(join(third.dir, "main.js")).ino); // and shares the rest
});

test("the same content elsewhere, or back again, is not sent again", async () => {
  await start();
  bench.write("app/copy.js", "export const one = 1;");
  expect((await start()).sent).toEqual({ files: 0, bytes: 0 });
  renameSync(bench.path("app/copy.js"), bench.path("app/moved.js"));
  expect((await start()).sent.files).toBe(0);
});

test("a file of the tree that was changed on the host is mended", async () => {
  const { dir } = await start();
  chmodSync(join(dir, "main.js"), 0o644);
  writeFileSync(join(dir, "main.js"), "export const one = 2;");
  expect((await start()).sent.files).toBe(1);
  expect(readFileSync(join(dir, "main.js"), "utf8")).toBe("export const one = 1;");
});

test("a list says which of the project's files are sent, ignored ones too", async () => {
  const { dir } = await start(["dist", "main.js"]);
  expect(listed(dir)).toEqual(["dist/built.js", "main.js", "node_modules/lib/index.js", "package.json"]);
});

test("links and dependencies that lead out of the project come along, at their places", async () => {
  bench.write("shared/linked/package.json", '{ "name": "linked", "files": ["lib"] }');
  bench.write("shared/linked/lib/index.js", "linked");
  bench.write("shared/linked/notes.txt", "stays at home");
  bench.write("node_modules/hoisted/index.js", "hoisted");
  bench.write("app/package.json", '{ "name": "app", "dependencies": { "hoisted": "1" } }');
  symlinkSync("../../shared/linked", bench.path("app/node_modules/linked"));
  const { dir, tree, roots } = await start();
  expect(readFileSync(join(dir, "node_modules/linked/lib/index.js"), "utf8")).toBe("linked");
  expect(listed(join(tree, bench.path("shared/linked")))).toEqual(["lib/index.js", "package.json"]);
  expect(readFileSync(join(tree, bench.path("node_modules/hoisted/index.js")), "utf8")).toBe("hoisted");
  expect(roots.map(({ from }) => from)).toContain(bench.path("shared/linked"));
});

test("files larger than a batch, empty ones and odd names come through", async () => {
  const large = Buffer.alloc(2_500_000, Buffer.from(Array.from({ length: 997 }, (_, i) => (i * i) % 251)));
  writeFileSync(bench.path("app/large"), large);
  bench.write("app/empty", "");
  bench.write("app/it's a $file", "odd");
  const { dir } = await start();
  expect(readFileSync(join(dir, "large")).equals(large)).toBe(true);
  expect(readFileSync(join(dir, "empty"), "utf8")).toBe("");
  expect(readFileSync(join(dir, "it's a $file"), "utf8")).toBe("odd");
});

test("hashes are remembered, and a changed file is noticed by its times", async () => {
  jest.spyOn(Date, "now").mockReturnValue(Date.now()); // however long the test takes, its files are new
  const long = new Date(Date.now() - 60_000);
  utimesSync(bench.path("app/main.js"), long, long);
  await start();
  const [name] = readdirSync(bench.path("hashes/hashes"));
  const known = () => JSON.parse(readFileSync(bench.path("hashes/hashes", name!), "utf8")) as Record<string, unknown>;
  expect(Object.keys(known())).not.toContain(bench.path("app/main.js")); // its inode was changed a moment ago
  bench.write("app/main.js", "export const one = 9;"); // as long as before
  utimesSync(bench.path("app/main.js"), long, long);
  expect((await start()).sent.files).toBe(1);
});

test("the trees used last are kept, others go with what only they had", async () => {
  const trees: string[] = [];
  for (let i = 0; i < 6; i++) {
    bench.write("app/main.js", `export const one = ${i};`);
    trees.push((await start()).tree);
  }
  expect(trees.map((tree) => existsSync(tree))).toEqual([false, false, true, true, true, true]);
  const blobs = listed(cache("blobs"));
  expect(blobs).toHaveLength(4 + 4 + listed(bench.path("project")).length);
});

describe("what goes wrong is said", () => {
  const fails = async (host = spec()): Promise<LaunchError> => refusal(launcher(), host);

  test("a cache that can't be written to", async () => {
    mkdirSync(bench.path("home/.cache"), { recursive: true });
    writeFileSync(cache(), "not a folder");
    const error = await fails();
    expect(error.phase).toBe("sync");
    expect(error.message).toMatch(
      /^could not start node1: the project can't be written to .*\.cache\/mpits.* there \((ENOTDIR|EEXIST)\)\. Make that folder writable/,
    );
  });

  test("a full disk", async () => {
    const full = bench.write(
      "full.cjs",
      "const fs = require('node:fs'); fs.writeSync = () => { throw Object.assign(new Error('no space left'), { code: 'ENOSPC' }); };",
    );
    const node = bench.write("node", `#!/bin/sh\nexec '${process.execPath}' --require ${full} "$@"\n`, 0o755);
    const error = await fails(spec({ nodeExecutable: node }));
    expect(error.phase).toBe("sync");
    expect(error.message).toMatch(
      /^could not start node1: its disk is full, the project \(10\d kB\) does not fit \(ENOSPC\)\. Free some space there/,
    );
    expect(server.children.map(({ exitCode }) => exitCode)).toEqual([74]);
    await start(); // and the next one, with room, is not disturbed by what was left
  });

  test("a file that changes after it was hashed", async () => {
    const changing = launcher();
    const other = await bench.server({ environment: { HOME: bench.path("other") } });
    bench.configure([server.port, other.port]);
    await (await changing.prepare(spec())).abort(); // reads the project
    bench.write("app/main.js", "export const one = 7;");
    const error = await refusal(changing, spec({ name: "node2", address: "node2" }));
    expect(error.phase).toBe("sync");
    expect(error.message).toContain(`${bench.path("app/main.js")} changed while the project was sent`);
    bench.write("app/main.js", "short");
    const shorter = await refusal(changing, spec({ name: "node2", address: "node2" }));
    expect(shorter.message).toContain(`${bench.path("app/main.js")} changed while the project was sent`);
  });

  test("no project, a path that is not there, a program that would be left out", async () => {
    const usage = (paths: true | readonly string[], more: object) => launcher(paths, more).prepare(spec());
    await expect(usage(true, { folder: "/" })).rejects.toMatchObject({
      code: "MPITS_USAGE",
      message: expect.stringContaining("there is no package.json in / or above"),
    });
    await expect(usage(["src"], {})).rejects.toMatchObject({
      message: `"sync" names src, which does not exist in ${bench.path("app")}.`,
    });
    await expect(usage(true, { program: bench.path("app/dist/built.js") })).rejects.toMatchObject({
      message: expect.stringContaining('sync: true sends what "npm pack" would, and that leaves out dist/built.js.'),
    });
    await server.idle();
    expect(server.children).toEqual([]);
  });
});
