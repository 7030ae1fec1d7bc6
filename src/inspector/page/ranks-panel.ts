/** All ranks in a grid, host by host: what each does, and how its host is. */
import type { HostSnapshot } from "../../cluster/host-entry.ts";
import type { RankSnapshot } from "../../cluster/rank-table.ts";
import { formatBytes, formatDuration } from "../../terminal/format.ts";
import { byId, h, keyed, setAttribute, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { signOf } from "./states.ts";

/** More ranks than this are shown small. */
const mostInFull = 64;

type Shown = Pick<Model, "nowMs" | "selected" | "state">;

export class RanksPanel {
  readonly #grid = byId("hosts");
  readonly #select: (rank: number) => void;

  constructor(select: (rank: number) => void) {
    this.#select = select;
    this.#grid.addEventListener("click", (event) => {
      const cell = (event.target as Element).closest<HTMLElement>("[data-rank]");
      if (cell) this.#select(Number(cell.dataset.rank));
    });
    this.#grid.addEventListener("keydown", (event) => this.#move(event));
  }

  show(model: Model): void {
    const { state } = model;
    if (!state) return;
    const ranks = state.job?.snapshot.ranks ?? [];
    const { nowMs, selected } = model;
    setAttribute(this.#grid, "data-small", ranks.length > mostInFull);
    keyed(
      this.#grid,
      state.hosts.map((host, index) => ({ host, index })),
      ({ index }) => String(index),
      makeHost,
      (section, { host }) => updateHost(section, host, ranks, { nowMs, selected, state }),
    );
  }

  /** Arrow keys go from rank to rank, as in any grid. */
  #move(event: KeyboardEvent): void {
    const cells = [...this.#grid.querySelectorAll<HTMLElement>("[data-rank]")];
    const at = cells.indexOf(document.activeElement as HTMLElement);
    const row = at < 0 ? 1 : Math.max(1, cells.filter(({ offsetTop }) => offsetTop === cells[at]!.offsetTop).length);
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row };
    const step = steps[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    cells[Math.min(cells.length - 1, Math.max(0, at + step))]!.focus();
  }
}

function makeHost(): HTMLElement {
  return h(
    "section",
    { class: "host" },
    h("h3", {}, h("span", { class: "host-name" }), h("span", { class: "host-facts" })),
    h("p", { class: "host-lost" }),
    h("div", { class: "cells" }),
  );
}

function updateHost(section: HTMLElement, host: HostSnapshot, ranks: readonly RankSnapshot[], shown: Shown): void {
  setAttribute(section, "data-lost", host.lost !== undefined);
  setText(section.querySelector(".host-name")!, host.name);
  setText(section.querySelector(".host-facts")!, factsOf(host, shown));
  setText(section.querySelector(".host-lost")!, host.lost === undefined ? "" : `${signOf("lost")} lost: ${host.lost}`);
  const own = host.ranks.map((rank) => ranks[rank]).filter((rank) => rank !== undefined);
  keyed(
    section.querySelector(".cells")!,
    own,
    ({ rank }) => String(rank),
    makeCell,
    (cell, rank) => updateCell(cell, rank, shown),
  );
}

function factsOf(
  { ranks, pid, nodeVersion, heardMs, lost, cores, memoryBytes }: HostSnapshot,
  { nowMs, state }: Shown,
): string {
  const running = state?.job?.phase === "running";
  return [
    `${ranks.length} ${ranks.length === 1 ? "rank" : "ranks"}`,
    pid === undefined ? "" : `process ${pid}`,
    nodeVersion ?? "",
    running && lost === undefined && cores !== undefined ? `${cores.toFixed(1)} cores` : "",
    memoryBytes !== undefined && lost === undefined ? formatBytes(memoryBytes) : "",
    running && lost === undefined && heardMs > 0 ? `heard ${formatDuration(Math.max(0, nowMs - heardMs))} ago` : "",
  ]
    .filter((text) => text !== "")
    .join(" · ");
}

function makeCell({ rank }: RankSnapshot): HTMLButtonElement {
  return h(
    "button",
    { class: "rank", type: "button", "data-rank": String(rank) },
    h("span", { class: "number" }, String(rank)),
    h("span", { class: "sign" }),
    h("span", { class: "what" }),
    h("span", { class: "part" }),
    h("span", { class: "cpu", title: "of a core" }),
    h("span", { class: "meter" }, h("span", { class: "meter-done" })),
    h("span", { class: "wait" }),
  );
}

function updateCell(cell: HTMLButtonElement, rank: RankSnapshot, { selected }: Shown): void {
  const { state, part, progress, cores, waitsFor, lost } = rank;
  const shown = lost === undefined ? state : "lost";
  setAttribute(cell, "data-state", shown);
  setAttribute(cell, "aria-pressed", String(selected === rank.rank));
  setAttribute(cell, "title", `rank ${rank.rank}: ${lost ?? waitsFor ?? shown}`);
  setText(cell.querySelector(".sign")!, signOf(shown));
  setText(cell.querySelector(".what")!, shown);
  setText(cell.querySelector(".part")!, part === null ? "" : `part ${part}`);
  setText(cell.querySelector(".cpu")!, cores === undefined || lost !== undefined ? "" : `${Math.round(cores * 100)} %`);
  setText(cell.querySelector(".wait")!, waitsFor ?? "");
  setAttribute(cell.querySelector(".meter")!, "data-unknown", progress.total === 0);
  const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
  const width = `${Math.round(share * 100)}%`;
  const done = cell.querySelector<HTMLElement>(".meter-done")!;
  if (done.style.width !== width) done.style.width = width;
}
