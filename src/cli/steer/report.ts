/** `mpits report`: what is known of a job, as a page that stands alone. */
import { writeFile } from "node:fs/promises";
import { UsageError } from "../../errors.ts";
import { findJob, talking } from "../../steer/find-job.ts";
import type { ReportAnswer } from "../../steer/protocol.ts";
import { formatBytes } from "../../terminal/format.ts";

export async function reportCommand(typed: string | undefined, { output }: { output: string }): Promise<void> {
  const found = await findJob(typed);
  const { html } = await talking(found, (link) => link.ask<ReportAnswer>({ ask: "report", ...found.address }));
  try {
    await writeFile(output, html);
  } catch (cause) {
    throw new UsageError(`--output: ${output} can't be written: ${(cause as Error).message}.`, { cause });
  }
  console.log(`${found.name}: ${output}, ${formatBytes(Buffer.byteLength(html))}`);
}
