/** A driver process (programs/driver.js), whose cluster is on the hosts of a bed: what it tells, and when. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { HostSnapshot, JobStats } from "mpits";

const program = fileURLToPath(new URL("../programs/driver.js", import.meta.url));

/** What a driver tells. `at` is in ms since 1970. */
export type DriverEvent = { readonly at: number } & (
  | { readonly event: "up"; readonly hosts: readonly HostSnapshot[] }
  | { readonly event: "computing" }
  | { readonly event: "lost"; readonly host: string; readonly rank: number; readonly why: string }
  | {
      readonly event: "settled";
      readonly right: boolean;
      readonly result?: string;
      readonly error?: { readonly name: string; readonly message: string };
    }
  | ({ readonly event: "stats"; readonly hosts: readonly HostSnapshot[] } & Pick<
      JobStats,
      "elapsedMs" | "byHost" | "partsAgain"
    >)
  | { readonly event: "closed" }
  | {
      readonly event: "failed";
      readonly name: string;
      readonly message: string;
      readonly host?: string;
      readonly phase?: string;
    }
);

type Named<Name extends DriverEvent["event"]> = Extract<DriverEvent, { event: Name }>;

export class Driver {
  readonly child: ChildProcess;
  readonly events: DriverEvent[] = [];
  /** Resolves when it is gone, with its exit code. */
  readonly ended: Promise<number | null>;
  stderr = "";
  readonly #waiting = new Set<() => void>();

  /** @param sshConfig undefined: no hosts are reached by ssh */
  constructor(configuration: object, sshConfig?: string) {
    this.child = spawn(process.execPath, [program, JSON.stringify(configuration)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...(sshConfig !== undefined && { MPITS_SSH_CONFIG: sshConfig }) },
    });
    createInterface({ input: this.child.stdout! }).on("line", (line) => {
      if (!line.startsWith("{")) return;
      this.events.push(JSON.parse(line) as DriverEvent);
      for (const look of [...this.#waiting]) look();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.child.stdin!.on("error", () => {}); // it was killed
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
  }

  /** Begins a job when those before are done. */
  job(kernel: string, details: object = {}): void {
    this.child.stdin!.write(`${JSON.stringify({ kernel, ...details })}\n`);
  }

  /** It closes its cluster after the jobs that it was given. */
  finish(): void {
    this.child.stdin!.end();
  }

  /** The event number `nth` (from 1) of this name, as soon as it comes; rejects when the driver ends or fails without. */
  on<Name extends DriverEvent["event"]>(name: Name, nth = 1): Promise<Named<Name>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.events.filter(({ event }) => event === name)[nth - 1];
        if (!found) return;
        this.#waiting.delete(look);
        resolve(found as Named<Name>);
      };
      this.#waiting.add(look);
      look();
      void this.ended.then((code) =>
        reject(new Error(`the driver ended (${code}) without "${name}": ${this.#story()}`)),
      );
    });
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }

  #story(): string {
    return `${this.events.map((event) => JSON.stringify(event)).join("\n")}\n${this.stderr}`;
  }
}
