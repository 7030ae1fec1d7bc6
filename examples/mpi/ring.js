// A token goes around the ring; each rank adds its number. The first program of every MPI course.
// mpits run -n 4 examples/mpi/ring.js [rounds]
import { world } from "mpits/program";

const rounds = Number(process.argv[2] ?? 10);
const { rank, size } = world;
const right = (rank + 1) % size;
const left = (rank + size - 1) % size;

const token = new Int32Array(1);
for (let round = 0; round < rounds; round++) {
  const sending = rank === 0 ? world.isend(token.slice(), right, { tag: round }) : undefined;
  await world.recv({ source: left, tag: round, into: token });
  token[0] += rank;
  if (rank > 0) await world.send(token, right, { tag: round });
  await sending?.wait();
}
if (rank === 0) console.log(JSON.stringify({ size, rounds, token: token[0] }));
