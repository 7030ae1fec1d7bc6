// Finds the suites: every file of bench/suites is one, and its name is the suite's.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";

/** @param only "suite" or "suite/row", any number; empty: all */
export async function chosenSuites(root, only) {
  const folder = join(root, "bench", "suites");
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".mjs"))
    .map((file) => basename(file, ".mjs"))
    .sort();
  const suites = await Promise.all(names.map((name) => load(folder, name)));
  for (const choice of only) checkChoice(choice, suites);
  if (only.length === 0) return suites;
  return suites
    .map((suite) => ({
      ...suite,
      rows: suite.rows.filter(({ id }) => only.includes(suite.name) || only.includes(`${suite.name}/${id}`)),
    }))
    .filter(({ rows }) => rows.length > 0);
}

async function load(folder, name) {
  const { default: suite } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href);
  return { name, ...suite };
}

function checkChoice(choice, suites) {
  const all = suites.flatMap(({ name, rows }) => [name, ...rows.map(({ id }) => `${name}/${id}`)]);
  if (!all.includes(choice)) throw new Error(`--only must name suites or rows (${all.join(", ")}), got "${choice}".`);
}
