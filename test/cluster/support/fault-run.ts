/** One fault in one job: what became of the job, when it was noticed, and what was left running. */
import { isRunning } from "../../support/program.ts";
import type { Bed, BedProcess } from "./bed.ts";
import { Driver } from "./driver.ts";
import { type Fault, struck } from "./faults.ts";
import type { Workload } from "./workloads.ts";

/** A host process ends by itself when it has heard nothing of its driver for so long, in ms. */
export const leaseMs = 10_000;
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
  let running: readonly BedProcess[] = [];
  try {
    if (fault.when === "launch") await fault.strike(bed, driver);
    await driver.on("up");
    if (fault.when === "job") await fault.strike(bed, driver);
    driver.job(kernel, details);
    let struckAt = Date.now();
    if (fault.when === "computing") {
      await driver.on("computing");
      running = await bed.processes();
      struckAt = await fault.strike(bed, driver);
    } else running = await bed.processes();
    driver.finish();
    await driver.ended;
    const endedAt = fault.loses === "driver" ? struckAt : Date.now();
    const deadline = Math.max(endedAt, struckAt + leaseMs) + leaseSlackMs;
    const goneAt = await ended(running, deadline);
    const left = (await bed.processes()).length;
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

/** Waits until these processes have ended, or until `deadline`. Returns when that was. Both in ms since 1970. */
async function ended(processes: readonly BedProcess[], deadline: number): Promise<number> {
  while (Date.now() < deadline && processes.some(({ pid }) => isRunning(pid)))
    await new Promise((resolve) => setTimeout(resolve, 5));
  return Date.now();
}
