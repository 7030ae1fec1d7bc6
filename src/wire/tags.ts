/** What the two sides of the codec agree on: the key that marks an object as a tag, and how a property is set. */

/** An object with this one key stands for something that msgpack has no exact form for. */
export const TAG = "\u0000mpits";

export function tagged(kind: string, data?: unknown): object {
  return { [TAG]: data === undefined ? [kind] : [kind, data] };
}

/** Sets a property also when its name is `__proto__`. */
export function define(target: object, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else (target as Record<string, unknown>)[key] = value;
}
