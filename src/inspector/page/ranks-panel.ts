/** All ranks in a grid, host by host: what each does, and how its host is. */
import type { HostSnapshot } from "../../cluster/host-entry.ts";
import type { RankSnapshot } from "../../cluster/rank-table.ts";
import { formatBytes, formatDuration } from "../../terminal/format.ts";
import { byId, h, setAttribute, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { RankCell } from "./rank-cell.ts";
import { signOf } from "./states.ts";

/** More ranks than this are shown small. */
const mostInFull = 64;

export class RanksPanel {
  readonly #grid = byId("hosts");
  readonly #select: (rank: number) => void;
  #sections: HostSection[] = [];
  #shape = "";

  constructor(select: (rank: number) => void) {
    this.#select = select;
    this.#grid.addEventListener("click", (event) => {
      const cell = (event.target as Element).closest<HTMLElement>("[data-rank]");
      if (cell) this.#select(Number(cell.dataset.rank));
    });
    this.#grid.addEventListener("keydown", (event) => this.#move(event));
  }

  show({ state, nowMs, selected }: Model): void {
    if (!state) return;
    const ranks = state.job?.snapshot.ranks ?? [];
    const small = ranks.length > mostInFull;
    this.#shapeTo(state.hosts, ranks.length, small);
    const running = state.job?.phase === "running";
    for (const [i, section] of this.#sections.entries())
      section.update(state.hosts[i]!, ranks, { nowMs, selected, small, running });
  }

  /** Which hosts and ranks there are changes with the cluster, not from moment to moment. */
  #shapeTo(hosts: readonly HostSnapshot[], size: number, small: boolean): void {
    const shape = JSON.stringify([hosts.map(({ ranks }) => ranks), size]);
    if (shape === this.#shape) return;
    this.#shape = shape;
    setAttribute(this.#grid, "data-small", small);
    this.#sections = hosts.map(({ ranks }) => new HostSection(ranks.filter((rank) => rank < size)));
    this.#grid.replaceChildren(...this.#sections.map(({ element }) => element));
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

/** What all of them are shown by. */
interface Shown {
  readonly nowMs: number;
  readonly selected: number | undefined;
  readonly small: boolean;
  readonly running: boolean;
}

class HostSection {
  readonly element: HTMLElement;
  readonly #name = h("span", { class: "host-name" });
  readonly #facts = h("span", { class: "host-facts" });
  readonly #lost = h("p", { class: "host-lost" });
  readonly #cells: ReadonlyMap<number, RankCell>;

  constructor(ranks: readonly number[]) {
    this.#cells = new Map(ranks.map((rank) => [rank, new RankCell(rank)]));
    const cells = [...this.#cells.values()].map(({ element }) => element);
    this.element = h(
      "section",
      { class: "host" },
      h("h3", {}, this.#name, this.#facts),
      this.#lost,
      h("div", { class: "cells" }, ...cells),
    );
  }

  update(host: HostSnapshot, ranks: readonly RankSnapshot[], shown: Shown): void {
    setAttribute(this.element, "data-lost", host.lost !== undefined);
    setText(this.#name, host.name);
    setText(this.#facts, factsOf(host, shown));
    setText(this.#lost, host.lost === undefined ? "" : `${signOf("lost")} lost: ${host.lost}`);
    for (const [rank, cell] of this.#cells) cell.update(ranks[rank]!, rank === shown.selected, shown.small);
  }
}

function factsOf(
  { ranks, pid, nodeVersion, heardMs, lost, cores, memoryBytes }: HostSnapshot,
  { nowMs, running }: Shown,
): string {
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
