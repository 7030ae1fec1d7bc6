/** Ranks as users write them: `0,2-3`. */
const mostRanks = 100_000;

/** `ranks` is undefined where all are meant; `wrong` where the text is no list of ranks. */
export function parseRanks(text: string): { readonly ranks: ReadonlySet<number> | undefined; readonly wrong: boolean } {
  const pieces = text
    .split(",")
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
  if (pieces.length === 0) return { ranks: undefined, wrong: false };
  const ranks = new Set<number>();
  for (const piece of pieces) {
    const [, from, to = from] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(piece) ?? [];
    if (from === undefined || Number(to) - Number(from) > mostRanks) return { ranks: undefined, wrong: true };
    for (let rank = Number(from); rank <= Number(to); rank++) ranks.add(rank);
  }
  return { ranks, wrong: false };
}
