/** The faults of the table: each befalls node2 of three, and is taken back afterwards. */
import type { Bed } from "./bed.ts";
import type { Driver } from "./driver.ts";

/** The host that it befalls, by number. */
export const struck = 2;

/** What a fault can befall. */
interface Struck {
  readonly bed: Bed;
  readonly driver: Driver;
  /** The program's processes on the host, and all of its sshd. */
  readonly processes: readonly number[];
  readonly sshd: readonly number[];
}

export interface Fault {
  readonly name: string;
  /** launch: it is there before the hosts are started; job: before the job; computing: when every rank computes. */
  readonly when: "launch" | "job" | "computing";
  /** Its host is lost (and the job ends right all the same), or the driver itself is; else it must not be. */
  readonly loses: "host" | "driver" | "nothing";
  /** Rows and columns of the matrices, where the line is too slow for larger ones, or the fault is there from the beginning. */
  readonly matrixSize?: number;
  /** Configuration of the host that it befalls. */
  host?(bed: Bed): Promise<object>;
  /** Resolves when it has passed, with the moment it began, in ms since 1970. */
  strike(on: Struck): Promise<number>;
  heal?(bed: Bed): Promise<unknown>;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) process.kill(pid, signal);
}

async function now(act: () => unknown): Promise<number> {
  const at = Date.now();
  await act();
  return at;
}

export const faults: readonly Fault[] = [
  {
    name: "kill −9 of the host process",
    when: "computing",
    loses: "host",
    strike: ({ processes }) => now(() => signalAll(processes, "SIGKILL")),
  },
  {
    name: "kill −9 of the driver",
    when: "computing",
    loses: "driver",
    strike: ({ driver }) => now(() => driver.kill()),
  },
  {
    name: "SIGSTOP of the host process, 3 s",
    when: "computing",
    loses: "nothing",
    async strike({ processes }) {
      const at = await now(() => signalAll(processes, "SIGSTOP"));
      await pause(3000);
      signalAll(processes, "SIGCONT");
      return at;
    },
  },
  {
    name: "SIGSTOP of the host process for good",
    when: "computing",
    loses: "host",
    strike: ({ processes }) => now(() => signalAll(processes, "SIGSTOP")),
  },
  {
    name: "link down",
    when: "computing",
    loses: "host",
    strike: ({ bed }) => now(() => bed.do("cut", struck)),
    heal: (bed) => bed.do("heal", struck),
  },
  {
    name: "link down 2 s and up",
    when: "computing",
    loses: "nothing",
    async strike({ bed }) {
      const at = await now(() => bed.do("cut", struck));
      await pause(2000);
      await bed.do("heal", struck);
      return at;
    },
  },
  {
    name: "20 % loss",
    when: "job",
    loses: "nothing",
    matrixSize: 400,
    strike: ({ bed }) => now(() => bed.do("loss", struck, 20)),
    heal: (bed) => bed.do("loss", struck, 0),
  },
  {
    name: "a 10 Mbit line",
    when: "launch",
    loses: "nothing",
    matrixSize: 800,
    strike: ({ bed }) => now(() => bed.do("rate", struck, "10mbit")),
    heal: (bed) => bed.do("rate", struck, 0),
  },
  {
    name: "200 ms delay",
    when: "launch",
    loses: "nothing",
    matrixSize: 800,
    strike: ({ bed }) => now(() => bed.do("delay", struck, 200)),
    heal: (bed) => bed.do("delay", struck, 0),
  },
  {
    name: "sshd killed",
    when: "computing",
    loses: "host",
    strike: ({ sshd }) => now(() => signalAll(sshd, "SIGKILL")),
    heal: (bed) => bed.restart(struck),
  },
  {
    name: "disk full on the host",
    when: "launch",
    loses: "nothing",
    matrixSize: 800,
    host: async () => ({ workingDir: "/var/tmp", env: { TMPDIR: "/tmp" } }),
    strike: ({ bed }) => now(() => bed.do("fill-disk", struck)),
    heal: (bed) => bed.do("empty-disk", struck),
  },
  {
    name: "clock off by an hour",
    when: "launch",
    loses: "nothing",
    matrixSize: 800,
    host: async (bed) => ({ nodeExecutable: (await bed.do("clock", struck)).trim() }),
    strike: async () => Date.now(),
  },
];
