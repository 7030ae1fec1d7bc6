// BLAS alone on the two halves of a product: one call here, the other at the same time in a thread or a process of its own, by the same binding
// as ours. Nothing is cut, sent, copied or cancelled, and c is there already. The limit for two ranks of one thread.
import { fork } from "node:child_process";
import { once } from "node:events";
import { parentPort, Worker, workerData } from "node:worker_threads";
import { findBlas } from "../../dist/kernels/matmul/blas/blas-of-thread.js";

/** A contender for two n × n matrices of doubles: GFLOP/s. @param {"thread" | "process"} other */
export async function openBlasHalves(n, other) {
  const helper = other === "thread" ? inThread(n) : inProcess(n);
  const multiply = await halfProduct(n);
  await helper.told();
  return {
    async sample() {
      const start = performance.now();
      const told = helper.told();
      helper.begin();
      multiply();
      await told;
      return (2 * n ** 3) / (performance.now() - start) / 1e6;
    },
    close: () => helper.close(),
  };
}

/** A helper says "ready" once, and then when it has multiplied. */
function inThread(n) {
  const worker = new Worker(import.meta.filename, { workerData: { n } });
  return { told: () => once(worker, "message"), begin: () => worker.postMessage(""), close: () => worker.terminate() };
}

function inProcess(n) {
  const child = fork(import.meta.filename, [String(n)]);
  return { told: () => once(child, "message"), begin: () => child.send(""), close: () => child.kill() };
}

async function halfProduct(n) {
  const { blas } = await findBlas("");
  if (!blas) throw new Error("this machine has no BLAS library");
  blas.setThreads(1);
  const panel = (rows) => ({ data: new Float64Array(rows * n).map(Math.random), at: 0, stride: n });
  const [a, b, c] = [panel(n / 2), panel(n), panel(n / 2)];
  return () => blas.multiply(n / 2, n, n, a, b, c, false);
}

async function serve(n, events, tell) {
  const multiply = await halfProduct(n);
  events.on("message", () => {
    multiply();
    tell("done");
  });
  tell("ready");
}

if (parentPort) await serve(workerData.n, parentPort, (word) => parentPort.postMessage(word));
else if (process.argv[1] === import.meta.filename)
  await serve(Number(process.argv[2]), process, (word) => process.send(word));
