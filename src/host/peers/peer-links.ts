/**
 * The connections of one host to the others: made when there is first something to send, one for each pair of hosts, used both
 * ways. Who dials whom, and under which ticket, the driver says; where two hosts can't reach each other, it says that too,
 * and what is for the other then goes by way of rank 0. How much waits here is bounded by the ranks' own credit.
 */
import { fairTimeout } from "../../fair-timeout.ts";
import { PeerLine } from "../../transport/peer-line.ts";
import type { Frames } from "../../transport/transport.ts";
import type { ToDriver, ToHost } from "../../wire/messages.ts";
import { reachableEndpoint } from "../reachable-endpoint.ts";
import { PeerDoor, type PeerSettings, type Ways } from "./peer-door.ts";

/** What links need of their host. */
export interface PeerSurroundings {
  tell(head: Extract<ToDriver, { kind: "Door" | "Seek" | "Unreachable" | "Broken" }>): void;
  received(from: number, frames: Frames): void;
  /** By way of rank 0. */
  forward(to: number, frames: Frames): void;
  /** Asked when the door opens. */
  ways(): Ways;
  warn(message: string, details: object): void;
}

export type Dial = Extract<ToHost, { kind: "Dial" }>;

/** A connection to another host, or what waits for it. */
interface Link {
  readonly waiting: Frames[];
  send: ((frames: Frames) => void) | undefined;
  line?: PeerLine | undefined;
  /** Ends the time-out that runs until the other side has answered. */
  stopClock?: () => void;
  relayed: boolean;
}

/** How long a host may take to be connected to, in ms; rank 0 then looks for another way. */
const usualDialMs = 3000;
/** The first message each way; all others have content. */
const greeting: Frames = [new Uint8Array(0)];
/** The most greetings that may come before the driver has said whose they are. */
const mostStrangers = 1000;

export class PeerLinks {
  readonly #settings: PeerSettings;
  readonly #dialMs: number;
  readonly #around: PeerSurroundings;
  readonly #links = new Map<number, Link>();
  /** The host that each ticket stands for. */
  readonly #expected = new Map<string, number>();
  readonly #strangers = new Set<string>();
  #door: PeerDoor | undefined;
  #watched = false;

  constructor(settings: PeerSettings, around: PeerSurroundings, dialMs = usualDialMs) {
    this.#dialMs = dialMs;
    this.#settings = settings;
    this.#around = around;
  }

  /** Lets others in, from the first call on. */
  open(): void {
    if (this.#door) return;
    this.#door = new PeerDoor(this.#settings);
    this.#door.server.start((ticket, _lane, frames) => this.#came(ticket, frames));
    this.#door.open(this.#around.ways).then(
      (endpoints) => this.#around.tell({ kind: "Door", endpoints }),
      (error) => {
        this.#around.warn("other hosts can't come in", { error: String(error) });
        this.#around.tell({ kind: "Door", endpoints: [] });
      },
    );
  }

  send(to: number, frames: Frames): void {
    if (!this.#links.has(to)) this.#around.tell({ kind: "Seek", to });
    const link = this.#linkTo(to);
    if (link.send) link.send(frames);
    else link.waiting.push(frames);
  }

  /** True when what is for this host goes by way of rank 0. */
  isRelayed(to: number): boolean {
    return this.#links.get(to)?.relayed ?? false;
  }

  expect({ host, ticket }: Extract<ToHost, { kind: "Expect" }>): void {
    this.#expected.set(ticket, host);
    if (this.#strangers.delete(ticket)) this.#greeted(ticket, host);
  }

  /** Connects to a host; tells the driver when that does not work out in time. */
  async dial({ host, ticket, endpoints }: Dial): Promise<void> {
    const deadline = performance.now() + this.#dialMs;
    try {
      const { endpoint } = await reachableEndpoint(endpoints, this.#dialMs, `host ${host}`);
      await this.#connect(host, ticket, endpoint, deadline - performance.now());
    } catch (error) {
      this.#around.tell({ kind: "Unreachable", to: host, why: (error as Error).message });
    }
  }

  relay(host: number): void {
    const link = this.#linkTo(host);
    link.relayed = true;
    this.#use(link, (frames) => this.#around.forward(host, frames));
  }

  /** Whether ranks talk to each other: a connection that stands still is then made anew. */
  watch(on: boolean): void {
    this.#watched = on;
    for (const { line } of this.#links.values()) line?.watch(on);
  }

  /** Nothing is kept of a host that is lost. */
  gone(host: number): void {
    const link = this.#links.get(host);
    if (link) void closeLink(link);
    this.#links.delete(host);
    for (const [ticket, whose] of this.#expected)
      if (whose === host) {
        this.#expected.delete(ticket);
        this.#door?.server.forget(ticket);
      }
  }

  rest(): void {
    this.#door?.server.rest();
  }

  resume(): void {
    this.#door?.server.resume();
  }

  async close(): Promise<void> {
    await Promise.all([this.#door?.server.close(), ...[...this.#links.values()].map(closeLink)]);
  }

  #linkTo(host: number): Link {
    let link = this.#links.get(host);
    if (!link) {
      link = { waiting: [], send: undefined, relayed: false };
      this.#links.set(host, link);
    }
    return link;
  }

  #use(link: Link, send: (frames: Frames) => void): void {
    link.send = send;
    for (const frames of link.waiting.splice(0)) send(frames);
  }

  #came(ticket: string, frames: Frames): void {
    const host = this.#expected.get(ticket);
    const greets = isGreeting(frames);
    if (host === undefined) {
      if (greets && this.#strangers.size < mostStrangers) this.#strangers.add(ticket);
    } else if (greets) this.#greeted(ticket, host);
    else this.#around.received(host, frames);
  }

  #greeted(ticket: string, host: number): void {
    const send = (frames: Frames) => void this.#door?.server.send(ticket, "data", frames).catch(ignoreClosed);
    send(greeting);
    this.#use(this.#linkTo(host), send);
  }

  #connect(host: number, ticket: string, endpoint: string, timeoutMs: number): Promise<void> {
    const { keys } = this.#settings;
    const line = new PeerLine(ticket, { curve: keys && { keys: keys.own, serverKey: keys.all[host] ?? "" } });
    const link = this.#linkTo(host);
    link.line = line;
    return new Promise((resolve, reject) => {
      const late = (): void => {
        void closeLink(link);
        reject(new Error(`${endpoint} took the connection and did not answer within ${this.#dialMs / 1000} s`));
      };
      link.stopClock = fairTimeout(late, timeoutMs);
      line.connect(endpoint, (frames) => {
        if (link.line !== line) return; // too late
        if (!isGreeting(frames)) return this.#around.received(host, frames);
        link.stopClock?.();
        line.onBroken(() => this.#broke(host, line));
        line.watch(this.#watched);
        this.#use(link, (each) => void line.send(each).catch(ignoreClosed));
        resolve();
      });
      line.send(greeting).catch(ignoreClosed);
    });
  }

  #broke(host: number, line: PeerLine): void {
    const link = this.#links.get(host);
    if (link?.line !== line) return;
    void closeLink(link);
    this.#around.tell({ kind: "Broken", to: host });
  }
}

async function closeLink(link: Link): Promise<void> {
  const { line, stopClock } = link;
  stopClock?.();
  link.line = undefined;
  await line?.close();
}

function isGreeting(frames: Frames): boolean {
  return frames.length === 1 && frames[0]!.byteLength === 0;
}

/** What can't be sent any more is for a host that is lost, or from one that ends: both are noticed elsewhere. */
function ignoreClosed(): void {}
