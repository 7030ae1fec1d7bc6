/**
 * Who may connect: answers ZeroMQ's authentication requests (ZAP, https://rfc.zeromq.org/spec/27/). CURVE alone lets any
 * client in that knows the server's public key; here only the keys that were made for this cluster are admitted.
 */
import { curveKeyPair, Router } from "zeromq";
import { ownContext } from "./context.ts";
import { SocketPump } from "./socket-pump.ts";
import { Waker } from "./waker.ts";

/** A CURVE key pair, in Z85 text. */
export interface CurveKeys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** The keys that a host of a cluster needs for the others. */
export interface PeerKeys {
  readonly own: CurveKeys;
  /** The public key of each host, by its number. */
  readonly all: readonly string[];
}

/** A fresh pair. */
export function makeCurveKeys(): CurveKeys {
  return curveKeyPair();
}

/** The servers that ask, by ZAP domain: their admitted keys (raw, as hex), and whether they read at the moment. */
const domains = new Map<string, { readonly keys: ReadonlySet<string>; resting: boolean }>();
/** The requests of all servers of a context come to one place. */
let service: ZapService | undefined;

/** Admits these client keys (Z85) to the servers of a domain, from now on. */
export function admit(domain: string, clientKeys: readonly string[]): void {
  domains.set(domain, { keys: new Set(clientKeys.map(hexOfZ85)), resting: false });
  service ??= new ZapService();
  service.resume();
}

/** Resolves when requests are answered. Before that a server must not listen: without an answer ZeroMQ lets everybody in. */
export async function admitting(): Promise<void> {
  await service?.ready;
}

/** Nobody is admitted to this domain any more. The last one ends the service. */
export async function closeDomain(domain: string): Promise<void> {
  domains.delete(domain);
  if (domains.size > 0) return;
  const last = service;
  service = undefined;
  await last?.close();
}

/** While all servers rest, so does the service, and does not keep the program from ending. */
export function setDomainResting(domain: string, resting: boolean): void {
  const entry = domains.get(domain);
  if (entry) entry.resting = resting;
  if ([...domains.values()].every((each) => each.resting)) service?.rest();
  else service?.resume();
}

class ZapService {
  readonly #router = new Router({ context: ownContext, linger: 0 });
  readonly #pump = new SocketPump(this.#router, { inParcels: false });
  readonly #waker: Waker;
  readonly ready: Promise<void>;

  constructor() {
    this.ready = this.#bind();
    this.#waker = new Waker(this.#router);
    this.#pump.start((frames) => {
      const reply = answer(frames);
      if (reply) this.#pump.send("control", reply).catch(() => {}); // closed: nobody is admitted any more
    });
  }

  /** A socket that was closed gives its address back a little later, so one that follows another at once has to wait. */
  async #bind(): Promise<void> {
    while (!this.#router.closed) {
      try {
        return this.#router.bindSync("inproc://zeromq.zap.01");
      } catch (error) {
        if ((error as { code?: unknown }).code !== "EADDRINUSE") throw error;
        await new Promise(setImmediate);
      }
    }
  }

  rest(): void {
    this.#pump.rest();
    this.#waker.wake();
  }

  resume(): void {
    this.#pump.resume();
  }

  async close(): Promise<void> {
    await Promise.all([this.#pump.close(), this.#waker.close()]);
  }
}

/** Request: envelope, "", version, id, domain, address, routing id, mechanism, client key. */
function answer(frames: readonly Uint8Array[]): Uint8Array[] | undefined {
  const [envelope, empty, version, id, domain, , , mechanism, key] = frames;
  if (!envelope || !empty || !version || !id) return undefined;
  const keys = domains.get(text(domain))?.keys;
  const ok =
    text(version) === "1.0" &&
    text(mechanism) === "CURVE" &&
    key !== undefined &&
    keys?.has(Buffer.from(key).toString("hex")) === true;
  const [status, words] = ok ? ["200", "OK"] : ["400", "this key was not made for this cluster"];
  return [envelope, empty, version, id, Buffer.from(status), Buffer.from(words), Buffer.alloc(0), Buffer.alloc(0)];
}

function text(frame: Uint8Array | undefined): string {
  return frame ? Buffer.from(frame).toString("latin1") : "";
}

const z85Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/** Z85 (https://rfc.zeromq.org/spec/32/): five digits to the base of 85 for four bytes. */
function hexOfZ85(text: string): string {
  let out = "";
  for (let at = 0; at < text.length; at += 5) {
    let value = 0;
    for (const digit of text.slice(at, at + 5)) value = value * 85 + z85Digits.indexOf(digit);
    out += value.toString(16).padStart(8, "0");
  }
  return out;
}
