/** What a host reports of its ranks: into the table, and on to whoever listens. Of ranks that are not its own, it says nothing. */
import type { RankStateName, ToDriver, Transition } from "../wire/messages.ts";
import type { HostEntry } from "./host-entry.ts";
import type { RankTable } from "./rank-table.ts";
import type { StarListener } from "./star.ts";
import type { RankChange } from "./story.ts";

/** Whoever watches sees every transition, also when a report tells of several. */
export function takeReport(
  { transitions, progress, standings, usage }: Extract<ToDriver, { kind: "Report" }>,
  entry: HostEntry,
  table: RankTable,
  listener: StarListener | undefined,
): void {
  const { ranks } = entry;
  if (usage) entry.usage = usage;
  for (const { rank, cores } of usage?.ranks ?? []) if (ranks.includes(rank)) table.uses(rank, cores);
  const own = standings.filter(({ rank }) => ranks.includes(rank));
  for (const item of own) table.stands(item);
  for (const item of progress) if (ranks.includes(item.rank)) table.progress(item);
  for (const transition of transitions) {
    if (!ranks.includes(transition.rank)) continue;
    const from = table.transition(transition);
    if (from) listener?.ranksReported(changeOf(transition, from));
    else listener?.ranksReported();
  }
  if (transitions.length === 0 && progress.length + own.length > 0) listener?.ranksReported();
  if (own.length > 0) listener?.ranksStand(own);
}

/** Written out: to spread it takes several times as long. */
function changeOf({ rank, job, to, event, atMs, part, forced, cause }: Transition, from: RankStateName): RankChange {
  return { rank, job, from, to, event, atMs, part, forced, cause };
}
