/**
 * How a host process comes up: the interface of all launchers. A launcher starts the process and feeds it its settings; it
 * knows nothing of ranks or messages. Settings, keys among them, go over stdin: what stands in argv or the environment can be read by others.
 */
import type { HostSpec } from "../config/host-spec.ts";

/** The first line on a host process's stdin, as JSON. */
export interface HostSettings {
  /** Its name at the driver, fresh for each process. */
  readonly peer: string;
  readonly host: string;
  readonly endpoint: string;
  readonly ranks: readonly number[];
  readonly size: number;
  readonly threads: number;
  readonly rankMemoryMb: number | undefined;
  readonly rankPrefix: boolean;
  readonly logLevel: string;
}

/** How a host process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last lines that it wrote to stderr. */
  readonly lastOutput: string;
}

/** A host process that was started. */
export interface HostProcess {
  readonly host: string;
  readonly pid: number | undefined;
  /** Resolves, never rejects, when the process has ended. */
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

export interface Launcher {
  /** Starts the process. @throws LaunchError naming host and phase. */
  launch(spec: HostSpec, settings: HostSettings, callbacks: LaunchCallbacks): Promise<HostProcess>;
}
