/**
 * The inspector's web server, on loopback: the page, its stream of events, and the one thing that can be asked of it, to
 * cancel a job. Who may do what is access.ts's matter. It never keeps a program from ending.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Access, isOfThisOrigin } from "./access.ts";
import { pageFile, pageWithKey } from "./page-file.ts";

const address = "127.0.0.1";
const longestBody = 4096;
const mostConnections = 64;

/** What the server is the door to. */
export interface Behind {
  /** Begins a stream of events. */
  stream(response: ServerResponse, job: string | undefined): void;
  /** A report of a job, as a page of its own; undefined when there is no such job. */
  report(job: string): string | undefined;
  /** Acts on what the page asked for: true when it was understood. */
  cancel(request: unknown): boolean;
}

/** A refusal or another short answer: status and words. */
type Answer = readonly [status: number, text: string];

const wrongOrigin: Answer = [403, "This address is for pages of the inspector itself.\n"];
const noSession: Answer = [
  403,
  "This link was used before, or is not of this driver. A fresh one: mpits inspect JOB --open\n",
];
const noKey: Answer = [401, "Not without the key of a session.\n"];

export class InspectorServer {
  readonly #behind: Behind;
  readonly #server: Server;
  #access!: Access;

  private constructor(behind: Behind) {
    this.#behind = behind;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.maxConnections = mostConnections;
    this.#server.on("connection", (socket) => socket.unref());
    this.#server.on("clientError", (_, socket) => socket.destroy());
  }

  /** Listens on a free port. @throws the system's error when it can't */
  static async listen(behind: Behind): Promise<InspectorServer> {
    const inspector = new InspectorServer(behind);
    await new Promise<void>((resolve, reject) => {
      inspector.#server.once("error", reject);
      inspector.#server.listen(0, address, resolve);
    });
    inspector.#access = new Access(inspector.port);
    inspector.#server.unref();
    return inspector;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A link that opens the page once. */
  link(job?: string): string {
    const asked = job === undefined ? "" : `&job=${encodeURIComponent(job)}`;
    return `http://${address}:${this.port}/?token=${this.#access.newLink()}${asked}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeIdleConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers())) response.setHeader(name, value);
    const refusal = isOfThisOrigin(request) ? await this.#answer(request, response) : wrongOrigin;
    if (!refusal) return;
    const [status, text] = refusal;
    response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" }).end(text);
  }

  /** Undefined when the response has what it needs. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> {
    const url = new URL(request.url ?? "/", `http://${address}`);
    const route = `${request.method} ${url.pathname}`;
    if (route === "GET /") return this.#page(request, response, url.searchParams.get("token"));
    if (!this.#access.hasKey(request)) return noKey;
    if (route === "GET /feed") return this.#stream(response, url.searchParams.get("job"));
    if (route === "GET /report") return this.#report(response, url.searchParams.get("job") ?? "");
    if (route === "POST /cancel") return this.#cancel(request);
    return [404, "There is nothing here.\n"];
  }

  #page(request: IncomingMessage, response: ServerResponse, token: string | null): Answer | undefined {
    const session = token === null ? undefined : this.#access.exchange(token);
    if (!session && !this.#access.hasCookie(request)) return noSession;
    if (session) response.setHeader("Set-Cookie", this.#access.setCookie(session));
    sendHtml(response, session ? pageWithKey(session.key) : pageFile().html);
    return undefined;
  }

  #stream(response: ServerResponse, job: string | null): undefined {
    response.writeHead(200, { "Content-Type": "text/event-stream; charset=utf-8" });
    this.#behind.stream(response, job ?? undefined);
  }

  #report(response: ServerResponse, job: string): Answer | undefined {
    const html = this.#behind.report(job);
    if (html === undefined) return [404, `There is no job ${job} any more.\n`];
    sendHtml(response, html);
    return undefined;
  }

  async #cancel(request: IncomingMessage): Promise<Answer> {
    if (request.headers["content-type"] !== "application/json") return [415, "JSON is expected.\n"];
    const asked = await bodyOf(request);
    return asked !== undefined && this.#behind.cancel(asked) ? [200, "Done.\n"] : [400, "That is no request.\n"];
  }
}

function headers(): Record<string, string> {
  return {
    "Cache-Control": "no-store",
    "Content-Security-Policy": pageFile().policy,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
  };
}

function sendHtml(response: ServerResponse, html: string): void {
  response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(html);
}

/** The JSON of a body; undefined for one that is too long, or is none. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  try {
    for await (const chunk of request.setEncoding("utf8")) {
      text += chunk as string;
      if (text.length > longestBody) return undefined;
    }
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
