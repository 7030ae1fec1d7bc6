// What the OSU micro-benchmarks measure (https://mvapich.cse.ohio-state.edu/benchmarks/), between the ranks of one job; rank 0's clock counts.
import { defineKernel } from "mpits";

const window = 16;

export const osu = defineKernel({
  name: "osu",
  together: true,
  *scatter(input, world) {
    for (let rank = 0; rank < world.size; rank++) yield input;
  },
  compute({ test, form, bytes, times }, { comm }) {
    const run = tests[form][test];
    return run(comm, bytes, times);
  },
  async reduce(partials) {
    for await (const first of partials) return first;
  },
});

/** The same loops by blocking calls, and by promises; each gives µs per step. */
const tests = {
  blocking: {
    latency(comm, bytes, times) {
      const [out, into] = buffers(bytes);
      return timed(
        comm,
        times,
        () => {
          if (comm.rank === 0) {
            comm.sendSync(out, 1);
            comm.recvSync({ source: 1, into });
          } else if (comm.rank === 1) {
            comm.recvSync({ source: 0, into });
            comm.sendSync(out, 0);
          }
        },
        0.5,
      );
    },
    bandwidth: (comm, bytes, times) => windows(comm, bytes, times, [[0, 1]]),
    biBandwidth: (comm, bytes, times) =>
      windows(comm, bytes, times, [
        [0, 1],
        [1, 0],
      ]),
    ...collectives((comm, name, ...args) => comm[`${name}Sync`](...args), timed),
  },
  promises: {
    async latency(comm, bytes, times) {
      const [out, into] = buffers(bytes);
      return timedAsync(
        comm,
        times,
        async () => {
          if (comm.rank === 0) {
            await comm.send(out, 1);
            await comm.recv({ source: 1, into });
          } else if (comm.rank === 1) {
            await comm.recv({ source: 0, into });
            await comm.send(out, 0);
          }
        },
        0.5,
      );
    },
    ...collectives((comm, name, ...args) => comm[name](...args), timedAsync),
  },
};

/** With arrays that are used again, as mpi4py's buffers are. */
function collectives(call, time) {
  return {
    bcast(comm, bytes, times) {
      const data = new Uint8Array(bytes);
      return time(comm, times, () => call(comm, "bcast", data, { into: data }));
    },
    allreduce(comm, bytes, times) {
      const data = new Float64Array(bytes / 8).fill(1);
      const into = new Float64Array(bytes / 8);
      return time(comm, times, () => call(comm, "allreduce", data, { into }));
    },
    alltoall(comm, bytes, times) {
      const parcels = new Uint8Array(bytes * comm.size);
      const into = new Uint8Array(bytes * comm.size);
      return time(comm, times, () => call(comm, "alltoall", parcels, { into, uniform: true }));
    },
  };
}

/** A window of messages at a time, then an answer. */
function windows(comm, bytes, times, directions) {
  const [out, into] = buffers(bytes);
  const targets = Array.from({ length: window }, () => (bytes > 1 << 20 ? into : new Uint8Array(bytes)));
  return timed(
    comm,
    times,
    () => {
      const requests = [];
      for (const [from, to] of directions) {
        if (comm.rank === to) requests.push(...targets.map((target) => comm.irecv({ source: from, into: target })));
        if (comm.rank === from) requests.push(...targets.map(() => comm.isend(out, to)));
      }
      for (const request of requests) request.waitSync();
      for (const [from, to] of directions) {
        if (comm.rank === to) comm.sendSync(new Uint8Array(1), from, { tag: 1 });
        if (comm.rank === from) comm.recvSync({ source: to, tag: 1 });
      }
    },
    1 / (window * directions.length),
  );
}

function buffers(bytes) {
  return [new Uint8Array(bytes).fill(7), new Uint8Array(bytes)];
}

/** µs per step, times `share`. */
function timed(comm, times, step, share = 1) {
  for (let i = 0; i < warmUps(times); i++) step();
  comm.barrierSync();
  const from = performance.now();
  for (let i = 0; i < times; i++) step();
  return ((performance.now() - from) / times) * 1000 * share;
}

async function timedAsync(comm, times, step, share = 1) {
  for (let i = 0; i < warmUps(times); i++) await step();
  await comm.barrier();
  const from = performance.now();
  for (let i = 0; i < times; i++) await step();
  return ((performance.now() - from) / times) * 1000 * share;
}

function warmUps(times) {
  return Math.ceil(times / 10);
}
