/**
 * One page's stream: server-sent events about a cluster and one of its jobs. It pulls, and only as fast as the browser reads:
 * for a slow one nothing queues up but what the socket already holds, and it goes on from what is kept then.
 */
import type { ServerResponse } from "node:http";
import type { Cluster } from "../cluster/cluster.ts";
import type { RankPairTraffic } from "../cluster/star.ts";
import { hasJob, latestJob, pageState, talkOf, trafficTold } from "./page-state.ts";
import type { PageEvents } from "./protocol.ts";
import type { Recorder } from "./recorder.ts";
import type { Recording } from "./recording.ts";

/** What may wait in the socket, in bytes, before we wait for the browser. */
const mostUnread = 256 * 1024;
/** The most of a kind in one event. */
const most = { rows: 4000, lines: 500 } as const;
/** What pairs of ranks have said is told whole, so the more seldom the more there are, in ms: at least so, and so much for each pair. */
const trafficEveryMs = { least: 1000, perPair: 0.05 } as const;

export class Feed {
  readonly #response: ServerResponse;
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  /** The job asked for; undefined is the latest. */
  readonly #wanted: string | undefined;
  #job: string | undefined;
  #begun = false;
  /** Where to go on: the next transition, the next line, the moment of the last sample. */
  #place = { row: 0, line: 0, sampleMs: 0 };
  #lastState = "";
  #lastTraffic: { readonly pairs: readonly RankPairTraffic[]; readonly atMs: number } | undefined;

  constructor(response: ServerResponse, cluster: Cluster, recorder: Recorder, wanted: string | undefined) {
    this.#response = response;
    this.#cluster = cluster;
    this.#recorder = recorder;
    this.#wanted = wanted;
    response.on("drain", () => this.push());
  }

  /** Tells what is new, as far as the browser has read what came before. */
  push(): void {
    if (this.#mayWrite()) this.#tellState();
    if (this.#mayWrite()) this.#tellTraffic();
    while (this.#mayWrite() && this.#tellNews());
  }

  /** The last word: the cluster was closed. */
  close(): void {
    this.#tellState();
    this.#tellTraffic();
    while (this.#mayWrite() && this.#tellNews());
    this.#write("closed", {});
    this.#response.end();
  }

  #mayWrite(): boolean {
    return !this.#response.destroyed && this.#response.writableLength < mostUnread;
  }

  #tellState(): void {
    this.#choose();
    const { nowMs, ...state } = pageState(this.#cluster, this.#recorder, this.#job);
    const text = JSON.stringify(state);
    if (text === this.#lastState) return;
    this.#lastState = text;
    this.#response.write(`event: state\ndata: {"nowMs":${nowMs},${text.slice(1)}\n\n`);
  }

  #choose(): void {
    const job =
      this.#wanted !== undefined && hasJob(this.#cluster, this.#wanted) ? this.#wanted : latestJob(this.#cluster);
    if (this.#begun && job === this.#job) return;
    this.#begun = true;
    this.#job = job;
    this.#place = { row: 0, line: 0, sampleMs: 0 };
    this.#lastTraffic = undefined;
    this.#write("begin", { job });
  }

  /** When it is over, at once: nothing is left to wait for. */
  #tellTraffic(): void {
    if (this.#job === undefined) return;
    const talk = talkOf(this.#cluster, this.#job);
    const pairs = talk.betweenRanks;
    if (pairs.length === 0 || pairs === this.#lastTraffic?.pairs) return;
    const atMs = performance.now();
    const waitMs = Math.max(trafficEveryMs.least, trafficEveryMs.perPair * pairs.length);
    const running = this.#cluster.runningJob?.id === this.#job;
    if (running && atMs - (this.#lastTraffic?.atMs ?? Number.NEGATIVE_INFINITY) < waitMs) return;
    this.#lastTraffic = { pairs, atMs };
    this.#write("traffic", trafficTold(talk));
  }

  /** False when there was none. */
  #tellNews(): boolean {
    const recording = this.#job === undefined ? undefined : this.#recorder.of(this.#job);
    const linesLeft = this.#tellLines();
    return (recording && this.#tellRecording(recording)) || linesLeft;
  }

  #tellRecording(recording: Recording): boolean {
    const { told, next } = recording.rowsFrom(this.#place.row, most.rows);
    const samples = recording.samplesAfter(this.#place.sampleMs);
    this.#place.row = next;
    this.#place.sampleMs = samples.at(-1)?.[0] ?? this.#place.sampleMs;
    if (told.rows.length > 0) this.#write("records", told);
    if (samples.length > 0) this.#write("samples", samples);
    return told.rows.length === most.rows;
  }

  #tellLines(): boolean {
    const { lines, next } = this.#cluster.output.linesFrom(this.#place.line, most.lines);
    this.#place.line = next;
    const ours = lines.filter(({ job }) => job === this.#job);
    if (ours.length > 0) this.#write("lines", ours);
    return lines.length === most.lines;
  }

  #write<Name extends keyof PageEvents>(name: Name, data: PageEvents[Name]): void {
    this.#response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }
}
