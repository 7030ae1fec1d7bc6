/** A rank's state as people see it: also whether it waits for others, and whether it is lost. */
import type { RankSnapshot } from "../cluster/rank-table.ts";

export function shownState({ state, lost, waitsFor }: Pick<RankSnapshot, "state" | "lost" | "waitsFor">): string {
  if (lost !== undefined) return "lost";
  return waitsFor === undefined ? state : "waiting";
}
