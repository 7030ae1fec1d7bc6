/**
 * Errors across threads and wires: name, code, message, stack and cause are kept. An error of another class comes back
 * as an `Error` of that name, so it is recognised by name or code and not by `instanceof`.
 */

/** An error as plain data. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack?: string | undefined;
  readonly code?: string | undefined;
  readonly cause?: ErrorRecord | undefined;
}

const natives: Record<string, ErrorConstructor> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
const deepestCause = 8;
/** Of a message or a stack in a head: with all causes, and three bytes to a letter, less than `chunkBytes`. */
const longestText = 16_000;
/** As messages.ts checks it: a failure that is refused at the driver would leave its job waiting for ever. */
const longestName = 1000;

/** Anything that was thrown, as a record; something that is no error becomes one whose message shows it. */
export function errorToRecord(thrown: unknown, depth = 0): ErrorRecord {
  try {
    if (isErrorLike(thrown)) return recordOf(thrown, depth);
  } catch {
    // A getter or a toString of its own threw: it is shown as what it is.
  }
  return { name: "Error", message: `something that is no Error was thrown: ${display(thrown)}` };
}

function recordOf({ name, message, stack, code, cause }: Error & { code?: unknown }, depth: number): ErrorRecord {
  return {
    name: String(name).slice(0, longestName),
    message: String(message),
    ...(typeof stack === "string" && { stack }),
    ...(typeof code === "string" && { code: code.slice(0, longestName) }),
    ...(cause !== undefined && depth < deepestCause && { cause: errorToRecord(cause, depth + 1) }),
  };
}

/** The same with its texts cut to a length that the head of a message has room for. */
export function clippedRecord({ name, message, stack, code, cause }: ErrorRecord): ErrorRecord {
  return {
    name,
    message: clipped(message),
    ...(stack !== undefined && { stack: clipped(stack) }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && { cause: clippedRecord(cause) }),
  };
}

/** True for a record that `errorFromRecord` takes; its causes aside. */
export function isErrorRecord(value: unknown): value is ErrorRecord {
  if (typeof value !== "object" || value === null) return false;
  const { name, message, stack, code } = value as Record<string, unknown>;
  return typeof name === "string" && typeof message === "string" && isTextOrNothing(stack) && isTextOrNothing(code);
}

/** The error again, with the stack of where it was thrown. */
export function errorFromRecord(record: ErrorRecord): Error {
  const Class = Object.hasOwn(natives, record.name) ? natives[record.name]! : Error; // an error may be named "toString"
  const error = new Class(record.message, record.cause && { cause: errorFromRecord(record.cause) });
  if (error.name !== record.name) set(error, "name", record.name);
  set(error, "stack", record.stack ?? `${record.name}: ${record.message}`);
  if (record.code !== undefined) set(error, "code", record.code);
  return error;
}

function set(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: key === "code" });
}

function clipped(text: string): string {
  const more = text.length - longestText;
  return more > 0 ? `${text.slice(0, longestText)}… (${more} more characters)` : text;
}

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isErrorLike(thrown: unknown): thrown is Error & { code?: unknown } {
  return typeof thrown === "object" && thrown !== null && "message" in thrown && "name" in thrown;
}

function display(thrown: unknown): string {
  try {
    return typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
