/** The two state charts, drawn when the page was built, with the live states lit, and the rank that is followed beside them. */

import type { RankSnapshot } from "../../cluster/rank-table.ts";
import { formatDuration } from "../../terminal/format.ts";
import type { Row } from "../protocol.ts";
import { byId, h, keyed, setAttribute, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { signOf } from "./states.ts";

export class ChartPanel {
  readonly #job = byId("job-chart");
  readonly #rank = byId("rank-chart");
  readonly #select: (rank: number | undefined) => void;

  constructor(select: (rank: number | undefined) => void) {
    this.#select = select;
    for (const state of document.querySelectorAll(".chart .state"))
      setText(state.querySelector(".glyph")!, signOf(state.getAttribute("data-state")!));
    byId("unfollow").addEventListener("click", () => this.#select(undefined));
  }

  show(model: Model): void {
    const job = model.state?.job;
    if (!job) return;
    const { ranks, value } = job.snapshot;
    light(this.#job, new Map([[value, ""]]), model.recent.get(-1)?.at(-1));
    const followed = model.selected === undefined ? undefined : ranks[model.selected];
    light(this.#rank, followed ? new Map([[followed.state, ""]]) : counts(ranks), lastMove(model));
    const lost = ranks.filter((rank) => rank.lost !== undefined).length;
    setText(byId("lost-count"), lost === 0 ? "" : `${signOf("lost")} ${lost} lost with their hosts, in no state`);
    this.#showFollowed(model, followed);
  }

  #showFollowed(model: Model, rank: RankSnapshot | undefined): void {
    setText(byId("rank-title"), rank ? `Rank ${rank.rank}` : "All ranks");
    setAttribute(byId("followed"), "hidden", rank === undefined);
    setAttribute(byId("follow-hint"), "hidden", rank !== undefined);
    if (!rank) return;
    const { state, lost, host, part, sinceMs, progress, cores } = rank;
    const shown = lost === undefined ? state : "lost";
    const pill = byId("followed-state");
    setAttribute(pill, "data-state", shown);
    setText(pill, `${signOf(shown)} ${shown}`);
    setText(
      byId("followed-text"),
      [
        `on ${host}`,
        lost === undefined ? `for ${formatDuration(Math.max(0, model.nowMs - sinceMs))}` : lost,
        part === null ? "" : `part ${part}`,
        progress.total > 0 ? `${Math.floor((100 * progress.done) / progress.total)} %` : "",
        cores === undefined || lost !== undefined ? "" : `${Math.round(cores * 100)} % of a core`,
        rank.waitsFor ?? "",
      ]
        .filter((text) => text !== "")
        .join(" · "),
    );
    showRows(byId("followed-rows"), model.recent.get(rank.rank) ?? []);
  }
}

function counts(ranks: readonly RankSnapshot[]): Map<string, string> {
  const found = new Map<string, number>();
  for (const { state, lost } of ranks) if (lost === undefined) found.set(state, (found.get(state) ?? 0) + 1);
  return new Map([...found].map(([state, count]) => [state, String(count)]));
}

function lastMove({ recent, selected }: Model): Row | undefined {
  return selected === undefined ? undefined : recent.get(selected)?.at(-1);
}

/** @param lit states, with what stands in their corner */
function light(chart: Element, lit: ReadonlyMap<string, string>, move: Row | undefined): void {
  for (const state of chart.querySelectorAll(".state")) {
    const name = state.getAttribute("data-state")!;
    setAttribute(state, "data-lit", lit.has(name));
    setText(state.querySelector(".count")!, lit.get(name) ?? "");
  }
  for (const edge of chart.querySelectorAll(".edge")) {
    const [from, to] = [edge.getAttribute("data-from"), edge.getAttribute("data-to")];
    setAttribute(edge, "data-last", move !== undefined && to === move[3] && (from === move[2] || from === "any state"));
  }
}

function showRows(table: Element, rows: readonly Row[]): void {
  keyed(
    table,
    rows.slice(-12).reverse(),
    (row) => `${row[0]} ${row[3]} ${row[4]}`,
    ([timeMs, , from, to, event, part, cause]) =>
      h(
        "tr",
        {},
        h("td", {}, clock(timeMs)),
        h("td", {}, `${from} → ${to}`),
        h("td", {}, part === null ? "" : `part ${part}`),
        h("td", {}, cause === undefined ? event : `${event}: ${cause}`),
      ),
    () => {},
  );
}

function clock(timeMs: number): string {
  const time = new Date(timeMs);
  return `${time.toLocaleTimeString("en-GB")}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
