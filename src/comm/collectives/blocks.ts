/** Exchanges among equals, on one level: what allgather, alltoall and the reductions are made of. They know no hosts. */
import { bytesOf } from "../../wire/typed-arrays.ts";
import type { Slots } from "../buffers.ts";
import { type Algorithm, type Data, exchange, type Line, together } from "../steps.ts";

/**
 * Every rank sends `dataFor(i)` to each other rank i, all at once; one message for each pair.
 *
 * @returns by rank; this rank's own is `dataFor` of itself, as it is
 */
export function* exchangeAll({ rank, size }: Line, dataFor: (rank: number) => Data, slots?: Slots): Algorithm<Data[]> {
  const others = othersOf({ rank, size });
  const given = yield* together(
    others.map((from) => ({ from, into: slots?.[from] })),
    others.map((to) => ({ to, data: dataFor(to) })),
  );
  const result: Data[] = new Array(size);
  result[rank] = dataFor(rank);
  for (const [i, from] of others.entries()) result[from] = given[i]!;
  return result;
}

/** The same in size − 1 rounds: in each, every rank sends to one and receives from one, so no rank is flooded. */
export function* exchangePairwise(
  { rank, size }: Line,
  dataFor: (rank: number) => Data,
  slots?: Slots,
): Algorithm<Data[]> {
  const result: Data[] = new Array(size);
  result[rank] = dataFor(rank);
  for (let step = 1; step < size; step++) {
    const to = (rank + step) % size;
    const from = (rank - step + size) % size;
    result[from] = yield* exchange(to, dataFor(to), from, slots?.[from]);
  }
  return result;
}

/** Allgather by ring: blocks of known, possibly unequal lengths go round; size − 1 rounds, each block sent once by each rank. */
export function* allgatherRing({ rank, size }: Line, slots: readonly ArrayBufferView[]): Algorithm<void> {
  const right = (rank + 1) % size;
  const left = (rank - 1 + size) % size;
  for (let step = 0; step < size - 1; step++)
    yield* exchange(right, slots[(rank - step + size) % size]!, left, slots[(left - step + size) % size]!);
}

/** Allgather of equal blocks in ⌈log₂ size⌉ rounds (Bruck and others 1997), by way of one copy. */
export function* allgatherBruck({ rank, size }: Line, slots: readonly ArrayBufferView[]): Algorithm<void> {
  const block = slots[rank]!.byteLength;
  // Block i of this buffer is that of rank (rank + i) mod size.
  const rotated = new Uint8Array(size * block);
  rotated.set(bytesOf(slots[rank]!));
  for (let have = 1; have < size; have *= 2) {
    const count = Math.min(have, size - have);
    const fresh = rotated.subarray(have * block, (have + count) * block);
    yield* exchange((rank - have + size) % size, rotated.subarray(0, count * block), (rank + have) % size, fresh);
  }
  for (let i = 1; i < size; i++) bytesOf(slots[(rank + i) % size]!).set(rotated.subarray(i * block, (i + 1) * block));
}

/** All ranks but this one, the next one first: so not all begin with the same. */
function othersOf({ rank, size }: Line): number[] {
  return Array.from({ length: size - 1 }, (_, i) => (rank + 1 + i) % size);
}
