/** A host process on another machine, at the other end of its ssh connection. */
import type { HostProcess, ProcessExit } from "../launcher.ts";
import type { Connection } from "./connection.ts";
import type { RemoteSession } from "./remote-session.ts";

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

  /** It ends by itself when its stdin does. What does not can only be left to its lease: ssh has no sure way to kill it. */
  async end(deadlineMs: number): Promise<void> {
    this.ref();
    this.#session.closeStdin();
    const timer = setTimeout(() => {
      this.#session.kill();
      this.#connection.destroy(`it did not end within ${deadlineMs} ms`);
    }, deadlineMs);
    await this.exited;
    clearTimeout(timer);
    await this.#connection.end();
  }

  ref(): void {
    this.#connection.ref();
  }

  unref(): void {
    this.#connection.unref();
  }
}
