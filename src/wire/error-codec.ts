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

/** Anything that was thrown, as a record; something that is no error becomes one whose message shows it. */
export function errorToRecord(thrown: unknown, depth = 0): ErrorRecord {
  if (!isErrorLike(thrown))
    return { name: "Error", message: `something that is no Error was thrown: ${display(thrown)}` };
  return {
    name: String(thrown.name),
    message: String(thrown.message),
    ...(typeof thrown.stack === "string" && { stack: thrown.stack }),
    ...(typeof thrown.code === "string" && { code: thrown.code }),
    ...(thrown.cause !== undefined && depth < deepestCause && { cause: errorToRecord(thrown.cause, depth + 1) }),
  };
}

/** The error again, with the stack of where it was thrown. */
export function errorFromRecord(record: ErrorRecord): Error {
  const Class = natives[record.name] ?? Error;
  const error = new Class(record.message, record.cause && { cause: errorFromRecord(record.cause) });
  if (error.name !== record.name) set(error, "name", record.name);
  set(error, "stack", record.stack ?? `${record.name}: ${record.message}`);
  if (record.code !== undefined) set(error, "code", record.code);
  return error;
}

function set(error: Error, key: string, value: string): void {
  Object.defineProperty(error, key, { value, configurable: true, writable: true, enumerable: key === "code" });
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
