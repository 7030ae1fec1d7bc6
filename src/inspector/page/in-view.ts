/** Which panels can be seen: what is beyond the edges of the window needs no drawing until it comes in. */

/** What is drawn already when it comes into the window. */
const margin = "120px";

export class InView {
  readonly #seen = new Map<string, boolean>();

  /** @param came called when a panel has come into the window, and has to be drawn */
  constructor(ids: readonly string[], came: () => void) {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) this.#seen.set(target.id, isIntersecting);
        if (entries.some(({ isIntersecting }) => isIntersecting)) came();
      },
      { rootMargin: margin },
    );
    for (const id of ids) observer.observe(document.getElementById(id)!);
  }

  /** True as long as nobody knows. */
  has(id: string): boolean {
    return this.#seen.get(id) ?? true;
  }
}
