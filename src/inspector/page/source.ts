/**
 * Where the page's data comes from: the driver's stream of events, or, in a report, the file itself. The stream is read with
 * fetch, not with EventSource, which can't carry the key of the session in a header.
 */
import type { CancelRequest, PageData, PageEvents } from "../protocol.ts";
import type { Connection } from "./model.ts";

/** Who is told what comes. */
export interface Listener {
  event<Name extends keyof PageEvents>(name: Name, data: PageEvents[Name]): void;
  connection(state: Connection): void;
}

const retryMs = 1500;
const mostTries = 3;

/** The data that stands in the page, if it is a report. */
export function embeddedData(): PageData | undefined {
  const text = document.getElementById("data")?.textContent;
  return text ? (JSON.parse(text) as PageData) : undefined;
}

/** A page's link to its driver. */
export class Source {
  readonly #listener: Listener;
  readonly #key: string;
  #stop = new AbortController();

  constructor(listener: Listener) {
    this.#listener = listener;
    this.#key = sessionKey();
  }

  /** Follows a job; the latest one where none is named. */
  follow(job: string | undefined): void {
    this.#stop.abort();
    this.#stop = new AbortController();
    void this.#read(job, this.#stop.signal);
  }

  async cancel(request: CancelRequest): Promise<boolean> {
    const headers = { ...this.#headers(), "Content-Type": "application/json" };
    try {
      return (await fetch("/cancel", { method: "POST", headers, body: JSON.stringify(request) })).ok;
    } catch {
      return false;
    }
  }

  /** The report of a job, as HTML; undefined when there is none. */
  async report(job: string): Promise<string | undefined> {
    try {
      const response = await fetch(`/report?job=${encodeURIComponent(job)}`, { headers: this.#headers() });
      return response.ok ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.#key}` };
  }

  async #read(job: string | undefined, signal: AbortSignal): Promise<void> {
    for (let tries = 0; tries < mostTries && !signal.aborted; tries++) {
      const outcome = await this.#readOnce(job, signal);
      if (signal.aborted || outcome === "closed") return;
      if (outcome === "refused") return this.#listener.connection("refused");
      if (outcome === "ended") tries = 0;
      this.#listener.connection("connecting");
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
    if (!signal.aborted) this.#listener.connection("lost");
  }

  /** Until the stream ends, in whichever way. */
  async #readOnce(job: string | undefined, signal: AbortSignal): Promise<"closed" | "refused" | "ended" | "failed"> {
    try {
      const url = job === undefined ? "/feed" : `/feed?job=${encodeURIComponent(job)}`;
      const response = await fetch(url, { headers: this.#headers(), signal });
      if (!response.ok || !response.body) return "refused";
      this.#listener.connection("live");
      return (await this.#events(response.body)) ? "closed" : "ended";
    } catch {
      return "failed";
    }
  }

  /** True when the last event said that the cluster was closed. */
  async #events(body: ReadableStream<Uint8Array>): Promise<boolean> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let closed = false;
    let rest = "";
    for (;;) {
      await seen();
      const { done, value } = await reader.read();
      if (done) return closed;
      const events = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = events.pop()!;
      for (const event of events) closed = this.#told(event) || closed;
    }
  }

  #told(event: string): boolean {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
    if (name === undefined || data === undefined) return false;
    this.#listener.event(name as keyof PageEvents, JSON.parse(data));
    return name === "closed";
  }
}

/**
 * While nobody can see the page nothing is read: the driver, which sends no faster than is read, then has nothing to do for it, and goes
 * on from what it keeps when the page is looked at again.
 */
function seen(): Promise<void> {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", () => resolve(), { once: true }));
}

/** The key comes once, with the page that a one-time link opened; this tab keeps it, and the address loses the link. */
function sessionKey(): string {
  const given = document.querySelector<HTMLMetaElement>('meta[name="mpits-key"]');
  if (!given) return sessionStorage.getItem("mpits-key") ?? "";
  sessionStorage.setItem("mpits-key", given.content);
  const job = new URLSearchParams(location.search).get("job");
  history.replaceState(null, "", job === null ? "/" : `/?job=${encodeURIComponent(job)}`);
  given.remove();
  return sessionStorage.getItem("mpits-key")!;
}
