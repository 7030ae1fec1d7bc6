/** Lines that ranks and hosts wrote, filtered by rank, level and words. */
import type { OutputLine } from "../../cluster/output-log.ts";
import { byId, h, setText } from "./dom.ts";
import type { Model } from "./model.ts";
import { parseRanks } from "./rank-list.ts";

/** The most that are drawn. */
const mostShown = 400;
const levels = ["trace", "debug", "info", "warn", "error", "fatal"];

interface Filter {
  readonly ranks: ReadonlySet<number> | undefined;
  readonly kind: string;
  readonly words: string;
}

export class LogsPanel {
  readonly #list = byId("log-lines");
  readonly #ranks = byId<HTMLInputElement>("log-ranks");
  readonly #kind = byId<HTMLSelectElement>("log-kind");
  readonly #words = byId<HTMLInputElement>("log-words");
  #shown = "";

  constructor(changed: () => void) {
    for (const input of [this.#ranks, this.#kind, this.#words]) input.addEventListener("input", changed);
  }

  show(model: Model): void {
    const filter = this.#filter();
    const state = JSON.stringify([
      model.state?.job?.snapshot.id,
      model.lineCount,
      model.lines.length,
      this.#ranks.value,
      filter.kind,
      filter.words,
    ]);
    if (state === this.#shown) return;
    this.#shown = state;
    const fitting = model.lines.filter((line) => passes(line, filter));
    const atEnd = this.#list.scrollHeight - this.#list.scrollTop - this.#list.clientHeight < 40;
    this.#list.replaceChildren(...fitting.slice(-mostShown).map(lineElement));
    if (atEnd) this.#list.scrollTop = this.#list.scrollHeight;
    const left = Math.max(0, fitting.length - mostShown);
    setText(
      byId("log-note"),
      `${fitting.length} of ${model.lines.length} lines${left > 0 ? `, the last ${mostShown} shown` : ""}`,
    );
  }

  #filter(): Filter {
    const { ranks, wrong } = parseRanks(this.#ranks.value);
    this.#ranks.setCustomValidity(wrong ? "Ranks are numbers and ranges, such as 0,2-3" : "");
    return { ranks, kind: this.#kind.value, words: this.#words.value.toLowerCase() };
  }
}

function passes(line: OutputLine, { ranks, kind, words }: Filter): boolean {
  if (ranks && !(line.rank !== undefined && ranks.has(line.rank))) return false;
  if (words !== "" && !line.text.toLowerCase().includes(words)) return false;
  if (kind === "all") return true;
  if (kind === "stdout" || kind === "stderr") return line.stream === kind;
  return line.stream === "log" && levels.indexOf(levelOf(line)) >= levels.indexOf(kind);
}

/** Log lines come as people read them: `[12:00:01.123] WARN: …`. */
function levelOf({ text }: OutputLine): string {
  return /^\[[\d:.]+\] (\w+)/.exec(text)?.[1]?.toLowerCase() ?? "info";
}

function lineElement(line: OutputLine): HTMLElement {
  const who = line.rank === undefined ? (line.host ?? "log") : `[${line.rank}]`;
  const kind = line.stream === "log" ? levelOf(line) : line.stream;
  return h(
    "li",
    { "data-kind": kind },
    h("time", {}, new Date(line.timeMs).toLocaleTimeString("en-GB")),
    h("span", { class: "who" }, who),
    h("span", { class: "text" }, line.text),
  );
}
