// Builds dist/: compiles each AssemblyScript module to a `.wasm.ts` beside its folder (only when its source changed), runs tsc, puts
// together what starts a process or a thread, and makes the inspector's page.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { bundle } from "./bundle.mjs";
import { buildPage } from "./page/build-page.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const quick = process.argv.includes("--wasm-only");

for (const source of assemblySources(join(root, "src"))) await compileWasm(source);
if (!quick) {
  buildTypeScript();
  await bundle(root);
  await buildPage(root);
}

/** Every `src/…/assembly/NAME.ts` is one module and becomes `src/…/NAME.wasm.ts`, which exports its bytes. */
function assemblySources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) =>
        entry.isFile() && entry.name.endsWith(".ts") && basename(entry.parentPath ?? entry.path) === "assembly",
    )
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

async function compileWasm(source) {
  const name = basename(source, ".ts");
  const target = join(dirname(dirname(source)), `${name}.wasm.ts`);
  const text = withImports(source);
  const flags = text.match(/^\/\/ asc: (.*)$/m)?.[1].split(/\s+/) ?? [];
  const stamp = createHash("sha256").update(text).update(flags.join(" ")).digest("hex").slice(0, 16);
  if (existsSync(target) && readFileSync(target, "utf8").includes(`source ${stamp}`)) return;
  let bytes;
  const { error, stderr } = await asc.main(
    [source, "--outFile", "module.wasm", "-O3", "--runtime", "stub", "--noAssert", "--enable", "simd", ...flags],
    {
      readFile: (file) => (existsSync(file) ? readFileSync(file, "utf8") : null),
      writeFile: (file, data) => {
        if (file.endsWith(".wasm")) bytes = data;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new Error(`${source} does not compile: ${error.message}\n${stderr.toString()}`);
  writeFileSync(
    target,
    `// Made by scripts/build.mjs from assembly/${name}.ts (source ${stamp}). Do not edit.\n` +
      `export const wasmBytes: Uint8Array<ArrayBuffer> = Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64");\n`,
  );
}

/** The text of a module and of all that it imports: the stamp must change with any of them. */
function withImports(file, seen = new Set()) {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const imports = [...text.matchAll(/^(?:import|export) .*from "(\.[^"]+)";$/gm)];
  return text + imports.map(([, path]) => withImports(join(dirname(file), `${path}.ts`), seen)).join("");
}

function buildTypeScript() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", root], { stdio: "inherit" });
}
