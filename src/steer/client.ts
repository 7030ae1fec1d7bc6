/** The other end of a driver's socket: asks, and follows what goes on. It loads nothing of the runtime, so that a command starts at once. */
import { connect, type Socket } from "node:net";
import { fairTimeout } from "../fair-timeout.ts";
import { LineReader } from "./lines.ts";
import { type Answer, longestAnswer, type Refusal, type Request } from "./protocol.ts";

/** The driver refused; `refusal` says why. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

/** The driver is gone, or does not answer. */
export class DriverGoneError extends Error {
  override readonly name = "DriverGoneError";
}

/** Nothing was heard of it for as long as one would wait. */
export class DriverSilentError extends DriverGoneError {}

interface Waiting {
  next(value: unknown): void;
  end(value: unknown): void;
  fail(error: Error): void;
}

export class DriverLink {
  readonly pid: number;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  private constructor(pid: number, socket: Socket) {
    this.pid = pid;
    this.#socket = socket;
    const lines = new LineReader(
      longestAnswer,
      (line) => this.#answered(JSON.parse(line) as Answer),
      () => socket.destroy(),
    );
    socket.setEncoding("utf8").on("data", (text: string) => lines.push(text));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#failAll(`driver ${pid} has ended.`));
  }

  /** Rejects with the system's error (ECONNREFUSED where nobody listens any more). */
  static open(path: string, pid: number): Promise<DriverLink> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new DriverLink(pid, socket));
      });
    });
  }

  /**
   * Asks, and gives the last word of the answer; `next` gets what comes before it.
   *
   * @param patienceMs how long to wait for the first word. Default: for ever.
   * @throws RefusedError, DriverGoneError
   */
  async ask<Last>(
    request: Request,
    { next = () => {}, patienceMs }: { next?: (value: never) => void; patienceMs?: number } = {},
  ): Promise<Last> {
    const id = ++this.#last;
    let stopClock = () => {};
    const answered = new Promise<unknown>((resolve, reject) => {
      const heard = next as (value: unknown) => void;
      this.#waiting.set(id, {
        next(value) {
          stopClock();
          heard(value);
        },
        end: resolve,
        fail: reject,
      });
      const late = `driver ${this.pid} does not answer: it is stopped, or computes in its main thread.`;
      if (patienceMs !== undefined) stopClock = fairTimeout(() => reject(new DriverSilentError(late)), patienceMs);
      if (this.#socket.destroyed) reject(new DriverGoneError(`driver ${this.pid} has ended.`));
      else this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    });
    try {
      return (await answered) as Last;
    } finally {
      stopClock();
      this.#waiting.delete(id);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if ("next" in answer) waiting?.next(answer.next);
    else if ("end" in answer) waiting?.end(answer.end);
    else waiting?.fail(new RefusedError(answer.error));
  }

  #failAll(words: string): void {
    for (const { fail } of this.#waiting.values()) fail(new DriverGoneError(words));
  }
}
