/** Says at the top of the page that ranks may be stuck, and who waits for whom. */
import { byId, h, setAttribute } from "./dom.ts";
import type { Model } from "./model.ts";
import { explainWaits } from "./waits.ts";

export class StuckBanner {
  readonly #place = byId("stuck");
  #shown = "";

  show({ state, connection }: Model): void {
    const job = state?.job;
    const running = job?.phase === "running" && connection === "live";
    const stuck = running ? explainWaits(job.snapshot.ranks) : undefined;
    setAttribute(this.#place, "hidden", stuck === undefined);
    const text = JSON.stringify(stuck ?? null);
    if (text === this.#shown) return;
    this.#shown = text;
    if (!stuck) return this.#place.replaceChildren();
    const lines = stuck.lines.map((line) => h("li", {}, line));
    this.#place.replaceChildren(h("strong", {}, stuck.headline), h("ul", {}, ...lines));
  }
}
