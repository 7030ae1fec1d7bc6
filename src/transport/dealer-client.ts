/** A host process's side of the star: two ZeroMQ DEALERs to rank 0's ROUTER, one for control and one for data. */
import { fairTimeout } from "../fair-timeout.ts";
import { type DealerOptions, DialledLine } from "./dialled-line.ts";
import { longestFrame, refusal } from "./frame-limit.ts";
import { type ClientTransport, type Frames, type Lane, lanes } from "./transport.ts";

interface ClientOptions extends Omit<DealerOptions, "heartbeatMs"> {
  /** The other side counts as gone when nothing was heard of it for so long, in ms. Undefined: only when it closes. */
  readonly silenceMs?: number | undefined;
}

/** The part of `silenceMs` after which a connection without a sign of life is tried anew; what is left is for that. */
const untilBroken = 0.6;

export class DealerClient implements ClientTransport {
  readonly longestFrame: number;
  readonly #lines: Record<Lane, DialledLine>;
  /** Lanes whose connection has broken. */
  readonly #broken = new Set<Lane>();
  readonly #silenceMs: number | undefined;
  /** Ends the time-out for a new connection. */
  #stopClock: (() => void) | undefined;

  /** @param peer this host process's name at the driver, the same that the driver gave it */
  constructor(peer: string, { silenceMs, ...options }: ClientOptions = {}) {
    this.longestFrame = longestFrame(options.inside ?? false);
    this.#silenceMs = silenceMs;
    // No beats on the data lane: behind a large frame on a slow line, an answer may come late.
    const heartbeatMs = silenceMs === undefined ? undefined : silenceMs * untilBroken;
    this.#lines = {
      control: new DialledLine(peer, "control", { ...options, heartbeatMs }),
      data: new DialledLine(peer, "data", options),
    };
  }

  /**
   * Calls back when the other side is gone: both connections have broken, or one has and can't be made anew in what is left
   * of `silenceMs`.
   */
  onBroken(broken: () => void): void {
    for (const lane of lanes) this.#lines[lane].onBroken(() => this.#broke(lane, broken));
  }

  /** Calls back when the connection of a lane stood still, and a new one has taken its place. */
  onRenewed(renewed: (lane: Lane) => void): void {
    for (const lane of lanes)
      this.#lines[lane].onRenewed = () => {
        this.#broken.delete(lane);
        if (this.#broken.size === 0) this.#stopClock?.();
        renewed(lane);
      };
  }

  connect(endpoint: string): void {
    for (const lane of lanes) this.#lines[lane].connect(endpoint);
  }

  start(deliver: (lane: Lane, frames: Frames) => void): void {
    for (const lane of lanes) this.#lines[lane].start((frames) => deliver(lane, frames));
  }

  send(lane: Lane, frames: Frames): Promise<void> {
    const refused = refusal(frames, this.longestFrame);
    return refused ? Promise.reject(refused) : this.#lines[lane].send(frames);
  }

  flush(): void {
    this.#lines.data.flush();
  }

  watch(on: boolean): void {
    this.#lines.data.watch(on);
  }

  rest(): void {
    for (const lane of lanes) this.#lines[lane].rest();
  }

  resume(): void {
    for (const lane of lanes) this.#lines[lane].resume();
  }

  async close(): Promise<void> {
    this.#stopClock?.();
    await Promise.all(lanes.map((lane) => this.#lines[lane].close()));
  }

  #broke(lane: Lane, broken: () => void): void {
    this.#broken.add(lane);
    if (this.#silenceMs === undefined || this.#broken.size === lanes.length) return broken();
    this.#lines[lane].renew();
    this.#stopClock?.();
    this.#stopClock = fairTimeout(broken, this.#silenceMs * (1 - untilBroken), { keepsAlive: false });
  }
}
