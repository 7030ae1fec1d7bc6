/**
 * Who dials whom: the driver knows where each host's door is, and tells the two of a pair when they first have something for each
 * other. The one with the higher number dials, then the other one; when neither reaches the other, they go by way of rank 0.
 */
import { randomBytes } from "node:crypto";
import type { Log } from "../log.ts";
import type { ToHost } from "../wire/messages.ts";

/** What the directory knows of a host. */
export interface DirectoryHost {
  readonly name: string;
  /** True on the driver's own machine. */
  readonly inside: boolean;
}

export interface DirectorySurroundings {
  /** By number; 0 is the driver's own. */
  host(index: number): DirectoryHost;
  tell(host: number, head: Extract<ToHost, { kind: "Dial" | "Expect" | "Relay" | "Gone" }>): void;
  readonly log: Log;
}

/** A pair of hosts that have something for each other. */
interface Pair {
  readonly low: number;
  readonly high: number;
  /** Who dials: the one with the higher number, then the other; undefined when both have failed. */
  dialer: number | undefined;
  /** Whether the dialer was told. */
  told: boolean;
  readonly failures: string[];
}

export class PeerDirectory {
  readonly #around: DirectorySurroundings;
  readonly #endpoints = new Map<number, readonly string[]>();
  readonly #pairs = new Map<string, Pair>();

  constructor(around: DirectorySurroundings) {
    this.#around = around;
  }

  opened(host: number, endpoints: readonly string[]): void {
    this.#endpoints.set(host, endpoints);
    for (const pair of this.#pairs.values()) if (!pair.told) this.#dial(pair);
  }

  sought(by: number, host: number): void {
    if (by === host) return;
    const [low, high] = by < host ? [by, host] : [host, by];
    const key = `${low} ${high}`;
    if (this.#pairs.has(key)) return; // under way, or there
    const pair: Pair = { low, high, dialer: high, told: false, failures: [] };
    this.#pairs.set(key, pair);
    this.#dial(pair);
  }

  unreachable(by: number, host: number, why: string): void {
    const pair = this.#pairOf(by, host);
    if (!pair || pair.dialer !== by) return;
    pair.failures.push(`${this.#nameOf(by)}: ${why}`);
    // The driver's own host does not dial: what it would read there could hold up a program that is over.
    pair.dialer = by === pair.high && pair.low !== 0 ? pair.low : undefined;
    pair.told = false;
    this.#dial(pair);
  }

  /** A host is lost: the others close what they have of it. */
  gone(host: number, others: readonly number[]): void {
    if (!this.#endpoints.delete(host)) return;
    for (const [key, { low, high }] of this.#pairs) if (low === host || high === host) this.#pairs.delete(key);
    for (const other of others) if (this.#endpoints.has(other)) this.#around.tell(other, { kind: "Gone", host });
  }

  /** Two hosts forget their connection; the next message makes a new one. */
  parted(one: number, other: number): void {
    const pair = this.#pairOf(one, other);
    if (!pair) return;
    this.#pairs.delete(`${pair.low} ${pair.high}`);
    this.#around.tell(one, { kind: "Gone", host: other });
    this.#around.tell(other, { kind: "Gone", host: one });
  }

  #pairOf(one: number, other: number): Pair | undefined {
    return this.#pairs.get(`${Math.min(one, other)} ${Math.max(one, other)}`);
  }

  #dial(pair: Pair): void {
    const { low, high, dialer } = pair;
    if (dialer === undefined) return this.#relay(pair);
    const target = dialer === low ? high : low;
    const known = this.#endpoints.get(target);
    if (!known) return; // its door opens with its part of the job
    pair.told = true;
    const endpoints = this.#usable(dialer, target, known);
    if (endpoints.length === 0) return this.unreachable(dialer, target, "there is no address to reach it by");
    const ticket = randomBytes(16).toString("hex");
    this.#around.tell(target, { kind: "Expect", host: dialer, ticket });
    this.#around.tell(dialer, { kind: "Dial", host: target, ticket, endpoints });
  }

  /** Sockets in the driver's folder are for hosts of its machine, and better than all else there. */
  #usable(dialer: number, target: number, endpoints: readonly string[]): string[] {
    const inside = this.#around.host(dialer).inside && this.#around.host(target).inside;
    return endpoints.filter((endpoint) => endpoint.startsWith("ipc:") === inside);
  }

  #relay(pair: Pair): void {
    const { low, high, failures } = pair;
    pair.told = true;
    this.#around.tell(low, { kind: "Relay", host: high });
    this.#around.tell(high, { kind: "Relay", host: low });
    this.#around.log.write(
      "warn",
      { failures },
      `${this.#nameOf(low)} and ${this.#nameOf(high)} can't reach each other; what their ranks say to each other goes by way of rank 0`,
    );
  }

  #nameOf(host: number): string {
    return this.#around.host(host).name;
  }
}
