import fc from "fast-check";
import { BLOCKS_OFFSET, type Key, PhiloxDraws } from "../../src/random/philox-draws.ts";
import { philoxWords, referenceDraw } from "./philox-reference.ts";

type Counter = [number, number, number, number];

/** The authors' known answers: lines "philox4x32 10" of kat_vectors in Random123 (counter, key, words). */
const KNOWN: [Counter, Key, Counter][] = [
  [
    [0, 0, 0, 0],
    [0, 0],
    [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
  ],
  [
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

const word = fc.integer({ min: 0, max: 0xffffffff });

describe("Philox4x32-10", () => {
  const philox = new PhiloxDraws();

  test.each(KNOWN)("gives the published words for counter %p under key %p", (counter, key, words) => {
    philox.setKey(key);
    expect([...philox.block(counter)]).toEqual(words);
    expect(philoxWords(counter, key)).toEqual(words);
  });

  test("gives the reference's words for any counter and key", () => {
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        philox.setKey(key);
        expect([...philox.block(counter)]).toEqual(philoxWords(counter, key));
      }),
    );
  });

  const seed = 0x0123456789abcdefn;
  const key: Key = [0x89abcdef, 0x01234567];
  const someIndex = fc.oneof(
    fc.maxSafeNat(),
    fc
      .integer({ min: 1, max: 2 ** 21 - 1 })
      .chain((high) => fc.integer({ min: -40, max: 8 }).map((d) => high * 2 ** 32 + d)),
  );

  test("consecutive samples get consecutive counters, past multiples of 2^32 too", () => {
    fc.assert(
      fc.property(
        someIndex,
        fc.integer({ min: 1, max: 33 }),
        fc.integer({ min: 1, max: 4 }),
        (from, samples, blocks) => {
          const first = Math.min(from, Number.MAX_SAFE_INTEGER - samples);
          philox.setKey(key);
          philox.fillSamples(first, samples, blocks);
          const wanted = Array.from({ length: samples * blocks * 2 }, (_, i) =>
            referenceDraw(seed, first + Math.floor(i / (blocks * 2)), i % (blocks * 2)),
          );
          expect([...philox.draws.subarray(0, wanted.length)]).toEqual(wanted);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("the blocks of one sample get consecutive counters, past multiples of 2^32 too", () => {
    fc.assert(
      fc.property(someIndex, fc.integer({ min: 2 ** 32 - 40, max: 2 ** 32 + 8 }), (index, block) => {
        philox.setKey(key);
        philox.fillBlocks(index, block, 40);
        const wanted = Array.from({ length: 80 }, (_, i) => referenceDraw(seed, index, block * 2 + i));
        expect([...philox.draws.subarray(BLOCKS_OFFSET, BLOCKS_OFFSET + 80)]).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });
});
