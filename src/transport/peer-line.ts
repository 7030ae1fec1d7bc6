/** The connecting side of a connection between two hosts: one DEALER to the other's door, for the data of their ranks. */
import { type DealerOptions, DialledLine } from "./dialled-line.ts";
import type { Frames } from "./transport.ts";

export class PeerLine {
  readonly #line: DialledLine;

  /** @param ticket the name under which the other side expects it */
  constructor(ticket: string, options: Pick<DealerOptions, "curve" | "tickMs">) {
    this.#line = new DialledLine(ticket, "data", options);
  }

  /** Calls back when the connection, which stood, has broken: its other side is gone. */
  onBroken(broken: () => void): void {
    this.#line.onBroken(broken);
  }

  connect(endpoint: string, deliver: (frames: Frames) => void): void {
    this.#line.start(deliver);
    this.#line.connect(endpoint);
  }

  watch(on: boolean): void {
    this.#line.watch(on);
  }

  send(frames: Frames): Promise<void> {
    return this.#line.send(frames);
  }

  close(): Promise<void> {
    return this.#line.close();
  }
}
