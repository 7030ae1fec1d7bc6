/** One rank in the grid. It touches the page only where something has changed, for there may be hundreds of them. */
import type { RankSnapshot } from "../../cluster/rank-table.ts";
import { h, setAttribute } from "./dom.ts";
import { signOf } from "./states.ts";

export class RankCell {
  readonly element: HTMLButtonElement;
  readonly #sign = new Text();
  readonly #what = new Text();
  readonly #part = new Text();
  readonly #cpu = new Text();
  readonly #wait = new Text();
  readonly #done = h("span", { class: "meter-done" });
  readonly #meter = h("span", { class: "meter" }, this.#done);
  #shown = "";

  constructor(rank: number) {
    this.element = h(
      "button",
      { class: "rank", type: "button", "data-rank": String(rank) },
      h("span", { class: "number" }, String(rank)),
      h("span", { class: "sign" }, this.#sign),
      h("span", { class: "what" }, this.#what),
      h("span", { class: "part" }, this.#part),
      h("span", { class: "cpu", title: "of a core" }, this.#cpu),
      this.#meter,
      h("span", { class: "wait" }, this.#wait),
    );
  }

  /** @param small where there is only room for its number and its state */
  update(rank: RankSnapshot, selected: boolean, small: boolean): void {
    const { state, waitsFor, lost } = rank;
    const shown = lost === undefined ? state : "lost";
    const details = small ? undefined : detailsOf(rank);
    const signature = `${shown} ${selected} ${lost ?? waitsFor ?? ""} ${details?.join(" ") ?? ""}`;
    if (signature === this.#shown) return;
    this.#shown = signature;
    setAttribute(this.element, "data-state", shown);
    setAttribute(this.element, "aria-pressed", String(selected));
    setAttribute(this.element, "title", `rank ${rank.rank}: ${lost ?? waitsFor ?? shown}`);
    this.#sign.data = signOf(shown);
    if (details) this.#showDetails(shown, details, waitsFor ?? "");
  }

  #showDetails(shown: string, [part, cpu, width]: Details, waits: string): void {
    this.#what.data = shown;
    this.#part.data = part;
    this.#cpu.data = cpu;
    this.#wait.data = waits;
    setAttribute(this.#meter, "data-unknown", width === "");
    this.#done.style.width = width;
  }
}

/** Its part, how much of a core it uses, and how far it is, as a width; empty where nobody knows. */
type Details = readonly [part: string, cpu: string, width: string];

function detailsOf({ part, progress: { done, total }, cores, lost }: RankSnapshot): Details {
  return [
    part === null ? "" : `part ${part}`,
    cores === undefined || lost !== undefined ? "" : `${Math.round(cores * 100)} % cpu`,
    total > 0 ? `${Math.round(Math.min(1, done / total) * 100)}%` : "",
  ];
}
