/** Listens to a signal that many jobs may share: with one listener, since Node warns of a leak when it has more than ten. */

const followers = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back when the signal aborts, at once if it has. Returns what ends that. */
export function onAbort(signal: AbortSignal, aborted: () => void): () => void {
  if (signal.aborted) {
    aborted();
    return () => {};
  }
  const all = followers.get(signal) ?? follow(signal);
  all.add(aborted);
  return () => all.delete(aborted);
}

function follow(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>();
  followers.set(signal, all);
  signal.addEventListener("abort", () => [...all].forEach((aborted) => void aborted()), { once: true });
  return all;
}
