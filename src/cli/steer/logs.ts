/** `mpits logs`: what a job's ranks have written, as their driver keeps it. */
import type { OutputLine } from "../../cluster/output-log.ts";
import { findJob, talking } from "../../steer/find-job.ts";
import type { Lines } from "../../steer/protocol.ts";
import { count, rankRanges } from "./values.ts";

interface Flags {
  readonly follow?: boolean;
  readonly ranks?: string;
  readonly tail?: string;
  readonly json?: boolean;
}

/** With ranks named, the lines of hosts and of the log are left out. */
export async function logsCommand(
  typed: string | undefined,
  { follow = false, ranks: listed, tail: tailText, json = false }: Flags,
): Promise<void> {
  const tail = tailText === undefined ? undefined : count("--tail", tailText);
  const ranges = listed === undefined ? undefined : rankRanges("--ranks", listed);
  const found = await findJob(typed);
  const { rank } = found;
  const ranks = rank === undefined ? ranges : [{ from: rank, to: rank }];
  let settled = false;
  const next = ({ lines, over }: Lines): void => {
    settled ||= over;
    for (const line of lines) print(line, json);
  };
  try {
    await talking(found, (link) => link.ask({ ask: "logs", ...found.address, follow, ranks, tail }, { next }));
  } catch (error) {
    if (!settled) throw error; // its program has ended with it
  }
}

function print(line: OutputLine, json: boolean): void {
  const { stream, rank, host, text } = line;
  if (json) return void process.stdout.write(`${JSON.stringify(line)}\n`);
  const who = rank !== undefined ? `[${rank}] ` : stream === "log" || host === undefined ? "" : `[${host}] `;
  process[stream === "stdout" ? "stdout" : "stderr"].write(`${who}${text}\n`);
}
