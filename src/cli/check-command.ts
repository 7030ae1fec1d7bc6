/** `mpits check`: can these hosts be used, how well, and if not, what to try. */
import { checkCluster } from "../index.ts";
import { formatCheck } from "./check-table.ts";
import type { HostFlags } from "./cluster-options.ts";
import { hostOptions } from "./configure.ts";

/** Exit code 0: all hosts are fine; 1: something is wrong. */
export async function checkCommand(flags: HostFlags & { readonly json?: boolean }): Promise<void> {
  const done = waitingLine("checking…");
  const report = await checkCluster(hostOptions(flags)).finally(done);
  if (flags.json) console.log(JSON.stringify(report));
  else {
    const { isTTY, columns } = process.stdout;
    const colour = isTTY === true && !process.env.NO_COLOR;
    process.stdout.write(formatCheck(report, { columns: isTTY ? columns : undefined, colour }));
  }
  process.exitCode = report.ok ? 0 : 1;
}

/** Shows that something happens, where a person watches. @returns takes it away again */
function waitingLine(text: string): () => void {
  if (!process.stderr.isTTY || process.env.TERM === "dumb") return () => {};
  process.stderr.write(text);
  return () => process.stderr.write("\r\x1b[K");
}
