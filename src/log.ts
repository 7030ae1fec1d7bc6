/**
 * Logs: hosts write JSON lines to their stderr, synchronously, so that none is lost when a process is killed; the driver
 * shows them, and its own, in words a person can read. Options: `logLevel`.
 */
import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

export type Log = Logger;

/** The log of a host process: JSON lines on stderr. */
export function createHostLog(level: string, host: string): Log {
  return pino({ level, base: { host } }, pino.destination({ fd: 2, sync: true }));
}

/** The log of the driver: readable lines on stderr. */
export function createDriverLog(level: string): Log {
  const stream = pretty({
    sync: true,
    destination: 2,
    ignore: "pid,hostname",
    translateTime: "HH:MM:ss.l",
    colorize: useColour(),
  });
  return pino({ level, base: {} }, stream);
}

/** Logs a line that a host process wrote, if it is a line of its log; false when it is something else. */
export function relayLogLine(log: Log, line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    const { level, msg, time: _, ...rest } = JSON.parse(line) as { level?: unknown; msg?: unknown; time?: unknown };
    const name = typeof level === "number" ? pino.levels.labels[level] : undefined;
    if (!name || typeof msg !== "string") return false;
    log[name as "info"](rest, msg);
    return true;
  } catch {
    return false;
  }
}

function useColour(): boolean {
  return process.stderr.isTTY === true && !process.env.NO_COLOR;
}
