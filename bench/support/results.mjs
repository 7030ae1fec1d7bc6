// The last result of every suite, a file each, and the pages in docs/ that are made of them.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ratioBars } from "./bars.mjs";
import { promiseTable, suiteTable } from "./markdown.mjs";

const heading = `# Benchmarks

Written by \`npm run bench -- --write\`; [bench/README.md](../bench/README.md) says how it measures. Ours and each peer take turns in the same run,
every one in a process of its own, and each turn is compared with its own round: what the machine does besides disturbs all of them.
"mpits is 2 × as good" means twice the rate, or half the time. Brackets hold the quartiles over the rounds.

![Ratios](benchmarks.svg)
`;

export function saveResult(root, result) {
  const folder = join(root, "bench", "results");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${result.name}.json`);
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).rows : [];
  writeFileSync(file, `${JSON.stringify({ ...result, rows: merged(before, result.rows) }, null, 2)}\n`);
}

/** What was measured now replaces what was; rows that were left out this time stay as they were. */
function merged(before, now) {
  const fresh = new Map(now.map(({ base: _, ...row }) => [row.id, row]));
  const kept = before.map((row) => fresh.get(row.id) ?? row);
  return [...kept, ...[...fresh.values()].filter(({ id }) => !before.some((row) => row.id === id))];
}

function savedResults(root) {
  const folder = join(root, "bench", "results");
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
}

/** Writes docs/benchmarks.md and its plot from what was saved. */
export function writePages(root) {
  const results = savedResults(root);
  const tables = results.map((result) => `${suiteTable(result)}\n${origins(result)}\n`);
  const page = [heading, "## What was to be reached", "", promiseTable(results), "## All rows", "", ...tables].join(
    "\n",
  );
  writeFileSync(join(root, "docs", "benchmarks.md"), page);
  writeFileSync(join(root, "docs", "benchmarks.svg"), ratioBars(results));
}

function origins({ rows }) {
  return [...new Set(rows.map(({ origin }) => origin))].join(
    "\
",
  );
}
