/** How much was sent beside the least that could have done, in words. Pure. */
import { formatBytes } from "../../terminal/format.ts";

/** Empty where the least is not known, or nothing. Of what is under way the least is known before it was sent. */
export function leastWords(bytes: number, least: number): string {
  if (least <= 0) return "";
  const times = bytes / least;
  if (times < 1) return ` (least ${formatBytes(least)})`;
  return ` (least ${formatBytes(least)}, ${times >= 10 ? Math.round(times) : times.toFixed(2)} ×)`;
}
