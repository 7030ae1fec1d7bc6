/**
 * Runs every fault in every kernel so many times on a test bed and prints the table of docs/faults.md.
 *
 *   npm run fault-table -- [--times 10] [--fault TEXT] [--kernel NAME] [--log FILE]
 */
import { appendFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Bed } from "./support/bed.ts";
import { type FaultOutcome, runFault } from "./support/fault-run.ts";
import { type Fault, faults } from "./support/faults.ts";
import { type KernelName, kernels, workload } from "./support/workloads.ts";

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "1" },
    fault: { type: "string", default: "" },
    kernel: { type: "string", default: "" },
    log: { type: "string" },
  },
});

const bed = await Bed.up(3);
try {
  console.log(
    "| fault | kernel | right | else | detected ms (median / max) | job s (median / max) | left after the lease |",
  );
  console.log("|---|---|---|---|---|---|---|");
  for (const fault of faults.filter(({ name }) => name.includes(values.fault)))
    for (const kernel of kernels.filter((name) => name.includes(values.kernel)))
      console.log(row(fault, kernel, await runs(fault, kernel)));
} finally {
  await bed.down();
}

async function runs(fault: Fault, kernel: KernelName): Promise<FaultOutcome[]> {
  const work = await workload(kernel, fault.matrixSize);
  const outcomes: FaultOutcome[] = [];
  for (let i = 0; i < Number(values.times); i++) {
    const outcome = await runFault(bed, fault, work);
    outcomes.push(outcome);
    if (values.log !== undefined)
      appendFileSync(values.log, `${JSON.stringify({ fault: fault.name, kernel, ...outcome })}\n`);
  }
  return outcomes;
}

function row({ name, loses }: Fault, kernel: string, outcomes: readonly FaultOutcome[]): string {
  const right = outcomes.filter(({ result }) => result === "right").length;
  const others = outcomes.map(({ result }) => result).filter((result) => result !== "right");
  const detected = outcomes.flatMap(({ detectedMs }) => (detectedMs === undefined ? [] : [detectedMs]));
  const jobs = outcomes.flatMap(({ jobMs }) => (jobMs === undefined ? [] : [jobMs / 1000]));
  const cells = [
    name,
    kernel,
    loses === "driver" ? "–" : `${right} of ${outcomes.length}`,
    counted(others) || "–",
    detected.length === 0
      ? "not lost"
      : figures(detected, 0) + (detected.length < outcomes.length ? ` (${detected.length})` : ""),
    jobs.length === 0 ? "–" : figures(jobs, 1),
    String(outcomes.reduce((sum, { left }) => sum + left, 0)),
  ];
  return `| ${cells.join(" | ")} |`;
}

function figures(numbers: readonly number[], digits: number): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const median = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
  return `${median.toFixed(digits)} / ${sorted.at(-1)!.toFixed(digits)}`;
}

function counted(texts: readonly string[]): string {
  return [...new Set(texts)].map((text) => `${text} ×${texts.filter((each) => each === text).length}`).join(", ");
}
