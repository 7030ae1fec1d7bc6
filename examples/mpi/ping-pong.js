// Ranks 0 and 1 play arrays of growing length to and fro, by calls that block; the time of one way on stderr.
// mpits run -n 2 examples/mpi/ping-pong.js [times]
import { world } from "mpits/program";

const times = Number(process.argv[2] ?? 100);
const { rank } = world;
const other = 1 - rank;
const results = [];

for (let bytes = 8; bytes <= 1 << 20; bytes *= 8) {
  const ball = new Float64Array(bytes / 8);
  const start = performance.now();
  for (let i = 0; i < times && rank < 2; i++) {
    if (rank === 0) world.sendSync(ball, other);
    world.recvSync({ source: other, into: ball });
    ball[i % ball.length] += 1 + rank; // each of the two leaves its mark
    if (rank === 1) world.sendSync(ball, other);
  }
  const oneWayUs = ((performance.now() - start) * 1000) / (2 * times);
  if (rank === 0) console.error(`${bytes} bytes: ${oneWayUs.toFixed(1)} µs`);
  results.push({ bytes, sum: ball.reduce((sum, value) => sum + value, 0) });
}
if (rank === 0) console.log(JSON.stringify(results));
