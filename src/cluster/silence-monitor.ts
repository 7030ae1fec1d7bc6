/**
 * Notices hosts from which nothing comes any more. It counts its own ticks and not the time: a driver that was busy itself
 * must not take its hosts for silent.
 */
const ticksUntilLost = 5;

/** A host as the monitor sees it. */
export interface Monitored {
  /** True while it owes an answer, and so must be heard of. */
  readonly expected: boolean;
}

export class SilenceMonitor<Host extends Monitored> {
  readonly #misses = new Map<Host, number>();
  readonly #tickMs: number;
  readonly #silent: (host: Host) => void;
  #timer: NodeJS.Timeout | undefined;

  /** @param silenceMs a host of which nothing is heard for so long is silent */
  constructor(silenceMs: number, silent: (host: Host) => void) {
    this.#tickMs = silenceMs / ticksUntilLost;
    this.#silent = silent;
  }

  start(hosts: () => readonly Host[]): void {
    this.#timer ??= setInterval(() => this.tick(hosts()), this.#tickMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#misses.clear();
  }

  heard(host: Host): void {
    this.#misses.delete(host);
  }

  tick(hosts: readonly Host[]): void {
    for (const host of hosts) {
      if (!host.expected) {
        this.#misses.delete(host);
        continue;
      }
      const misses = (this.#misses.get(host) ?? 0) + 1;
      this.#misses.set(host, misses);
      if (misses > ticksUntilLost) this.#silent(host);
    }
  }
}
