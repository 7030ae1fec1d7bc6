/** Numbers as people read them: durations, counts, sizes, three digits each. Pure. */

/**
 * A duration: `0 ms`, `850 ms`, `12.3 s`, `4 m 05 s`, `2 h 03 m`, `3 d 04 h`. `–` for what is no duration (negative, NaN, endless).
 *
 * @param ms milliseconds
 */
export function formatDuration(ms: number): string {
  if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) return "–";
  // Each limit is where rounding would reach the next unit: never "60.0 s" or "1000 ms".
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return twoUnits(seconds, 60, "m", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, "h", "m");
  return twoUnits(Math.round(minutes / 60), 24, "d", "h");
}

/** A count with SI prefix: `950`, `12.3 k`, `1.00 M`; whole numbers below 1000 in full, others with three digits. */
export function formatCount(count: number): string {
  return withPrefix(count, ["", "k", "M", "G", "T", "P", "E"]).trimEnd();
}

/** A size in bytes with SI prefix (1 kB is 1000 B): `512 B`, `1.50 MB`. */
export function formatBytes(bytes: number): string {
  return withPrefix(bytes, ["B", "kB", "MB", "GB", "TB", "PB", "EB"]);
}

function twoUnits(total: number, perUnit: number, big: string, small: string): string {
  return `${Math.floor(total / perUnit)} ${big} ${String(total % perUnit).padStart(2, "0")} ${small}`;
}

function withPrefix(value: number, units: readonly string[]): string {
  if (!Number.isFinite(value)) return "–";
  if (value < 0) return `-${withPrefix(-value, units)}`;
  const step = Math.min(units.length - 1, stepOf(value));
  const scaled = value / 1000 ** step;
  return `${step === 0 && Number.isInteger(value) ? value : threeDigits(scaled)} ${units[step]}`;
}

/** How often 1000 fits in; what would be rounded to 1000 already counts as the next. */
function stepOf(value: number): number {
  let step = 0;
  while (value / 1000 ** step >= 999.5) step++;
  return step;
}

function threeDigits(value: number): string {
  return value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}
