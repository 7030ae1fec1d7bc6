/** Runs a small program of test/programs as its user would, and follows what it prints. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";
  readonly #waiting: (() => void)[] = [];

  constructor(name: string, args: readonly string[] = [], nodeArgs: readonly string[] = []) {
    const file = fileURLToPath(new URL(`../programs/${name}`, import.meta.url));
    this.child = spawn(process.execPath, [...nodeArgs, file, ...args], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env }, // jest's is a copy of the real one, which a child gets otherwise
    });
    this.child.stdin!.on("error", () => {}); // one that ended without reading
    this.child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      for (const look of [...this.#waiting]) look();
    });
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      for (const look of [...this.#waiting]) look();
    });
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code, signal) => resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  /** Resolves with the match as soon as stdout or stderr has it; rejects when the program ends without. */
  printed(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
        if (match) resolve(match);
      };
      this.#waiting.push(look);
      look();
      void this.ended.then((end) => reject(new Error(`it ended without printing ${pattern}: ${JSON.stringify(end)}`)));
    });
  }

  /** The processes of its hosts, from the line that the program prints. */
  async hostPids(): Promise<number[]> {
    return JSON.parse((await this.printed(/^hosts (.*)$/m))[1]!) as number[];
  }
}

/**
 * Resolves when the process is gone; its state is looked at again and again, since it is no child of ours. One that has
 * ended but was not collected yet by its adopted parent counts as gone.
 */
export async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** False for a process that does not exist, or is only a zombie. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3) !== "Z";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" && !existsSync("/proc/self/stat");
  }
}
