/**
 * Who may read and steer: whoever has had a one-time link. A link's token is exchanged for a session, which has two secrets:
 * a cookie, which opens the empty page again after a reload, and a key, which every request for data has to carry in a header.
 * Browsers send a cookie to each port of a machine, and with requests that other pages made; the key goes nowhere by itself.
 */
import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const most = { links: 16, sessions: 64 } as const;
/** Names under which a browser reaches a server of its own machine, or the near end of an ssh tunnel. */
const loopbackNames = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** A session as it is handed out, once. */
export interface Session {
  readonly cookie: string;
  readonly key: string;
}

export class Access {
  /** Hashes, so that looking one up tells nothing by the time it takes. The oldest first. */
  readonly #links = new Set<string>();
  readonly #cookies = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #cookieName: string;

  /** @param port of the server: cookies of several on one machine must not overwrite each other */
  constructor(port: number) {
    this.#cookieName = `mpits-${port}`;
  }

  /** A token that can be exchanged once. The oldest of many unused ones is forgotten. */
  newLink(): string {
    const token = secret();
    remember(this.#links, token, most.links);
    return token;
  }

  exchange(token: string): Session | undefined {
    if (!this.#links.delete(hash(token))) return undefined;
    const session = { cookie: secret(), key: secret() };
    remember(this.#cookies, session.cookie, most.sessions);
    remember(this.#keys, session.key, most.sessions);
    return session;
  }

  /** As the header `Set-Cookie`. */
  setCookie({ cookie }: Session): string {
    return `${this.#cookieName}=${cookie}; HttpOnly; SameSite=Strict; Path=/`;
  }

  hasCookie({ headers }: IncomingMessage): boolean {
    const pairs = (headers.cookie ?? "").split(/; */).map((pair) => pair.split("="));
    return pairs.some(([name, value = ""]) => name === this.#cookieName && this.#cookies.has(hash(value)));
  }

  hasKey({ headers }: IncomingMessage): boolean {
    const [, key] = /^Bearer ([\w-]{1,100})$/.exec(headers.authorization ?? "") ?? [];
    return key !== undefined && this.#keys.has(hash(key));
  }
}

/** Whether a browser sent this for a page of ours, under a name of ours: no foreign page, and no foreign name that leads here. */
export function isOfThisOrigin({ headers }: IncomingMessage): boolean {
  const { host = "", origin } = headers;
  return loopbackNames.has(host.replace(/:\d{1,5}$/, "")) && (origin === undefined || origin === `http://${host}`);
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

function remember(hashes: Set<string>, text: string, count: number): void {
  hashes.add(hash(text));
  if (hashes.size > count) hashes.delete(hashes.values().next().value!);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}
