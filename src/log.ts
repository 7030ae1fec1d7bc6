/**
 * Logs: hosts write JSON lines to their stderr, synchronously, so that none is lost when a process is killed; the driver
 * shows them, and its own, in words a person can read. Options: `logLevel`.
 */
import type * as Pino from "pino";
import type * as PinoPretty from "pino-pretty";
import { later } from "./load-later.ts";

const pino = later<typeof Pino.pino>((require) => require("pino"));
const pretty = later<typeof PinoPretty.default>((require) => require("pino-pretty"));

const levels = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
type Level = (typeof levels)[number];

/** A log of pino's, made when there is something to write. */
export class Log {
  readonly #least: number;
  readonly #make: () => Pino.Logger;
  #logger: Pino.Logger | undefined;

  private constructor(level: string, make: () => Pino.Logger) {
    this.#least = level === "silent" ? levels.length : levels.indexOf(level as Level);
    this.#make = make;
  }

  /** JSON lines on stderr, for a host process. */
  static ofHost(level: string, host: string): Log {
    return new Log(level, () => pino()({ level, base: { host } }, pino().destination({ fd: 2, sync: true })));
  }

  /** Readable lines, for the driver. */
  static ofDriver(level: string, write: (line: string) => void): Log {
    return new Log(level, () => {
      const show = pretty().prettyFactory({
        ignore: "pid,hostname",
        translateTime: "HH:MM:ss.l",
        colorize: useColour(),
      });
      return pino()({ level, base: {} }, { write: (line) => write(show(line)) });
    });
  }

  /** `details` are fields of the line; an error among them is called `error`. */
  write(level: Level, details: object, message: string): void {
    if (levels.indexOf(level) < this.#least) return;
    this.#logger ??= this.#make();
    this.#logger[level](details, message);
  }

  /** Takes a line that a host process wrote, if it is one of its log; false when it is something else. */
  relay(line: string): boolean {
    const record = recordOf(line);
    if (!record) return false;
    this.write(record.level, record.details, record.message);
    return true;
  }
}

/** pino numbers its levels 10, 20, … 60. */
function recordOf(line: string): { level: Level; details: object; message: string } | undefined {
  if (!line.startsWith('{"level":')) return undefined;
  try {
    const { level: number, msg: message, time: _, ...details } = JSON.parse(line) as Record<string, unknown>;
    const level = levels[Number(number) / 10 - 1];
    return level && typeof message === "string" ? { level, details, message } : undefined;
  } catch {
    return undefined;
  }
}

function useColour(): boolean {
  return process.stderr.isTTY === true && !process.env.NO_COLOR;
}
