/** What a host reports of its ranks: into the table, and on to whoever listens. Of ranks that are not its own, it says nothing. */
import type { ToDriver } from "../wire/messages.ts";
import type { HostEntry } from "./host-entry.ts";
import type { RankTable } from "./rank-table.ts";
import type { StarListener } from "./star.ts";

/** Whoever watches sees every transition, also when a report tells of several. */
export function takeReport(
  { transitions, progress, usage, ...report }: Extract<ToDriver, { kind: "Report" }>,
  entry: HostEntry,
  table: RankTable,
  listener: StarListener | undefined,
): void {
  const { ranks } = entry;
  if (usage) entry.usage = usage;
  for (const { rank, cores } of usage?.ranks ?? []) if (ranks.includes(rank)) table.uses(rank, cores);
  const standings = report.standings.filter(({ rank }) => ranks.includes(rank));
  for (const item of standings) table.stands(item);
  for (const item of progress) if (ranks.includes(item.rank)) table.progress(item);
  for (const transition of transitions) {
    if (!ranks.includes(transition.rank)) continue;
    const from = table.transition(transition);
    listener?.ranksReported(from && { ...transition, from });
  }
  if (transitions.length === 0 && progress.length + standings.length > 0) listener?.ranksReported();
  if (standings.length > 0) listener?.ranksStand(standings);
}
