// The runner's side of a contender: one process per contender and row, so that nobody profits from what another left warm.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export class ContenderProcess {
  #child;
  #name;

  /** Starts it and resolves when it is ready to give samples. */
  static async open(root, suite, row, name) {
    const process = new ContenderProcess(root, suite, row, name);
    await process.#answer();
    return process;
  }

  constructor(root, suite, row, name) {
    this.#name = `${suite.name}/${row.id}, ${name}`;
    const file = join(root, "bench", "suites", `${suite.name}.mjs`);
    this.#child = fork(join(root, "bench", "support", "contender.mjs"), [file, row.id, name], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
  }

  /** The numbers of one sample: one, or a distribution. */
  sample() {
    this.#child.send("sample");
    return this.#answer();
  }

  async close() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    if (this.#child.connected) this.#child.disconnect();
    await ended;
  }

  async #answer() {
    const ended = new AbortController();
    const gone = once(this.#child, "exit", { signal: ended.signal }).then(([code, signal]) => {
      throw new Error(`${this.#name}: its process ended (${signal ?? code})`);
    });
    gone.catch(() => {}); // aborted, when the answer came first
    try {
      const [{ values, error }] = await Promise.race([once(this.#child, "message"), gone]);
      if (error) throw new Error(`${this.#name}: ${error}`);
      return values;
    } finally {
      ended.abort();
    }
  }
}
