/** Values of options, from text. @throws UsageError naming option, expectation and what came. Pure. */
import { expected } from "../../errors.ts";
import type { RankRange } from "../../steer/protocol.ts";

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** Timers of Node fire at once beyond this. */
const longestMs = 2 ** 31 - 1;

export function count(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw expected(option, "a whole number of 0 or more", text);
  return Number(text);
}

/** `5s`, `500ms`, `1.5m`; a number alone is seconds. In ms. */
export function duration(option: string, text: string): number {
  const [, number, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(number) * units[unit];
  if (!(ms <= longestMs)) throw expected(option, 'a duration such as "5s", "500ms" or "2m" (at most 24 days)', text);
  return ms;
}

/** `0,2-3`: ranges of ranks, ends included. */
export function rankRanges(option: string, text: string): RankRange[] {
  return text.split(",").map((piece) => {
    const [, from, to = from] = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(piece) ?? [];
    if (from === undefined || Number(to) < Number(from))
      throw expected(option, 'ranks and ranges of ranks such as "0,2-3"', text);
    return { from: Number(from), to: Number(to) };
  });
}
