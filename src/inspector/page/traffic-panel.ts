/** Who has sent how much to whom, as a heat map: a row for each sender, a column for each receiver; by hosts, or by ranks. */
import { byId, setAttribute, setText } from "./dom.ts";
import { flowsOf, HostHeat, hostTotals } from "./host-heat.ts";
import type { Model } from "./model.ts";
import { RankHeat, rankTotals } from "./rank-heat.ts";

type View = "hosts" | "ranks";

const redrawMs = 1000;
const views: readonly View[] = ["hosts", "ranks"];

export class TrafficPanel {
  readonly #hosts = new HostHeat(byId("traffic-table"));
  readonly #ranks = new RankHeat(byId<HTMLCanvasElement>("traffic-canvas"), byId("traffic-at"));
  /** What the user has chosen; until then, hosts where there are several. */
  #chosen: View | undefined;
  #view: View | undefined;
  #job: string | undefined;
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(changed: () => void) {
    for (const view of views)
      byId(`traffic-${view}`).addEventListener("click", () => {
        this.#chosen = view;
        changed();
      });
    this.#ranks.onResize(changed);
  }

  recolour(): void {
    this.#ranks.recolour();
  }

  show(model: Model): void {
    const { state, traffic } = model;
    const job = state?.job;
    if (!job) return;
    const names = [...new Set(state.hosts.map(({ name }) => name))];
    const view = this.#chosen ?? (names.length > 1 || traffic.pairs.length === 0 ? "hosts" : "ranks");
    const now = performance.now();
    const same = view === this.#view && job.snapshot.id === this.#job && !this.#ranks.isStale;
    if (same && job.phase === "running" && now - this.#drawnMs < redrawMs) return;
    [this.#view, this.#job, this.#drawnMs] = [view, job.snapshot.id, now];
    for (const each of views) setAttribute(byId(`traffic-${each}`), "aria-pressed", String(each === view));
    setAttribute(byId("traffic-by-hosts"), "hidden", view !== "hosts");
    setAttribute(byId("traffic-by-ranks"), "hidden", view !== "ranks");
    if (view === "hosts") {
      const flows = flowsOf(job, names[0]!);
      this.#hosts.show(names, flows);
      return setText(byId("traffic-total"), hostTotals(job, flows));
    }
    const { ranks } = job.snapshot;
    setText(byId("traffic-total"), rankTotals(traffic));
    setAttribute(byId("traffic-none"), "hidden", traffic.pairs.length > 0);
    setAttribute(byId("traffic-map"), "hidden", traffic.pairs.length === 0);
    if (traffic.pairs.length > 0) this.#ranks.show(ranks.length, traffic);
  }
}
