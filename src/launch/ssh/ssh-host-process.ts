/** A host process on another machine, at the other end of its ssh connection. */
import type { HostProcess, ProcessExit } from "../launcher.ts";
import type { Connection } from "./connection.ts";
import type { RemoteSession } from "./remote-session.ts";

/** How long the host may take to kill it, in ms. */
const killMs = 1000;

export class SshHostProcess implements HostProcess {
  readonly host: string;
  readonly pid: number;
  readonly #session: RemoteSession;
  readonly #connection: Connection;

  /** @param pid as that machine numbers its processes */
  constructor(host: string, pid: number, session: RemoteSession, connection: Connection) {
    this.host = host;
    this.pid = pid;
    this.#session = session;
    this.#connection = connection;
  }

  get exited(): Promise<ProcessExit> {
    return this.#session.exited;
  }

  /** It ends by itself when its stdin does, and is killed when it has not after `deadlineMs`; one out of reach is left to its lease. */
  async end(deadlineMs: number): Promise<void> {
    this.ref();
    this.#session.closeStdin();
    const timers = [
      setTimeout(() => this.#kill(), deadlineMs),
      setTimeout(() => this.#connection.destroy(`it did not end within ${deadlineMs} ms`), deadlineMs + killMs),
    ];
    await this.exited;
    for (const timer of timers) clearTimeout(timer);
    await this.#connection.end();
  }

  /** As long as its channel is open, the number is its own. By a command, too: servers refuse ssh's request when root is logged in. */
  #kill(): void {
    this.#session.kill();
    try {
      this.#connection.client.exec(`kill -9 ${this.pid}`, (_error, channel) => channel?.resume());
    } catch {
      // the connection is gone
    }
  }

  ref(): void {
    this.#connection.ref();
  }

  unref(): void {
    this.#connection.unref();
  }
}
