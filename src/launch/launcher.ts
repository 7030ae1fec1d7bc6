/**
 * How a host process comes up: the interface of all launchers. A launcher starts the process and feeds it its settings; it
 * knows nothing of ranks or messages. Settings, keys among them, go over stdin: what stands in argv or the environment can be read by others.
 *
 * It goes in two steps, so that the driver can choose what a host needs to know (which of its own addresses that host reaches)
 * from what all hosts have answered: `prepare` reaches the host and asks what it is, `start` gives it its settings.
 */
import type { HostSpec } from "../config/host-spec.ts";
import type { PeerSettings } from "../host/peers/peer-door.ts";
import type { ModuleRoot } from "../thread/module-roots.ts";

/**
 * What a host goes through, in this order; `LaunchError.phase` is one of them. A local host knows only the last two, and "sync" is
 * there only when the project is sent.
 */
export type LaunchPhase =
  | "resolve"
  | "connect"
  | "host key"
  | "authenticate"
  | "find node"
  | "sync"
  | "check versions"
  | "start"
  | "call back";

/** The first line with content on a host process's stdin, as JSON. */
export interface HostSettings {
  /** Its name at the driver, fresh for each process. */
  readonly peer: string;
  readonly host: string;
  /** Where rank 0 may be reached, likeliest first. */
  readonly endpoints: readonly string[];
  readonly ranks: readonly number[];
  readonly size: number;
  readonly threads: number;
  readonly rankMemoryMb: number | undefined;
  readonly nice: number;
  /** The arguments of the driver's program: a kernel's module may be that program, and look at them. */
  readonly arguments: readonly string[];
  readonly logLevel: string;
  /** How long the host tries to reach rank 0. */
  readonly connectTimeoutS: number;
  /** The host's own keys and rank 0's public one, for a connection that leaves the machine. */
  readonly curve?: {
    readonly keys: { readonly publicKey: string; readonly secretKey: string };
    readonly serverKey: string;
  };
  /** How it talks to the other hosts of the cluster. */
  readonly peers: PeerSettings;
  /** The host process ends when nothing was heard of rank 0 for so long, in ms. Undefined: when its stdin ends. */
  readonly leaseMs?: number;
  /** Environment variables to set before any kernel is loaded. A launcher that can't set them otherwise fills this in. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Where the driver's folders lie on this host, when its project was sent. A launcher that sent it fills this in. */
  readonly roots?: readonly ModuleRoot[];
}

/** What a host process says of itself and its machine. */
export interface HostFacts {
  readonly hostname: string;
  readonly pid: number;
  /** The Node executable. */
  readonly node: string;
  /** As `process.version`: `v20.11.0`. */
  readonly nodeVersion: string;
  /** As `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly architecture: string;
  readonly packageVersion: string;
  /** Hardware threads that the process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Its clock, in ms since 1970. */
  readonly epochMs: number;
  /** Where the host sees its ssh connection come from: the driver's address, or that of the last jump host. */
  readonly clientAddress?: string | undefined;
}

/** What is known of a host before it has got its settings. */
export interface HostProbe extends HostFacts {
  /** Its clock minus the driver's, in ms; wrong by at most the time that one message takes. */
  readonly clockOffsetMs: number;
  /** The driver's own address on the connection to this host, or to its first jump host. */
  readonly localAddress?: string | undefined;
  /** How many jump hosts are in between. With any, `clientAddress` is not the driver's. */
  readonly jumps: number;
}

/** How a host process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote to stderr. */
  readonly lastOutput: string;
  /** Set when it is not known how it ended, since the way to it broke: `the ssh connection was lost: read ECONNRESET`. */
  readonly connectionLost?: string;
}

/** A host process that was started. */
export interface HostProcess {
  readonly host: string;
  readonly pid: number | undefined;
  /** Resolves, never rejects, when the process has ended, or nothing can be known of it any more. */
  readonly exited: Promise<ProcessExit>;
  /** Closes its stdin, at which it ends by itself; kills it when it has not after `deadlineMs`. Resolves when it is gone. */
  end(deadlineMs: number): Promise<void>;
  /** Whether it keeps this program from ending. */
  ref(): void;
  unref(): void;
}

/** Where what a host process writes goes. */
export interface LaunchCallbacks {
  output(stream: "stdout" | "stderr", line: string): void;
}

/** What holds for one launch. */
export interface LaunchOptions {
  /** What errors say could not be started: `ranks 3 and 4 on node9`. Default: the host's name. */
  readonly who?: string;
  /** Gives up: `prepare` rejects with the signal's reason and leaves nothing running. No effect afterwards. */
  readonly signal?: AbortSignal;
}

/** An address that a host can connect to. */
export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

/** A host that was reached and can run a host process. Either `start` or `abort` must follow. */
export interface PreparedHost {
  readonly host: string;
  readonly probe: HostProbe;
  /** How many files of the project the host did not have yet, and their size. Missing where no project is sent. */
  readonly sent?: { readonly files: number; readonly bytes: number } | undefined;
  /** What works, but may surprise, as whole sentences. */
  readonly warnings?: readonly string[];
  /** Gives the host process its settings. @throws LaunchError naming host and phase. */
  start(settings: HostSettings, callbacks: LaunchCallbacks): Promise<HostProcess>;
  /** Lets go of the host; nothing is left running there. */
  abort(): Promise<void>;
  /**
   * Opens a port on the host's own loopback whose connections come out here, at `target` (a port or a socket path). For hosts
   * that can't reach the driver. Missing where there is no need for it. @throws LaunchError when the host forbids it.
   */
  tunnel?(target: HostAddress | { readonly path: string }): Promise<HostAddress>;
}

export interface Launcher {
  /** Reaches the host and finds out what it is. @throws LaunchError naming host and phase. */
  prepare(spec: HostSpec, options?: LaunchOptions): Promise<PreparedHost>;
}
