/**
 * Cuts the odd divisors up to √n into ranges that take about the same time: small divisors take longer than large ones, since the
 * filter's blocks are shorter there. An estimate, for dividing the work; nothing depends on it but the time that is waited for the last rank.
 */
import { log2 } from "./integer-sqrt.ts";
import { planSweep } from "./sweep-plan.ts";
import { wheelsFor } from "./wheel.ts";

/**
 * What an odd divisor takes, in ns, measured on one core; only how they compare to each other matters. A step of the filter with two
 * differences, and with three; exact division in doubles, and in limbs. And for each block, to be divided by its width: what it takes
 * at all, for each group of lanes, and for coefficients that are found as bigints.
 */
const cost = { quadratic: 0.0515, cubic: 0.0755, block: 60, group: 30, bigInts: 3000, doubles: 0.45, limbs: 3 };
/** From these divisors on, a block's coefficients are found as bigints. */
const lgBigInts = 32;
/** The range is looked at in stretches from one divisor to the next that is 2^(1/4) times as large … */
const perOctave = 4;
/** … and below √n · 2^−40 not at all. */
const octaves = 40;

/**
 * Where to cut.
 *
 * @param odds how many odd divisors there are, from 3 to √n
 * @returns parts + 1 numbers from 0 to `odds`, ascending: part i has the divisors from number cuts[i] to before cuts[i + 1]
 */
export function cutsOfEqualEffort(n: bigint, odds: bigint, parts: number): bigint[] {
  const stretches = stretchesOf(n);
  const total = stretches.at(-1)!.effort;
  return Array.from({ length: parts + 1 }, (_, part) => {
    if (part === parts) return odds;
    const wanted = (total * part) / parts;
    const i = Math.max(
      1,
      stretches.findIndex(({ effort }) => effort >= wanted),
    );
    const [below, above] = [stretches[i - 1]!, stretches[i]!];
    const within = (wanted - below.effort) / (above.effort - below.effort);
    const share = below.share + (above.share - below.share) * within;
    return (odds * BigInt(Math.floor(share * 2 ** 53))) >> 53n;
  });
}

/** Ascending: what share of the divisors lies below, and what effort they are. */
function stretchesOf(n: bigint): { share: number; effort: number }[] {
  const lgN = log2(n);
  const wheels = wheelsFor(n);
  const stretches = [{ share: 0, effort: 0 }];
  for (let i = octaves * perOctave; i >= 0; i--) {
    const { share, effort } = stretches.at(-1)!;
    const end = 2 ** (-i / perOctave);
    const lg = Math.max(1, lgN / 2 - (i + 0.5) / perOctave);
    stretches.push({ share: end, effort: effort + (end - share) * effortNear(lgN, lg, wheels) });
  }
  return stretches;
}

/** For each odd divisor near 2^lg. */
function effortNear(lgN: number, lg: number, wheels: ReturnType<typeof wheelsFor>): number {
  const plan = planSweep(lgN, lg, wheels);
  if (!plan) return lgN <= 53 ? cost.doubles : cost.limbs;
  const { wheel, cubic, runs, steps } = plan;
  const groups = wheel.offsets.length / 16;
  const width = runs * steps * wheel.stride;
  const perStep = (cubic ? cost.cubic : cost.quadratic) * (groups / wheel.stride) * (210 / 3);
  return perStep + (cost.block + cost.group * groups + (lg >= lgBigInts ? cost.bigInts : 0)) / width;
}
