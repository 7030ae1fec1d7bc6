// A pool of piscina as a contender, with all its threads up.

/** @param sample gets the pool */
export async function openPiscina(threads, sample) {
  const { Piscina } = await import("piscina");
  const filename = new URL("../peers/tiny-piscina.mjs", import.meta.url).href;
  const pool = new Piscina({ filename, minThreads: threads, maxThreads: threads });
  for (let i = 0; i < 500; i++) await Promise.all(Array.from({ length: threads }, (_, part) => pool.run(part)));
  return { sample: () => sample(pool), close: () => pool.destroy() };
}
