/** One host under check: what became of it, what is known of it, and in the end its lines of the report. */
import type { Arrival } from "../cluster/fleet.ts";
import { LaunchError } from "../errors.ts";
import type { HostFacts } from "../launch/launcher.ts";
import type {
  CheckedHost,
  CheckedLine,
  CheckedMachine,
  CheckedPhase,
  CheckPhase,
  CheckProblem,
} from "./check-report.ts";
import type { Introduction } from "./echo.ts";

const allPhases: readonly CheckPhase[] = [
  "resolve",
  "connect",
  "host key",
  "authenticate",
  "find node",
  "sync",
  "check versions",
  "start",
  "call back",
  "work",
];
const firstPhase = { driver: "work", local: "start", ssh: "resolve" } as const;

/** From here on, what a log says of when and in which order is misleading. */
const largeOffsetMs = 1000;

export class HostCheck {
  readonly name: string;
  readonly ranks: readonly number[];
  readonly #launcher: CheckedHost["launcher"];
  readonly #synced: boolean;
  /** Warnings of the launch. */
  readonly #before: readonly string[];
  #problem: CheckProblem | undefined;
  #facts: HostFacts | undefined;
  #arithmetic: Introduction["arithmetic"] | undefined;
  line: CheckedLine | undefined;

  /** @param synced whether its project is sent to hosts */
  constructor({ name, ranks, spec, probe, warnings, failure }: Arrival, synced: boolean) {
    this.name = name;
    this.ranks = ranks;
    this.#launcher = spec?.launcher ?? "driver";
    this.#synced = synced;
    this.#before = warnings;
    // What the local launcher knows beforehand is about this process, which may be run by another Node.
    if (this.#launcher === "ssh") this.#facts = probe;
    if (failure !== undefined) this.#problem = problemOf(failure);
  }

  get usable(): boolean {
    return this.#problem === undefined;
  }

  introduced({ facts, arithmetic }: Introduction): void {
    this.#facts = facts;
    this.#arithmetic = arithmetic;
  }

  /** It came up, but its ranks don't work. */
  failed(what: string, remedy: string, lastOutput = ""): void {
    this.#problem ??= { phase: "work", message: `${this.name} came up, but ${what}. ${remedy}`, remedy, lastOutput };
  }

  /** @param driver the driver's own host, to compare with */
  report(driver: HostCheck): CheckedHost {
    return {
      name: this.name,
      launcher: this.#launcher,
      ranks: this.ranks,
      ok: this.usable,
      phases: this.#phases(),
      problem: this.#problem ?? null,
      warnings: this.#warnings(driver),
      machine: this.#facts ? machineOf(this.#facts) : null,
      arithmetic: this.#arithmetic?.name ?? null,
      line: this.line ?? null,
    };
  }

  #phases(): CheckedPhase[] {
    const own = allPhases.slice(allPhases.indexOf(firstPhase[this.#launcher]));
    const phases = this.#synced ? own : own.filter((phase) => phase !== "sync");
    const failedAt = this.#problem ? phases.indexOf(this.#problem.phase) : phases.length;
    return phases.map((phase, i) => ({ phase, state: i < failedAt ? "ok" : i === failedAt ? "failed" : "skipped" }));
  }

  #warnings(driver: HostCheck): string[] {
    const facts = this.#facts;
    if (!facts) return [];
    const out = [...this.#before];
    if (this.ranks.length > facts.cores)
      out.push(
        `${this.ranks.length} ranks share ${facts.cores} cores. Set "slots" (or "perNodeCores") to ${facts.cores}.`,
      );
    const [here, there] = [driver.#facts?.nodeVersion, facts.nodeVersion];
    if (here !== undefined && majorOf(here) !== majorOf(there))
      out.push(
        `Node is ${there} there and ${here} here. Use the same major version, or your code may behave differently.`,
      );
    const { refused, advice } = this.#arithmetic ?? {};
    for (const words of [refused, advice]) if (words !== undefined) out.push(`matMul: ${words}.`);
    const { clockOffsetMs = 0, clockUncertaintyMs = 0 } = this.line ?? {};
    if (Math.abs(clockOffsetMs) - clockUncertaintyMs > largeOffsetMs)
      out.push(
        `its clock is ${(Math.abs(clockOffsetMs) / 1000).toFixed(1)} s ${clockOffsetMs > 0 ? "fast" : "slow"}. Jobs don't mind, but times in logs mislead; let NTP set it.`,
      );
    if (this.usable && this.line && this.line.toHostBytesPerS === null)
      out.push("the bandwidth was not measured: no transfer came through in time.");
    return out;
  }
}

function problemOf(failure: unknown): CheckProblem {
  if (failure instanceof LaunchError) {
    const { message, remedy, lastOutput } = failure;
    return { phase: failure.phase as CheckPhase, message, remedy, lastOutput };
  }
  // Not the host's fault: a port that is taken here, for example.
  return { phase: "call back", message: String((failure as Error)?.message ?? failure), remedy: "", lastOutput: "" };
}

function machineOf(facts: HostFacts): CheckedMachine {
  const { node, nodeVersion, packageVersion, platform, architecture, cores, memoryBytes } = facts;
  return { node, nodeVersion, packageVersion, platform, architecture, cores, memoryBytes };
}

function majorOf(version: string): string {
  return version.split(".", 1)[0]!;
}
