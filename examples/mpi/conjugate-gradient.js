// Conjugate gradients for Poisson's equation on a square: each rank has some rows of the grid, borrows a row from each neighbour for
// every product with the matrix, and the scalar products are sums over all ranks.
// mpits run -n 4 examples/mpi/conjugate-gradient.js [cells]
import { PROC_NULL } from "mpits";
import { world } from "mpits/program";

const cells = Number(process.argv[2] ?? 64);
const { rank, size } = world;
const first = Math.floor((cells * rank) / size);
const rows = Math.floor((cells * (rank + 1)) / size) - first;
const up = rank > 0 ? rank - 1 : PROC_NULL;
const down = rank < size - 1 ? rank + 1 : PROC_NULL;

const length = rows * cells;
const right = Float64Array.from({ length }, (_, i) => Math.sin(first + Math.floor(i / cells)) * Math.cos(i % cells));
const solution = new Float64Array(length);
const residual = right.slice();
const direction = new Float64Array(length + 2 * cells); // with the neighbours' rows
const own = direction.subarray(cells, cells + length);
const product = new Float64Array(length);
own.set(residual);

const rightNorm = await dot(right, right);
let norm = rightNorm;
let iterations = 0;
for (; norm > 1e-20 * rightNorm; iterations++) {
  await multiply();
  const step = norm / (await dot(own, product));
  for (let i = 0; i < length; i++) {
    solution[i] += step * own[i];
    residual[i] -= step * product[i];
  }
  const before = norm;
  norm = await dot(residual, residual);
  for (let i = 0; i < length; i++) own[i] = residual[i] + (norm / before) * own[i];
}
const energy = await dot(solution, right);
if (rank === 0) console.log(JSON.stringify({ cells, iterations, energy, corner: solution[0] }));

/** product = A × direction, where A has 4 on its diagonal and −1 for each of a cell's neighbours. */
async function multiply() {
  await world.sendrecv(own.subarray(0, cells), up, { source: down, into: direction.subarray(cells + length) });
  await world.sendrecv(own.subarray(length - cells), down, { source: up, into: direction.subarray(0, cells) });
  for (let i = 0; i < length; i++) {
    const column = i % cells;
    const sides = (column > 0 ? own[i - 1] : 0) + (column < cells - 1 ? own[i + 1] : 0);
    product[i] = 4 * own[i] - sides - direction[i] - direction[i + 2 * cells];
  }
}

/** Over all ranks. */
async function dot(x, y) {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return await world.allreduce(sum);
}
