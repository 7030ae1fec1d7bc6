/**
 * The transitions of a report, packed as one flat list: a tiny job has five for each rank, and their keys would be most of what
 * is packed, unpacked and checked.
 */
import { flag, name, nullable, oneOf, real, type Shape, type Shaped, whole } from "./shape.ts";

const rankState = oneOf("idle", "scattering", "computing", "reducing", "cancelled");

/** What a rank went through. */
export interface Transition {
  readonly rank: number;
  readonly job: number;
  readonly to: Shaped<typeof rankState>;
  readonly event: string;
  /** In ms since 1970, by its host's clock. */
  readonly atMs: number;
  readonly part: number | null;
  readonly forced: boolean;
  readonly cause: string | null;
}

const width = 8;
const partOf = nullable(whole);
const causeOf = nullable(name);

export function flatTransitions(transitions: readonly Transition[]): unknown[] {
  const flat = new Array<unknown>(transitions.length * width);
  let at = 0;
  for (const { rank, job, to, event, atMs, part, forced, cause } of transitions) {
    flat[at++] = rank;
    flat[at++] = job;
    flat[at++] = to;
    flat[at++] = event;
    flat[at++] = atMs;
    flat[at++] = part;
    flat[at++] = forced;
    flat[at++] = cause;
  }
  return flat;
}

/** The transitions of a flat list. */
export const transitionsOf: Shape<Transition[]> = (flat) => {
  if (!Array.isArray(flat) || flat.length % width !== 0) throw new TypeError(`must be a list of ${width} for each`);
  const out = new Array<Transition>(flat.length / width);
  for (let i = 0, at = 0; i < out.length; i++, at += width)
    out[i] = {
      rank: whole(flat[at]),
      job: whole(flat[at + 1]),
      to: rankState(flat[at + 2]),
      event: name(flat[at + 3]),
      atMs: real(flat[at + 4]),
      part: partOf(flat[at + 5]),
      forced: flag(flat[at + 6]),
      cause: causeOf(flat[at + 7]),
    };
  return out;
};
