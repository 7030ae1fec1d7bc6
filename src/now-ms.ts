/** Now, in ms since 1970, finer than `Date.now()`, and never back while the process lives. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
