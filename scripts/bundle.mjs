// What starts a process or a thread, put together by esbuild: Node takes half a millisecond of a core for each module, and a
// compute thread has a hundred. Everything else in dist/ is as tsc made it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Beside what package.json names: what threads are started with or load by themselves. */
const alsoEntries = [
  "thread/thread-main",
  "cli/program",
  "check/echo",
  "kernels/matmul/matmul",
  "kernels/monte-carlo/monte-carlo",
  "kernels/prime/prime-search",
  "program/program-kernel",
  // Tests look into it.
  "transport/socket-pump",
];
/** Of our dependencies, those that are needed at every start. The others stay where npm puts them. */
const taken = ["commander", "msgpackr", "xstate", "zod"];

export async function bundle(root) {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { dependencies, optionalDependencies, peerDependencies } = manifest;
  const packages = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  const common = {
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["#configuration", ...packages.filter((name) => !taken.includes(name))],
    sourcemap: true,
    logLevel: "warning",
  };
  // All in one go: they share their modules, and so what those keep: classes of errors, kernels that were defined, open sockets.
  const { metafile } = await build({
    ...common,
    metafile: true,
    entryPoints: [...namedEntries(manifest), ...alsoEntries].map((name) => join(root, `src/${name}.ts`)),
    outbase: join(root, "src"),
    outdir: join(root, "dist"),
    format: "esm",
    splitting: true,
    // commander is CommonJS, and asks for Node's own modules by `require`.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    chunkNames: "chunks/[name]-[hash]",
  });
  refuseLanguages(metafile);
  // No program's module is ever loaded beside these, so each may be a single file, and CommonJS, which starts faster.
  for (const name of ["host/host-main", "cli/main"])
    await build({
      ...common,
      entryPoints: [join(root, `src/${name}.ts`)],
      outfile: join(root, `dist/${name}.cjs`),
      format: "cjs",
      define: { "import.meta.url": "thisFile" },
      banner: { js: 'const thisFile = require("node:url").pathToFileURL(__filename).href;' },
      plugins: [leaveAlone("./program.ts")],
    });
  writeFileSync(join(root, "dist/THIRD-PARTY-LICENSES"), taken.map((name) => licenceOf(root, name)).join("\n\n"));
}

/** Zod's errors in fifty languages are half a megabyte to read at each start; they come along with its `z`. */
function refuseLanguages({ outputs }) {
  const others = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const found = others.find(([name, { bytesInOutput }]) => /zod\/v4\/locales\/(?!en)/.test(name) && bytesInOutput > 0);
  if (found) throw new Error(`${found[0]} has come into dist: write import * as z from "zod", not { z }.`);
}

/** A module that is an entry of its own and must not come into another. */
function leaveAlone(name) {
  const found = () => ({ path: name.replace(/ts$/, "js"), external: true });
  return { name: "leave-alone", setup: ({ onResolve }) => onResolve({ filter: new RegExp(`^${name}$`) }, found) };
}

/** The files that `exports`, `imports` and `bin` lead to: `index` for `./dist/index.js`. */
function namedEntries({ exports, imports, bin }) {
  const files = JSON.stringify([exports, imports, bin]).matchAll(/"(?:\.\/)?dist\/([^"]+)\.js"/g);
  return new Set(Array.from(files, ([, name]) => name));
}

/** What is handed on inside of our files goes with its licence. */
function licenceOf(root, name) {
  const folder = join(root, "node_modules", name);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return `${name}\n\n${readFileSync(join(folder, file), "utf8")}`;
}
