/** One client at a driver: its requests, and the answers that are still going on. */
import type { Socket } from "node:net";
import { answer } from "./answers.ts";
import type { Clusters } from "./details.ts";
import type { Reply, Stop } from "./follow.ts";
import { LineReader } from "./lines.ts";
import type { Pages } from "./pages.ts";
import { type Answer, longestRequest } from "./protocol.ts";
import { parseRequest } from "./requests.ts";

/** A client that leaves more than this unread is cut off, in bytes. */
const mostUnread = 4 * 1024 * 1024;
const mostAnswers = 16;

export class Connection {
  readonly #socket: Socket;
  readonly #clusters: Clusters;
  readonly #pages: Pages;
  readonly #goingOn = new Map<number, Stop>();

  constructor(socket: Socket, clusters: Clusters, pages: Pages) {
    this.#socket = socket;
    this.#clusters = clusters;
    this.#pages = pages;
    const lines = new LineReader(
      longestRequest,
      (line) => this.#requested(line),
      () => socket.destroy(),
    );
    socket.setEncoding("utf8").on("data", (text: string) => lines.push(text));
    socket.on("error", () => {}); // it went away; "close" follows
    socket.on("close", () => this.#stopAll());
  }

  #requested(line: string): void {
    const request = parseRequest(line);
    if (!request || this.#goingOn.size >= mostAnswers || this.#goingOn.has(request.id))
      return void this.#socket.destroy();
    if (request.ask === "stop") return this.#stop(request.of);
    // A driver that was stopped reads what was said long ago: whoever waits no longer was told that it did not answer.
    if (request.ask === "cancelNamed" && request.untilMs < Date.now()) return;
    const { id } = request;
    let over = false;
    const last = (value: Answer) => {
      over = true;
      this.#goingOn.delete(id);
      this.#write(value);
    };
    const reply: Reply = {
      next: (next) => this.#write({ id, next }),
      end: (end) => last({ id, end }),
      error: (error) => last({ id, error }),
    };
    const stop = this.#answer(request, reply);
    if (stop && !over) this.#goingOn.set(id, stop);
  }

  /** Whoever looks at a program must not end it, whatever is wrong with what it looks at. */
  #answer(request: Parameters<typeof answer>[0], reply: Reply): Stop | undefined {
    try {
      return answer(request, this.#clusters, this.#pages, reply);
    } catch (error) {
      return void reply.error({ kind: "failed", message: `the driver could not answer: ${String(error)}` });
    }
  }

  #stop(id: number): void {
    this.#goingOn.get(id)?.();
    this.#goingOn.delete(id);
  }

  #stopAll(): void {
    for (const stop of this.#goingOn.values()) stop();
    this.#goingOn.clear();
  }

  /** One answer may be long; the next only follows when most of it was read. */
  #write(value: Answer): void {
    if (this.#socket.destroyed) return;
    if (this.#socket.writableLength > mostUnread) return void this.#socket.destroy();
    this.#socket.write(`${JSON.stringify(value)}\n`);
  }
}
