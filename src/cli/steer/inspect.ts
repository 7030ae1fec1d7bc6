/** `mpits inspect`: a job's machine, its ranks and its story. */
import type { TransitionRecord } from "../../cluster/story.ts";
import { findJob, talking } from "../../steer/find-job.ts";
import type { JobDetail, Records } from "../../steer/protocol.ts";
import { SteerError } from "../../steer/steer-error.ts";
import { useColour } from "../colour.ts";
import { inspectText, recordLine } from "./inspect-text.ts";
import { openPage } from "./open-page.ts";
import { count } from "./values.ts";

interface Flags {
  readonly watch?: boolean;
  readonly last?: string;
  readonly json?: boolean;
  readonly open?: boolean;
}

export async function inspectCommand(typed: string | undefined, flags: Flags): Promise<void> {
  const { watch, last: lastText, json } = flags;
  if (flags.open) return openPage(typed, flags);
  const last = lastText === undefined ? 10 : count("--last", lastText);
  const found = await findJob(typed);
  const { address, rank, summary } = found;
  const size = summary.snapshot.ranks.length;
  if (rank !== undefined && rank >= size) {
    found.link.close();
    throw new SteerError("notFound", `${found.name} has ranks 0 to ${size - 1}, and no rank ${rank}.`);
  }
  await talking(found, async (link) => {
    if (!(json && watch)) {
      const detail = await link.ask<JobDetail>({ ask: "inspect", ...address, last }, { patienceMs: 5000 });
      if (json) return console.log(JSON.stringify({ pid: link.pid, ...ofRank(detail, rank) }));
      const colour = useColour(process.stdout);
      for (const line of inspectText(detail, { pid: link.pid, rank, last, colour })) console.log(line);
    }
    if (!watch) return undefined;
    const tell = ({ records, missed }: Records): void => {
      for (const record of records) if (rank === undefined || record.rank === rank) print(record, json);
      if (missed > 0) process.stderr.write(`mpits: ${missed} transitions came too fast and are not shown\n`);
    };
    await link.ask({ ask: "records", ...address, fromStart: json === true }, { next: tell });
    return undefined;
  });
}

function print(record: TransitionRecord, json: boolean | undefined): void {
  console.log(json ? JSON.stringify(record) : recordLine(record));
}

function ofRank(detail: JobDetail, rank: number | undefined): JobDetail {
  if (rank === undefined) return detail;
  return {
    ...detail,
    snapshot: { ...detail.snapshot, ranks: detail.snapshot.ranks.filter((each) => each.rank === rank) },
    records: detail.records.filter((record) => record.rank === rank),
  };
}
