// Heat on a plate, by Jacobi's method: a Cartesian grid of ranks, each with a block and a border of one cell around it. Rows of the
// border travel as they lie, columns as a derived datatype: nothing is packed by hand.
// mpits run -n 4 examples/mpi/heat.js [cells] [steps]
import { dimsCreate, FLOAT64 } from "mpits";
import { world } from "mpits/program";

const cells = Number(process.argv[2] ?? 48); // of the whole plate, each way
const steps = Number(process.argv[3] ?? 100);
const cart = await world.cart(dimsCreate(world.size, 2));
const [rows, row0] = share(cart.dims[0], cart.coords()[0]);
const [columns, column0] = share(cart.dims[1], cart.coords()[1]);
const width = columns + 2;

let plate = new Float64Array((rows + 2) * width);
let next = plate.slice();
for (let i = 0; i < rows; i++)
  for (let j = 0; j < columns; j++) plate[at(i, j)] = ((row0 + i) * 7 + (column0 + j) * 13) % 17;

const row = FLOAT64.contiguous(columns);
const column = FLOAT64.vector(rows, 1, width);
const inner = FLOAT64.subarray([rows + 2, width], [rows, columns], [1, 1]);

for (let step = 0; step < steps; step++) {
  // In the order of the grid's neighbours: up, down, left, right. Beyond the plate there is nobody, and it is cold.
  const edges = [row.over(plate, { offset: at(0, 0) }), row.over(plate, { offset: at(rows - 1, 0) })];
  const borders = [row.over(plate, { offset: at(-1, 0) }), row.over(plate, { offset: at(rows, 0) })];
  edges.push(column.over(plate, { offset: at(0, 0) }), column.over(plate, { offset: at(0, columns - 1) }));
  borders.push(column.over(plate, { offset: at(0, -1) }), column.over(plate, { offset: at(0, columns) }));
  await cart.neighborAlltoall(edges, { into: borders });
  for (let i = 0; i < rows; i++)
    for (let k = at(i, 0); k < at(i, columns); k++)
      next[k] = (plate[k] + plate[k - width] + plate[k + width] + plate[k - 1] + plate[k + 1]) / 5;
  [plate, next] = [next, plate];
}

// The whole plate at rank 0: each rank's block goes straight to its place.
const whole = new Float64Array(cart.rank === 0 ? cells * cells : 0);
const places = cart.rank === 0 ? Array.from({ length: cart.size }, (_, rank) => placeOf(rank).over(whole)) : undefined;
await cart.gather(inner.over(plate), { into: places });
if (cart.rank === 0) {
  let checksum = 0; // of every bit
  for (const word of new Uint32Array(whole.buffer)) checksum = (Math.imul(checksum, 31) + word) >>> 0;
  console.log(JSON.stringify({ cells, steps, centre: whole[(cells * cells + cells) / 2], checksum }));
}

/** Where a cell of this rank's block is in `plate`; −1 and the block's length are the border. */
function at(i, j) {
  return (i + 1) * width + j + 1;
}

/** How many of the plate's rows or columns a rank has, and the first of them. */
function share(ranks, coordinate) {
  const first = Math.floor((cells * coordinate) / ranks);
  return [Math.floor((cells * (coordinate + 1)) / ranks) - first, first];
}

function placeOf(rank) {
  const [[height, top], [breadth, left]] = cart.coords(rank).map((coordinate, i) => share(cart.dims[i], coordinate));
  return FLOAT64.subarray([cells, cells], [height, breadth], [top, left]);
}
