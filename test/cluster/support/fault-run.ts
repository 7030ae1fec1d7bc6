/** One fault in one job: what became of the job, when it was noticed, and what was left running. */
import { isRunning } from "../../support/program.ts";
import type { Bed, BedProcess } from "./bed.ts";
import { Driver } from "./driver.ts";
import { type Fault, struck } from "./faults.ts";
import type { Workload } from "./workloads.ts";

/** A host process ends by itself when it has heard nothing of its driver for so long, in ms. */
const leaseMs = 10_000;
/** Noticing that a lease is over, and ending, takes a moment itself, in ms. */
const leaseSlackMs = 1000;
const mostMs = 90_000;

export interface FaultOutcome {
  /** `right`, `driver gone`, or the name of the error. */
  readonly result: string;
  /** From the fault until the driver said that the host is lost, or, for a fault of the driver, until all other processes had ended. Undefined: nothing was lost. */
  readonly detectedMs: number | undefined;
  /** The job, from its start. */
  readonly jobMs: number | undefined;
  /** From the end of the cluster (or of the driver), and at the least from the fault, until nothing was left on any host. */
  readonly goneMs: number;
  /** Processes left on the hosts when the lease was over. */
  readonly left: number;
  /** What happened, for people. */
  readonly story: string;
}

export async function runFault(bed: Bed, fault: Fault, { kernel, details }: Workload): Promise<FaultOutcome> {
  const driver = new Driver(await configuration(bed, fault), bed.sshConfig);
  const overdue = setTimeout(() => driver.kill(), mostMs);
  const strike = () =>
    fault.strike({
      bed,
      driver,
      processes: running.filter(({ host }) => host === bed.hosts[struck - 1]).map(({ pid }) => pid),
      sshd,
    });
  let running: readonly BedProcess[] = [];
  let sshd: readonly number[] = [];
  let struckAt = 0;
  try {
    if (fault.when === "launch") struckAt = await strike();
    await driver.on("up");
    running = await bed.processes();
    sshd = await bed.sshd(struck);
    if (fault.when === "job") struckAt = await strike();
    driver.job(kernel, details);
    if (fault.when === "computing") {
      await driver.on("computing");
      struckAt = await strike();
    }
    driver.finish();
    await driver.ended;
    const endedAt = fault.loses === "driver" ? struckAt : Date.now();
    const deadline = Math.max(endedAt, struckAt + leaseMs) + leaseSlackMs;
    const goneAt = await ended(running, deadline);
    const left = await leftAt(bed, deadline);
    return outcome(driver, fault, struckAt, endedAt, goneAt, left);
  } finally {
    clearTimeout(overdue);
    driver.kill();
    await fault.heal?.(bed);
    await ended(await bed.processes(), Date.now() + leaseMs + leaseSlackMs);
  }
}

async function configuration(bed: Bed, fault: Fault): Promise<object> {
  const own = (await fault.host?.(bed)) ?? {};
  const hosts = bed.hosts.map((host, i) => ({ host, ...(i + 1 === struck && own) }));
  return { hosts, perNodeCores: 2, leaseMs };
}

function outcome(
  driver: Driver,
  fault: Fault,
  struckAt: number,
  endedAt: number,
  goneAt: number,
  left: number,
): FaultOutcome {
  const find = <Name extends Driver["events"][number]["event"]>(name: Name) =>
    driver.events.find((each): each is Extract<Driver["events"][number], { event: Name }> => each.event === name);
  const settled = find("settled");
  const lost = find("lost");
  const failed = find("failed");
  const byDriver = fault.loses === "driver";
  const error = settled?.error?.name ?? failed?.name;
  return {
    result: settled?.right ? "right" : (error ?? (byDriver ? "driver gone" : settled ? "WRONG" : "HANGS")),
    detectedMs: byDriver ? goneAt - struckAt : lost && lost.at - struckAt,
    jobMs: find("stats")?.elapsedMs,
    goneMs: goneAt - endedAt,
    left,
    story: `${driver.events.map((event) => JSON.stringify(event)).join("\n")}\n${driver.stderr}`,
  };
}

/** How many processes are on the hosts at `deadline`, in ms since 1970; 0 as soon as there are none. */
async function leftAt(bed: Bed, deadline: number): Promise<number> {
  for (;;) {
    const { length } = await bed.processes();
    if (length === 0 || Date.now() >= deadline) return length;
  }
}

/** Waits until these processes have ended, or until `deadline`. Returns when that was. Both in ms since 1970. */
async function ended(processes: readonly BedProcess[], deadline: number): Promise<number> {
  while (Date.now() < deadline && processes.some(({ pid }) => isRunning(pid)))
    await new Promise((resolve) => setTimeout(resolve, 5));
  return Date.now();
}
