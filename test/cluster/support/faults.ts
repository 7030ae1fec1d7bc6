/** The faults of the table: each befalls node2 of three, and is taken back afterwards. */
import type { Bed } from "./bed.ts";
import type { Driver } from "./driver.ts";

/** The host that it befalls, by number. */
export const struck = 2;

export interface Fault {
  readonly name: string;
  /** launch: it is there before the hosts are started; job: before the job; computing: when every rank computes. */
  readonly when: "launch" | "job" | "computing";
  /** Its host is lost (and the job ends right all the same), or the driver itself is; else it must not be. */
  readonly loses: "host" | "driver" | "nothing";
  /** Rows and columns of the matrices, where the line is too slow for larger ones. */
  readonly matrixSize?: number;
  /** Configuration of the host that it befalls. */
  host?(bed: Bed): Promise<object>;
  /** Resolves when it has passed, with the moment it began, in ms since 1970. */
  strike(bed: Bed, driver: Driver): Promise<number>;
  heal?(bed: Bed): Promise<unknown>;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function signalHost(bed: Bed, signal: NodeJS.Signals): Promise<number> {
  const processes = await bed.processes(struck);
  for (const { pid } of processes) process.kill(pid, signal);
  return Date.now();
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
    strike: (bed) => signalHost(bed, "SIGKILL"),
  },
  {
    name: "kill −9 of the driver",
    when: "computing",
    loses: "driver",
    strike: (_bed, driver) => now(() => driver.kill()),
  },
  {
    name: "SIGSTOP of the host process, 3 s",
    when: "computing",
    loses: "nothing",
    async strike(bed) {
      const at = await signalHost(bed, "SIGSTOP");
      await pause(3000);
      await signalHost(bed, "SIGCONT");
      return at;
    },
  },
  {
    name: "link down",
    when: "computing",
    loses: "host",
    strike: (bed) => now(() => bed.do("cut", struck)),
    heal: (bed) => bed.do("heal", struck),
  },
  {
    name: "link down 2 s and up",
    when: "computing",
    loses: "nothing",
    async strike(bed) {
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
    strike: (bed) => now(() => bed.do("loss", struck, 20)),
    heal: (bed) => bed.do("loss", struck, 0),
  },
  {
    name: "a 10 Mbit line",
    when: "launch",
    loses: "nothing",
    matrixSize: 800,
    strike: (bed) => now(() => bed.do("rate", struck, "10mbit")),
    heal: (bed) => bed.do("rate", struck, 0),
  },
  {
    name: "200 ms delay",
    when: "launch",
    loses: "nothing",
    matrixSize: 800,
    strike: (bed) => now(() => bed.do("delay", struck, 200)),
    heal: (bed) => bed.do("delay", struck, 0),
  },
  {
    name: "sshd killed",
    when: "computing",
    loses: "host",
    async strike(bed) {
      const pids = await bed.sshd(struck);
      return now(() => pids.forEach((pid) => void process.kill(pid, "SIGKILL")));
    },
    heal: (bed) => bed.restart(struck),
  },
  {
    name: "disk full on the host",
    when: "launch",
    loses: "nothing",
    host: async () => ({ workingDir: "/var/tmp", env: { TMPDIR: "/tmp" } }),
    strike: (bed) => now(() => bed.do("fill-disk", struck)),
    heal: (bed) => bed.do("empty-disk", struck),
  },
  {
    name: "clock off by an hour",
    when: "launch",
    loses: "nothing",
    host: async (bed) => ({ nodeExecutable: (await bed.do("clock", struck)).trim() }),
    strike: async () => Date.now(),
  },
];
