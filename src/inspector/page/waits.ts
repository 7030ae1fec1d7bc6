/** What ranks that talk to each other wait for, in words. */
import type { RankSnapshot } from "../../cluster/rank-table.ts";

export function waitText(_rank: RankSnapshot, _nowMs: number): string | undefined {
  return undefined;
}
