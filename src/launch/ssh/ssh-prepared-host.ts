/** A host that was reached by ssh, with a host process on it that waits for its settings. */
import net from "node:net";
import type { HostSpec } from "../../config/host-spec.ts";
import type { HostAddress, HostProbe, HostProcess, HostSettings, LaunchCallbacks, PreparedHost } from "../launcher.ts";
import type { Connection } from "./connection.ts";
import type { PhaseClock } from "./phase-clock.ts";
import type { RemoteSession } from "./remote-session.ts";
import { SshHostProcess } from "./ssh-host-process.ts";
import { reasonOf, Trouble } from "./trouble.ts";

const abortDeadlineMs = 2000;

export class SshPreparedHost implements PreparedHost {
  readonly host: string;
  readonly probe: HostProbe;
  readonly #spec: HostSpec;
  readonly #session: RemoteSession;
  readonly #connection: Connection;
  readonly #clock: PhaseClock;

  constructor(spec: HostSpec, probe: HostProbe, session: RemoteSession, connection: Connection, clock: PhaseClock) {
    this.host = spec.name;
    this.probe = probe;
    this.#spec = spec;
    this.#session = session;
    this.#connection = connection;
    this.#clock = clock;
  }

  async start(settings: HostSettings, callbacks: LaunchCallbacks): Promise<HostProcess> {
    const ended = this.#session.ended;
    if (ended) {
      const trouble = new Trouble(ended.connectionLost ?? `its host process ended with exit code ${ended.code}`, {
        remedy: "It was ready before; its last output may tell more.",
        phase: "start",
        timeless: true,
      });
      throw this.#clock.errorOf(trouble, ended.lastOutput);
    }
    // Not by ssh's own request for it: servers let only a few names through.
    this.#session.handOver(JSON.stringify({ ...settings, env: { ...this.#spec.env, ...settings.env } }), callbacks);
    return this.#process();
  }

  abort(): Promise<void> {
    return this.#process().end(abortDeadlineMs);
  }

  async tunnel(target: HostAddress | { readonly path: string }): Promise<HostAddress> {
    const { client } = this.#connection;
    const host = "127.0.0.1";
    const port = await new Promise<number>((resolve, reject) => {
      client.forwardIn(host, 0, (error, bound) => (error ? reject(this.#noTunnel(error)) : resolve(bound)));
    });
    client.on("tcp connection", ({ destPort }, accept, refuse) => {
      if (destPort !== port) return refuse();
      const channel = accept();
      const socket = net.connect({ ...target, noDelay: true }).unref(); // the ssh connection alone keeps the program running
      socket.on("error", () => channel.end());
      channel.on("error", () => socket.destroy());
      channel.on("close", () => socket.destroy());
      channel.pipe(socket).pipe(channel);
    });
    return { host, port };
  }

  #process(): SshHostProcess {
    return new SshHostProcess(this.host, this.probe.pid, this.#session, this.#connection);
  }

  #noTunnel(cause: unknown): unknown {
    const trouble = new Trouble("its ssh server does not open a tunnel", {
      note: reasonOf(cause),
      remedy: `Permit it there (AllowTcpForwarding in sshd_config), or go without "tunnel".`,
      phase: "call back",
      timeless: true,
      cause,
    });
    return this.#clock.errorOf(trouble);
  }
}
