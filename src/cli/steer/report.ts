/** `mpits report`: what is known of a job, as a page that stands alone, a trace, or its records line by line. */
import { writeFile } from "node:fs/promises";
import { UsageError } from "../../errors.ts";
import { chromeTrace } from "../../export/chrome-trace.ts";
import type { DriverLink } from "../../steer/client.ts";
import { type FoundJob, findJob, talking } from "../../steer/find-job.ts";
import type { JobDetail, ReportAnswer } from "../../steer/protocol.ts";
import { formatBytes, formatCount } from "../../terminal/format.ts";

interface Flags {
  readonly output?: string;
  readonly trace?: string;
  readonly ndjson?: string;
}

export async function reportCommand(typed: string | undefined, flags: Flags): Promise<void> {
  const { output, trace, ndjson } = flags;
  if (output === undefined && trace === undefined && ndjson === undefined)
    throw new UsageError("say what to write: -o report.html, --trace trace.json, --ndjson records.ndjson.");
  const found = await findJob(typed);
  await talking(found, async (link) => {
    if (output !== undefined) await writePage(found, link, output);
    if (trace !== undefined || ndjson !== undefined) await writeRecords(found, link, flags);
  });
}

async function writePage({ address, name }: FoundJob, link: DriverLink, output: string): Promise<void> {
  const { html } = await link.ask<ReportAnswer>({ ask: "report", ...address });
  await write("--output", output, html);
  console.log(`${name}: ${output}, ${formatBytes(Buffer.byteLength(html))}`);
}

async function writeRecords({ address, name }: FoundJob, link: DriverLink, { trace, ndjson }: Flags): Promise<void> {
  const detail = await link.ask<JobDetail>({ ask: "inspect", ...address, last: Number.MAX_SAFE_INTEGER });
  const { records, phase, nowMs } = detail;
  const told = `${formatCount(records.length)} transitions`;
  if (trace !== undefined) {
    await write("--trace", trace, JSON.stringify(chromeTrace(records, phase === "over" ? undefined : nowMs)));
    console.log(`${name}: ${trace}, ${told}; https://ui.perfetto.dev opens it`);
  }
  if (ndjson !== undefined) {
    await write("--ndjson", ndjson, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    console.log(`${name}: ${ndjson}, ${told}`);
  }
}

async function write(option: string, file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (cause) {
    throw new UsageError(`${option}: ${file} can't be written: ${(cause as Error).message}.`, { cause });
  }
}
