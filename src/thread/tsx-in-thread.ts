/**
 * tsx translates TypeScript in a program's main thread; in threads it does so from Node 22.22.3 and 24.11.1 on only. A program
 * that runs under it has its kernels in TypeScript too, so a compute thread of an older Node asks tsx for it.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Registers tsx's hooks in this thread when the process was started with them; otherwise does nothing. */
export async function registerTsx(): Promise<void> {
  const loader = tsxLoader([...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)]);
  if (loader === undefined) return;
  const tsx = dirname(createRequire(loader).resolve("tsx/package.json"));
  const api = pathToFileURL(join(tsx, "dist/esm/api/index.mjs")).href; // "tsx/esm/api", for import and not for require
  const { register } = (await import(api)) as { register(): unknown };
  register();
}

/** A file from which tsx is found as the `--import` that names tsx found it; undefined when none does. */
function tsxLoader(options: readonly string[]): string | undefined {
  const named = options.flatMap((option, i) =>
    option === "--import" ? [options[i + 1] ?? ""] : option.startsWith("--import=") ? [option.slice(9)] : [],
  );
  const loader = named.find((specifier) => /^tsx(\/esm)?$|\/tsx\/dist\/(loader|esm\/index)\.mjs$/.test(specifier));
  if (loader === undefined) return undefined;
  return loader.startsWith("tsx") ? join(process.cwd(), "program") : loader;
}
