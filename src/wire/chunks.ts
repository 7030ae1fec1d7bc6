/** Puts the pieces of a value together from the chunks that they were sent in, each into the place where it is to lie. */

import { copyBytes } from "./copy-bytes.ts";
import { unfilled } from "./unfilled.ts";

/** Memory for a piece of so many bytes, all of which are written. */
export type Place = (bytes: number) => Uint8Array;

/** Memory that all threads of the process share. */
export const shared: Place = (bytes) => new Uint8Array(new SharedArrayBuffer(bytes));

/** Memory that nobody else uses, of any content: it can be handed to a thread. */
export const own: Place = unfilled;

/** Chunks up to this may share their memory with others of the same message. */
const smallBytes = 1 << 12;

/**
 * Pieces of these sizes, copied once; without a place, one that is a single chunk is not copied, if it is large or has memory to itself.
 * @throws TypeError when the chunks don't make up exactly these pieces; nothing was copied then
 */
export function together(sizes: readonly number[], chunks: readonly Uint8Array[], place?: Place): Uint8Array[] {
  const groups = grouped(sizes, chunks);
  return groups.map((group, i) =>
    !place && group.length === 1 && isAlone(group[0]!) ? group[0]! : joined(group, (place ?? own)(sizes[i]!)),
  );
}

/** Whoever gets an array made of it finds nothing else in its buffer, and keeps nothing else alive. */
function isAlone({ byteLength, buffer }: Uint8Array): boolean {
  return byteLength > smallBytes || byteLength === buffer.byteLength;
}

/** Every piece has at least one chunk, so there are no more pieces than chunks came. */
function grouped(sizes: readonly number[], chunks: readonly Uint8Array[]): Uint8Array[][] {
  let at = 0;
  const groups = sizes.map((size) => {
    const from = at;
    let missing = size - (chunks[at++]?.byteLength ?? Number.NaN);
    while (missing > 0) missing -= chunks[at++]?.byteLength || Number.NaN;
    if (missing !== 0) throw new TypeError("the chunks of a value are not of the sizes that were announced");
    return chunks.slice(from, at);
  });
  if (at !== chunks.length) throw new TypeError("there are chunks that were not announced");
  return groups;
}

function joined(chunks: readonly Uint8Array[], into: Uint8Array): Uint8Array {
  let at = 0;
  for (const chunk of chunks) {
    copyBytes(into.subarray(at, at + chunk.byteLength), chunk);
    at += chunk.byteLength;
  }
  return into;
}
