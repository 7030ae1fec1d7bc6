/** What the ranks of one job have said to each other, as their hosts tell it: by pair of ranks, and by pair of hosts. */
import type { Least } from "../comm/device/sent-counts.ts";
import { TransportError } from "../errors.ts";
import type { HostTalk } from "../wire/messages.ts";
import type { PairTraffic, RankPairTraffic } from "./star.ts";

/** The host that tells. */
export interface Teller {
  readonly name: string;
  readonly ranks: readonly number[];
}

export class TalkTraffic {
  readonly #size: number;
  /** By sender and receiver. What is in it is replaced and never changed: whoever looks often shares what stayed. */
  readonly #pairs = new Map<number, RankPairTraffic>();
  readonly #crossed = new Map<string, PairTraffic>();
  readonly #least = new Map<string, Least>();
  #shown: readonly RankPairTraffic[] | undefined;

  /** @param size ranks in the cluster */
  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Takes what a host tells of its own ranks; the last word on each pair counts.
   *
   * @param nameOf the name of a host by its number
   * @throws TransportError when it speaks of ranks that are not its own, or that there are not
   */
  told({ name, ranks }: Teller, { pairs, least, crossed }: HostTalk, nameOf: (host: number) => string): void {
    for (let i = 0; i + 3 < pairs.length; i += 4) this.#pair(ranks, pairs.slice(i, i + 4));
    this.#least.set(name, least);
    for (const { to, messages, bytes, relayed } of crossed) {
      const pair = { from: name, to: nameOf(to), messages, bytes, direct: !relayed };
      this.#crossed.set(`${name}\n${pair.to}`, pair);
    }
  }

  get betweenHosts(): readonly PairTraffic[] {
    return [...this.#crossed.values()];
  }

  /** The same list until something is told. */
  get betweenRanks(): readonly RankPairTraffic[] {
    this.#shown ??= [...this.#pairs.values()];
    return this.#shown;
  }

  get least(): Least {
    const sum = { ranks: 0, hosts: 0 };
    for (const { ranks, hosts } of this.#least.values()) {
      sum.ranks += ranks;
      sum.hosts += hosts;
    }
    return sum;
  }

  #pair(own: readonly number[], [from = 0, to = 0, messages = 0, bytes = 0]: readonly number[]): void {
    if (!own.includes(from) || to >= this.#size)
      throw new TransportError(`it spoke of messages from rank ${from} to rank ${to}, which can't be.`);
    this.#pairs.set(from * this.#size + to, { from, to, messages, bytes });
    this.#shown = undefined;
  }
}
