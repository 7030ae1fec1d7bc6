/**
 * Shapes of plain data, checked by hand-written functions: a library for it would cost each host process a tenth of a second at its
 * start. A shape gives back what it was asked for and drops every other key; what does not fit throws a TypeError that says where.
 */

/** Checks a value. @throws TypeError */
export type Shape<T> = (value: unknown) => T;

export type Shaped<S> = S extends Shape<infer T> ? T : never;

type Fields = Readonly<Record<string, Shape<unknown>>>;
type Fitted<F extends Fields> = { [K in keyof F]: Shaped<F[K]> };

/** 0, 1, 2 … as far as numbers are exact. */
export const whole: Shape<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : refuse("a whole number");

/** Any number but NaN and the infinite. */
export const real: Shape<number> = (value) => (Number.isFinite(value) ? (value as number) : refuse("a finite number"));

/** A span of time, in ms. */
export const duration: Shape<number> = (value) => (real(value) >= 0 ? (value as number) : refuse("0 or more"));

export const flag: Shape<boolean> = (value) => (typeof value === "boolean" ? value : refuse("true or false"));

/** As long as its message's head may be. */
export const text: Shape<string> = (value) => (typeof value === "string" ? value : refuse("a text"));

/** A text of up to 1000 characters. */
export const name: Shape<string> = (value) => (text(value).length <= 1000 ? (value as string) : refuse("a short text"));

export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  const known = new Set<unknown>(words);
  return (value) => (known.has(value) ? (value as T) : refuse(`one of ${words.join(", ")}`));
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value));
}

/** A key that may be missing; it then is in what comes back, too. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value) => (value === undefined ? undefined : shape(value));
}

export function list<T>(item: Shape<T>, atLeast = 0): Shape<T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length < atLeast) refuse(`a list of ${atLeast} or more`);
    const out = new Array<T>(value.length);
    // Not `map`, which would pass over holes.
    for (let i = 0; i < out.length; i++) out[i] = within(i, item, value[i]);
    return out;
  };
}

export function record<F extends Fields>(fields: F): Shape<Fitted<F>> {
  const entries = Object.entries(fields);
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("an object");
    const out: Record<string, unknown> = {};
    for (const [key, shape] of entries) {
      const fitted = within(key, shape, (value as Record<string, unknown>)[key]);
      if (fitted !== undefined) out[key] = fitted;
    }
    return out as Fitted<F>;
  };
}

/** One of several records, told apart by their `kind`. It travels as a list: the number of its kind, then its fields in their order. */
export interface Choice<T> extends Shape<T> {
  /** Undefined for a kind that is none of these. */
  flat(value: { readonly kind: string }): unknown[] | undefined;
}

/**
 * @param from the number of the first
 * @param kinds in their order, with the fields of each in theirs: both sides must have the same
 */
export function choice<M extends Readonly<Record<string, Fields>>>(
  from: number,
  kinds: M,
): Choice<{ [K in keyof M & string]: { kind: K } & Fitted<M[K]> }[keyof M & string]> {
  const rows = Object.entries(kinds).map(([kind, fields], i) => ({
    kind,
    number: from + i,
    fields: Object.entries(fields),
  }));
  const byKind = new Map(rows.map((row) => [row.kind, row]));

  function read(value: unknown): never {
    const row = Array.isArray(value) && typeof value[0] === "number" ? rows[value[0] - from] : undefined;
    if (!row) refuse("of a known kind");
    const { kind, fields } = row;
    const items = value as unknown[];
    if (items.length !== fields.length + 1) refuse(`a list of ${fields.length + 1}`);
    const out: Record<string, unknown> = { kind };
    for (let i = 0; i < fields.length; i++) {
      const [key, shape] = fields[i]!;
      out[key] = within(key, shape, items[i + 1]);
    }
    return out as never;
  }

  function flat(value: { readonly kind: string }): unknown[] | undefined {
    const row = byKind.get(value.kind);
    if (!row) return undefined;
    const { number, fields } = row;
    const out = new Array<unknown>(fields.length + 1);
    out[0] = number;
    for (let i = 0; i < fields.length; i++) out[i + 1] = (value as Record<string, unknown>)[fields[i]![0]];
    return out;
  }

  return Object.assign(read, { flat });
}

function within<T>(key: string | number, shape: Shape<T>, value: unknown): T {
  try {
    return shape(value);
  } catch (error) {
    throw new TypeError(`${key}: ${(error as Error).message}`);
  }
}

function refuse(expectation: string): never {
  throw new TypeError(`must be ${expectation}`);
}
