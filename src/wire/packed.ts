/**
 * Looks through packed data (msgpack, https://github.com/msgpack/msgpack/blob/master/spec.md) before anything is made of it. An unpacker
 * makes an array as long as its five bytes say, and a list of such arrays is gigabytes out of a few hundred bytes. Here every
 * list must be followed by what it announces, so that what is made is in proportion to what came.
 */
import { maxPackedDepth } from "../limits.ts";

/** Bytes to pass over after the first one; -1 for a list, a text, or nothing of ours. */
const fixed = new Int8Array(256).fill(-1);
fixed.fill(0, 0, 0x80).fill(0, 0xe0); // small whole numbers
fixed.set([0, -1, 0, 0], 0xc0); // nil, (never used), false, true
fixed.set([4, 8, 1, 2, 4, 8, 1, 2, 4, 8], 0xca); // two floats, eight whole numbers

/**
 * Passes over one packed value of the few kinds that we send: no extension but `undefined`, no binary.
 * @throws TypeError when it is cut off, announces more than there is, is nested too deep, or something follows it.
 */
export function checkPacked(bytes: Uint8Array): void {
  /** How many items each list around still has to come. */
  const open = [1];
  let pending = 1;
  let at = 0;

  function enter(items: number): void {
    pending += items;
    if (pending > bytes.length - at) throw new TypeError("it announces more than there is");
    if (items === 0) return;
    open.push(items);
    if (open.length > maxPackedDepth) throw new TypeError("it is nested too deep");
  }

  function number(size: number): number {
    let out = 0;
    for (const end = at + size; at < end; at++) out = out * 256 + (bytes[at] ?? 0);
    return out;
  }

  function pass(size: number): void {
    at += size;
  }

  function passOne(): void {
    const first = bytes[at++]!;
    const skip = fixed[first]!;
    if (skip >= 0) at += skip;
    else if (first < 0x90) enter((first & 15) * 2);
    else if (first < 0xa0) enter(first & 15);
    else if (first < 0xc0) at += first & 31;
    else if (first >= 0xd9 && first <= 0xdb) pass(number(1 << (first - 0xd9)));
    else if (first === 0xdc || first === 0xdd) enter(number(first === 0xdc ? 2 : 4));
    else if (first === 0xde || first === 0xdf) enter(number(first === 0xde ? 2 : 4) * 2);
    else if (first === 0xd4 && bytes[at] === 0)
      at += 2; // undefined
    else throw new TypeError("it holds something of a kind that is never sent");
  }

  while (pending > 0) {
    while (open[open.length - 1] === 0) open.pop();
    if (at >= bytes.length) break;
    open[open.length - 1]! -= 1;
    pending -= 1;
    passOne();
  }
  if (pending > 0 || at !== bytes.length) throw new TypeError("its end is not where it should be");
}
