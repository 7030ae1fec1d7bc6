/**
 * The lines by which a remote host tells how far it has come, on stdout and before anything else of ours: `@mpits KIND REST`.
 * A shell's greeting may stand around them, so that the mark has to be one that no greeting has.
 */
import type { HostFacts } from "../launch/launcher.ts";

const mark = "@mpits ";

/** Asks a host process for its announcement; it then expects a line, be it empty, at least every `silenceLimitMs`, until it has its settings. */
export const announceFlag = "--announce";

/** How long a host process waits for a sign of its driver before it has its settings, in ms. */
export const silenceLimitMs = 15_000;

/** The line by which a host process says that it is ready for its settings. */
export function announcement(facts: HostFacts): string {
  return `${mark}host ${JSON.stringify(facts)}\n`;
}

/** Kind and rest of such a line; undefined for any other. */
export function readMark(line: string): { readonly kind: string; readonly rest: string } | undefined {
  const at = line.indexOf(mark); // not at 0 when a greeting lacks its line end
  if (at < 0) return undefined;
  const [, kind, rest] = /^(\S+) ?(.*)$/s.exec(line.slice(at + mark.length).trimEnd()) ?? [];
  return kind === undefined ? undefined : { kind, rest: rest ?? "" };
}
