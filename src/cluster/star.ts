/**
 * What a job needs of the cluster that it runs on: the ranks, a way to their hosts, and word of what arrives. The cluster
 * provides it (cluster.ts); tests of jobs provide one without processes.
 */

import type { Least } from "../comm/device/sent-counts.ts";
import type { RankLostError, TransportError } from "../errors.ts";
import type { World } from "../kernels/define-kernel.ts";
import type { RankStanding, Received, ToDriver, ToHost } from "../wire/messages.ts";
import type { EncodedValue } from "../wire/value-codec.ts";
import type { RankTable } from "./rank-table.ts";
import type { RankChange } from "./story.ts";

/** Messages and bytes (of all frames, without ZeroMQ's own few) in one direction. */
export interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

/** What the ranks of one host said to those of another, by the hosts' names. Bytes of all frames, without ZeroMQ's own few. */
export interface PairTraffic extends Traffic {
  readonly from: string;
  readonly to: string;
  /** False where the two can't reach each other, and it went by way of rank 0. */
  readonly direct: boolean;
}

/** What one rank sent to another, on the same host or not: the bytes of the messages themselves, those of collectives among them. */
export interface RankPairTraffic extends Traffic {
  readonly from: number;
  readonly to: number;
}

export interface JobTraffic {
  /** What crossed from host to host; each host tells it about once a second, and when it has ended the job. */
  readonly between: readonly PairTraffic[];
  /** The pairs of ranks that have sent anything; told as often. */
  readonly betweenRanks: readonly RankPairTraffic[];
  /** The least bytes that could have done for it: between all ranks, and of those between hosts. */
  readonly least: Least;
  readonly sent: Traffic;
  readonly received: Traffic;
  readonly byHost: Readonly<Record<string, { readonly sent: Traffic; readonly received: Traffic }>>;
}

/** What arrives for a job. */
export type JobMessage = Extract<ToDriver, { kind: "Partial" | "Failure" | "Idle" | "Stopped" }>;

export interface Star {
  readonly ranks: RankTable;
  readonly world: World;
  /** The live host that a rank lives on, as a key; undefined when it is lost. */
  hostOf(rank: number): string | undefined;
  liveHosts(): string[];
  /** What the running job has sent and received so far, all hosts together and each by its name. */
  traffic(): JobTraffic;
  /** Sends to a host; the traffic counts for the running job. Returns the bytes. A host that cannot be reached is lost, which is told by itself. */
  send(host: string, head: ToHost, value?: EncodedValue): number;
  /** The host has done what it was asked for: it need not be heard of until it is asked for more. */
  owesNothing(host: string): void;
  /** The host gives signs of life until its job ends, be it idle or not. */
  attend(host: string): void;
}

/** Who listens to the star while a job runs. */
export interface StarListener {
  message(host: string, message: Received<JobMessage>): void;
  /** @param change the transition of a rank, if it is one that is told of */
  ranksReported(change?: RankChange): void;
  /** Where ranks that talk to each other stand now. */
  ranksStand(standings: readonly RankStanding[]): void;
  /** A lost host has come back: these ranks can be given work. */
  hostBack(ranks: readonly number[]): void;
  /** The cluster can't go on with it. */
  fail(error: unknown): void;
  /** Some ranks can't talk to each other: two hosts lost their connection, or one that was lost did not come back. */
  parted(error: TransportError | RankLostError): void;
  /** What the driver's own host said could not be taken, and it can't be lost: what it should have said won't come. */
  hostRefused(host: string, error: TransportError): void;
  hostLost(host: string, errors: readonly RankLostError[]): void;
}
