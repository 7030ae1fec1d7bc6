// Parallel sorting by regular samples: each rank sorts its share, samples of all choose the splitters, one all-to-all of unequal
// blocks brings each rank its range, which it sorts once more.
// mpits run -n 4 examples/mpi/sample-sort.js [numbers per rank]
import { world } from "mpits/program";

const length = Number(process.argv[2] ?? 20_000);
const { rank, size } = world;
const mine = Uint32Array.from({ length }, (_, i) => Math.imul(rank * length + i + 1, 2654435761) >>> 0).sort();

const samples = Uint32Array.from({ length: size }, (_, i) => mine[Math.floor((i * length) / size)]);
const all = new Uint32Array(size * size);
await world.allgather(samples, { into: all, uniform: true });
all.sort();
const splitters = Array.from({ length: size - 1 }, (_, i) => all[(i + 1) * size]);

// My numbers for each rank, and how many each has for me.
const ends = [...splitters.map((splitter) => firstNotBelow(mine, splitter)), length];
const sendCounts = ends.map((end, i) => end - (ends[i - 1] ?? 0));
const counts = Array.from(await world.alltoall(Int32Array.from(sendCounts), { uniform: true }), ([count]) => count);
const sorted = new Uint32Array(counts.reduce((sum, count) => sum + count, 0));
await world.alltoall(mine, { sendCounts, into: sorted, counts });
sorted.sort();

const lengths = await world.gather(sorted.length);
const whole = new Uint32Array(rank === 0 ? size * length : 0);
await world.gather(sorted, { into: rank === 0 ? whole : undefined, counts: lengths });
if (rank === 0) {
  const isSorted = whole.every((value, i) => i === 0 || whole[i - 1] <= value);
  const checksum = whole.reduce((sum, value) => (Math.imul(sum, 31) + value) >>> 0, 0);
  console.log(JSON.stringify({ lengths, isSorted, first: whole[0], last: whole.at(-1), checksum }));
}

function firstNotBelow(array, bound) {
  let [low, high] = [0, array.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (array[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
