// The bench suite: `npm run bench -- --help`. Each row is ours against peers, in alternating runs; see bench/README.md.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { buildRevision } from "./support/base-build.mjs";
import { promiseTable, suiteTable } from "./support/markdown.mjs";
import { measureRow } from "./support/measure-row.mjs";
import { saveResult, writePages } from "./support/results.mjs";
import { chosenSuites } from "./support/suites.mjs";
import { isSlower } from "./support/verdict.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

const options = new Command("bench")
  .description("Measures ours and its peers in alternating runs, and prints medians, spread and ratios as Markdown.")
  .option("--only <suites>", "suites or rows, as matmul,dispatch/tiny-job", (text) => text.split(","), [])
  .option("--rounds <n>", "rounds per row instead of the suite's own number", wholeNumber)
  .option("--table", "print only what was to be reached")
  .option("--against <rev>", "compare with this revision too, built beside; exit code 1 when a row has become slower")
  .option("--write", "save the results, and write docs/benchmarks.md and its plot")
  .option("--render", "measure nothing: write the pages again from what was saved")
  .option("--json <file>", "write the rows as data")
  .option("--list", "list suites and rows")
  .parse()
  .opts();

if (options.render) writePages(root);
else if (options.list) await list();
else await run();

async function list() {
  for (const { name, title, rows } of await chosenSuites(root, options.only))
    console.log([`${name}: ${title}`, ...rows.map(({ id, what }) => `  ${name}/${id}: ${what}`)].join("\n"));
}

async function run() {
  const suites = await chosenSuites(root, options.only);
  const base = options.against && buildRevision(root, options.against);
  try {
    const results = [];
    for (const suite of suites) {
      const result = await measureSuite(suite, base?.root);
      results.push(result);
      if (options.write) saveResult(root, result); // a long run that is cut off has not been for nothing
      if (!options.table) console.log(suiteTable(result));
    }
    if (options.table) console.log(promiseTable(results));
    if (options.json) writeFileSync(options.json, JSON.stringify(results, null, 2));
    if (options.write) writePages(root);
    if (base) tellSlower(results);
  } finally {
    base?.remove();
  }
}

async function measureSuite(suite, base) {
  const rounds = options.rounds ?? suite.rounds ?? 7;
  const rows = [];
  const from = origin();
  for (const row of suite.rows) {
    process.stderr.write(`${suite.name}/${row.id} …\n`);
    rows.push({ ...(await measureRow(root, base, suite, row, rounds)), origin: `${from}, ${rounds} rounds.` });
  }
  return { name: suite.name, title: suite.title, rows };
}

function tellSlower(results) {
  const slower = results.flatMap(({ name, rows }) => rows.filter(isSlower).map(({ id }) => `${name}/${id}`));
  console.log(slower.length === 0 ? "No row is slower than its base." : `Slower than the base: ${slower.join(", ")}.`);
  if (slower.length > 0) process.exitCode = 1;
}

/** On what, of which commit and when a row was measured, and what else the machine had to do: one that is idle has a load of about 0. */
function origin() {
  const all = cpus();
  const machine = `${all.length} × ${all[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.versions.node}`;
  const commit = execFileSync("git", ["-C", root, "describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  return `${machine}; commit ${commit}, ${new Date().toISOString().slice(0, 10)}, load ${loadavg()[0].toFixed(1)}`;
}

function wholeNumber(text) {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It must be a whole number of 1 or more.");
  return Number(text);
}
