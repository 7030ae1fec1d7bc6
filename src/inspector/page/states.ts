/** The states that ranks and jobs can be in, with a sign for each, so that nobody has to tell them by colour alone. */
export const stateNames = [
  "idle",
  "scattering",
  "computing",
  "reducing",
  "cancelled",
  "lost",
  "done",
  "failed",
] as const;

type StateName = (typeof stateNames)[number];

const signs: Readonly<Record<string, string>> = {
  idle: "·",
  scattering: "▼",
  computing: "■",
  reducing: "▲",
  cancelled: "✕",
  lost: "!",
  done: "✓",
  failed: "✗",
};

export function signOf(state: string): string {
  return signs[state] ?? "?";
}

export function numberOf(state: string): number {
  return Math.max(0, stateNames.indexOf(state as StateName));
}

/** The colours of the style sheet (`--idle` and so on), which differ between light and dark, by state number. */
export function colours(): string[] {
  const style = getComputedStyle(document.documentElement);
  return stateNames.map((name) => style.getPropertyValue(`--${name}`).trim());
}

/** Red, green and blue of `#rrggbb`. */
export function rgbOf(colour: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
