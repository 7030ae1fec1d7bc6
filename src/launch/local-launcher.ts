/** Starts a host process on this machine, as a child of the driver. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { HostSpec } from "../config/host-spec.ts";
import { LaunchError } from "../errors.ts";
import { fairTimeout } from "../fair-timeout.ts";
import { describeHost } from "../host/describe-host.ts";
import { LineWriter } from "../host/line-writer.ts";
import { loaderArguments } from "../host/loader-arguments.ts";
import { builtUrl } from "../places.ts";
import type { HostProcess, HostSettings, LaunchCallbacks, Launcher, PreparedHost, ProcessExit } from "./launcher.ts";
import { OutputTail } from "./output-tail.ts";

const hostMain = fileURLToPath(builtUrl("host/host-main.cjs"));

/** How long the output of a host process that has ended is waited for, in ms. */
const closeMs = 200;

export const localLauncher: Launcher = {
  async prepare(spec: HostSpec): Promise<PreparedHost> {
    return {
      host: spec.name,
      probe: { ...describeHost(), clockOffsetMs: 0, jumps: 0 },
      start: (settings, callbacks) => startChild(spec, settings, callbacks),
      abort: async () => {},
    };
  },
};

async function startChild(spec: HostSpec, settings: HostSettings, callbacks: LaunchCallbacks): Promise<HostProcess> {
  const node =
    spec.nodeExecutable === undefined || spec.nodeExecutable === "node" ? process.execPath : spec.nodeExecutable;
  const child = spawn(node, [...loaderArguments(process.execArgv), hostMain], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: spec.workingDir ?? process.cwd(),
    env: { ...process.env, ...spec.env },
  });
  const host = new LocalHostProcess(spec.name, child, callbacks);
  await host.started(node);
  child.stdin?.write(`${JSON.stringify(settings)}\n`);
  return host;
}

class LocalHostProcess implements HostProcess {
  readonly host: string;
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;
  readonly #tail = new OutputTail();

  constructor(host: string, child: ChildProcess, callbacks: LaunchCallbacks) {
    this.host = host;
    this.#child = child;
    const stderr = new LineWriter((line) => {
      this.#tail.push(line);
      callbacks.output("stderr", line);
    });
    const stdout = new LineWriter((line) => callbacks.output("stdout", line));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    child.stdin?.on("error", () => {}); // it ended while we wrote to it: its exit tells
    this.exited = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        const end = () => resolve({ code, signal, lastOutput: this.#tail.text });
        child.once("close", end); // what it wrote last has been read
        fairTimeout(end, closeMs, { keepsAlive: false }); // unless a process that it started holds its output open
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  started(node: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#child.once("spawn", resolve);
      this.#child.once("error", (cause) => {
        const remedy = `Check "nodeExecutable" (${node}) and "workingDir".`;
        const text = `could not start a host process for ${this.host}: ${cause.message}. ${remedy}`;
        reject(new LaunchError(text, { host: this.host, phase: "start", remedy, cause }));
      });
    });
  }

  async end(deadlineMs: number): Promise<void> {
    this.ref();
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), deadlineMs);
    await this.exited;
    clearTimeout(timer);
  }

  ref(): void {
    this.#child.ref();
  }

  unref(): void {
    this.#child.unref();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr])
      (stream as { unref?: () => void } | null)?.unref?.();
  }
}
