// A master hands out tasks of unequal length; who asks first gets the next. The workers' messages come from ANY_SOURCE.
// mpits run -n 4 examples/mpi/master-worker.js [tasks]
import { ANY_SOURCE, ANY_TAG } from "mpits";
import { world } from "mpits/program";

const tasks = Number(process.argv[2] ?? 200);
const [ASK, RESULT, WORK, STOP] = [1, 2, 3, 4]; // tags
const { rank, size } = world;

/** The longest Collatz sequence from one of the block's numbers. */
function longest(block) {
  let best = { start: 0, steps: -1 };
  for (let start = 1000 * block + 1; start <= 1000 * (block + 1); start++) {
    let steps = 0;
    for (let n = start; n !== 1; steps++) n = n % 2 === 0 ? n / 2 : 3 * n + 1;
    if (steps > best.steps) best = { start, steps };
  }
  return best;
}

if (rank === 0) {
  const results = new Array(tasks);
  let next = 0;
  for (let working = size - 1; working > 0; ) {
    const { data, source, tag } = await world.recv({ source: ANY_SOURCE, tag: ANY_TAG });
    if (tag === RESULT) results[data.block] = data.best;
    if (next < tasks) await world.send(next++, source, { tag: WORK });
    else {
      await world.send(null, source, { tag: STOP });
      working--;
    }
  }
  for (; next < tasks; next++) results[next] = longest(next); // alone
  const best = results.reduce((one, other) => (other.steps > one.steps ? other : one));
  console.log(JSON.stringify({ tasks, ...best, sum: results.reduce((sum, { steps }) => sum + steps, 0) }));
} else {
  await world.send(null, 0, { tag: ASK });
  for (;;) {
    const { data: block, tag } = await world.recv({ source: 0 });
    if (tag === STOP) break;
    await world.send({ block, best: longest(block) }, 0, { tag: RESULT });
  }
}
