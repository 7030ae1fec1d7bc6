/**
 * A time-out for what somebody else does. A process that was held up itself finds its timers due before it has read what came
 * meanwhile, and would call others late who were not: so it reads first.
 */

/**
 * Calls `late` once, after `ms` and a turn of the event loop. It does not keep the process alive where `keepsAlive` is false.
 *
 * @returns what ends it: `late` is not called any more
 */
export function fairTimeout(late: () => void, ms: number, { keepsAlive = true } = {}): () => void {
  let turn: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    turn = setImmediate(late);
    if (!keepsAlive) turn.unref();
  }, ms);
  if (!keepsAlive) timer.unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(turn);
  };
}
