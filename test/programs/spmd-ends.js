// Programs that every rank runs, and the ways in which they end. Which one is the first argument.
import { launchCluster } from "mpits";
import { cancelRequested, progress, world } from "mpits/program";

const { rank, size } = world;
const last = size - 1;
const fromLast = { source: last };

const ways = {
  async throw() {
    if (rank === last) throw new TypeError("a thing is no thing", { cause: new RangeError("its cause") });
    if (rank > 0) await world.recv(fromLast);
    for (;;);
  },
  async rejection() {
    if (rank === last) Promise.reject(new Error("nobody looks"));
    await world.recv(fromLast);
  },
  async timer() {
    const fail = () => {
      throw new Error("later");
    };
    if (rank === last) setTimeout(fail);
    await world.recv(fromLast);
  },
  async exit() {
    if (rank === last) process.exit(7);
    await world.recv(fromLast);
  },
  async return() {
    if (rank !== last) await world.recv(fromLast);
  },
  /** One exits when it has sent, one sets its code, one goes on after its module's end. */
  async peace() {
    if (rank === 3) {
      world.isend(new Float64Array(100_000).fill(3), 0);
      process.exit();
    }
    if (rank === 2) process.exitCode = 12;
    if (rank === 1) {
      process.on("exit", (code) => console.log(`left with ${code}`));
      void sendLater("late");
    }
    if (rank === 0) void receiveBoth();
  },
  async never() {
    await launchCluster().catch(({ message }) => console.log(message));
    await new Promise(() => {});
  },
  async busy() {
    progress(1, 2);
    console.log("busy");
    while (!cancelRequested());
  },
  async read() {
    let text = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) text += chunk;
    console.log(JSON.stringify(text));
  },
};

async function sendLater(text) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  await world.send(text, 0);
}

async function receiveBoth() {
  console.log((await world.recv({ source: 1 })).data);
  console.log((await world.recv({ source: 3 })).data[99_999]);
}

await ways[process.argv[2]]();
