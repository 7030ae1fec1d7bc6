/** Philox4x32-10 as the paper says it, in bigints: slow, plain, and written apart from the one that is tested. */

const MASK = 0xffffffffn;

/** One block: four words for a counter of four words and a key of two. */
export function philoxWords(counter: readonly number[], key: readonly number[]): number[] {
  let [x0, x1, x2, x3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = x0 * 0xd2511f53n;
    const p1 = x2 * 0xcd9e8d57n;
    [x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ k0, p1 & MASK, (p0 >> 32n) ^ x3 ^ k1, p0 & MASK];
    k0 = (k0 + 0x9e3779b9n) & MASK;
    k1 = (k1 + 0xbb67ae85n) & MASK;
  }
  return [x0, x1, x2, x3].map(Number);
}

/** Draw number `draw` of sample `index`, as `rng.random()` gives it. */
export function referenceDraw(seed: bigint, index: number, draw: number): number {
  const block = Math.floor(draw / 2);
  const words = philoxWords([...halves(index), ...halves(block)], [Number(seed & MASK), Number(seed >> 32n)]);
  const [upper, lower] = draw % 2 === 0 ? [words[0]!, words[1]!] : [words[2]!, words[3]!];
  return Number(((BigInt(upper) << 32n) | BigInt(lower)) >> 11n) / 2 ** 53;
}

function halves(value: number): [number, number] {
  return [value % 2 ** 32, Math.floor(value / 2 ** 32)];
}
