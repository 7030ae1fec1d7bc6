// An inspector's server without a cluster behind it: a large job, played, for what only the page is measured by.
import { InspectorServer } from "../../dist/inspector/server.js";

const steps = [
  ["idle", "scattering", "part.received"],
  ["scattering", "computing", "kernel.started"],
  ["computing", "reducing", "kernel.finished"],
  ["reducing", "idle", "partial.sent"],
];
const perHost = 32;
const tellEveryMs = 100;

/**
 * @param ranks on hosts of 32
 * @param transitions that have happened when the page opens, in the last 60 s
 * @param perSecond that come while it is open
 * @returns its server; `link()` opens the page once
 */
export function playDriver({ ranks, transitions, perSecond }) {
  return InspectorServer.listen({
    stream: (response) => play(response, { ranks, transitions, perSecond }),
    report: () => undefined,
    cancel: () => true,
  });
}

function play(response, { ranks, transitions, perSecond }) {
  const tell = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  const world = new PlayedWorld(ranks, Date.now() - 60_000);
  tell("begin", { job: "played#1" });
  tell("state", world.state());
  for (let told = 0; told < transitions; told += 4000)
    tell("records", { rows: world.go(Math.min(4000, transitions - told), 60_000 / transitions), dropped: 0 });
  const timer = setInterval(() => {
    world.catchUp();
    tell("state", world.state());
    tell("records", { rows: world.go((perSecond * tellEveryMs) / 1000, 1000 / perSecond), dropped: 0 });
  }, tellEveryMs);
  response.on("close", () => clearInterval(timer));
}

class PlayedWorld {
  #timeMs;
  #count = 0;
  #startMs;
  #ranks;

  constructor(size, startMs) {
    this.#startMs = startMs;
    this.#timeMs = startMs;
    this.#ranks = Array.from({ length: size }, (_, rank) => ({
      rank,
      host: `node${Math.floor(rank / perHost) + 1}`,
      state: "idle",
      part: null,
      progress: { done: 0, total: 0 },
      sinceMs: startMs,
    }));
  }

  catchUp() {
    this.#timeMs = Math.max(this.#timeMs, Date.now() - tellEveryMs);
  }

  /** The next transitions, so many ms apart; the ranks take turns in an order that looks like none. */
  go(count, apartMs) {
    return Array.from({ length: count }, () => {
      const rank = this.#ranks[(this.#count++ * 37) % this.#ranks.length];
      const [from, to, event] = steps.find(([state]) => state === rank.state);
      this.#timeMs += apartMs;
      const part = to === "idle" ? null : (rank.part ?? this.#count);
      Object.assign(rank, { state: to, part, sinceMs: this.#timeMs });
      return [this.#timeMs, rank.rank, from, to, event, part];
    });
  }

  state() {
    const nowMs = Date.now();
    const names = [...new Set(this.#ranks.map(({ host }) => host))];
    const none = { messages: 0, bytes: 0 };
    return {
      nowMs,
      driver: { program: "played", pid: 1, machine: "here", version: "0" },
      jobs: [{ id: "played#1", value: "computing", phase: "running" }],
      hosts: names.map((name) => ({
        name,
        ranks: this.#ranks.filter(({ host }) => host === name).map(({ rank }) => rank),
        pid: 1,
        nodeVersion: process.version,
        heardMs: nowMs,
      })),
      job: {
        phase: "running",
        cancelGraceMs: 5000,
        stats: { sent: none, received: none, byHost: {}, between: [], least: { ranks: 0, hosts: 0 }, notes: {} },
        snapshot: {
          id: "played#1",
          kernel: "played",
          value: "computing",
          reason: null,
          elapsedMs: nowMs - this.#startMs,
          parts: { handedOut: this.#count, done: this.#count, again: 0, total: undefined },
          ranks: this.#ranks,
        },
      },
    };
  }
}
