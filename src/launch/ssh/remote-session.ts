/**
 * The one exec on a host: first the script that finds Node, then the host process that it becomes. Splits what comes back into marked
 * lines, which say how far it has come, and what is meant for people.
 */
import type { ClientChannel } from "ssh2";
import { readMark, silenceLimitMs } from "../../host/announcement.ts";
import { LineWriter } from "../../host/line-writer.ts";
import type { LaunchCallbacks, ProcessExit } from "../launcher.ts";
import { OutputTail } from "../output-tail.ts";
import type { Connection } from "./connection.ts";

export type Mark = { readonly kind: string; readonly rest: string };

export class RemoteSession {
  readonly #channel: ClientChannel;
  readonly #tail = new OutputTail();
  readonly #marked: (mark: Mark) => void;
  #announced = false;
  #sink: LaunchCallbacks | undefined;
  #early: ["stdout" | "stderr", string][] = [];
  #beat: NodeJS.Timeout | undefined;
  /** Resolves, never rejects. */
  readonly exited: Promise<ProcessExit>;
  /** How it ended, once it has. */
  ended: ProcessExit | undefined;

  constructor(channel: ClientChannel, connection: Connection, marked: (mark: Mark) => void) {
    this.#channel = channel;
    this.#marked = marked;
    const stdout = new LineWriter((line) => this.#stdoutLine(line));
    const stderr = new LineWriter((line) => this.#stderrLine(line));
    channel.setEncoding("utf8").on("data", (text: string) => stdout.push(text));
    channel.stderr.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    channel.on("error", () => {}); // it ended while we wrote to it: its close tells
    let exit: { code: number | null; signal: string | null } | undefined;
    channel.on("exit", (code: number | null, signal?: string) => {
      exit = { code, signal: signal ?? null };
    });
    this.exited = new Promise((resolve) => {
      channel.on("close", () => {
        clearInterval(this.#beat);
        stdout.flush();
        stderr.flush();
        if (exit) resolve({ ...exit, lastOutput: this.lastOutput });
        else void connection.closed.then((why) => resolve(lost(why, this.lastOutput)));
        void connection.end(); // one connection, one process
      });
    });
    void this.exited.then((how) => {
      this.ended = how;
    });
  }

  get lastOutput(): string {
    return this.#tail.text;
  }

  write(text: string): void {
    if (this.#channel.writable) this.#channel.write(text);
  }

  /** Resolves when there is room for more. @throws when the session is over */
  async send(bytes: Uint8Array): Promise<void> {
    if (!this.#channel.writable) throw new Error("the session is over");
    if (this.#channel.write(bytes)) return;
    await new Promise<void>((resolve, reject) => {
      this.#channel.once("drain", resolve);
      void this.exited.then(() => reject(new Error("the session is over")));
    });
  }

  /** Shows the host process that its driver lives, until it has its settings. */
  beat(): void {
    this.#beat = setInterval(() => this.write("\n"), silenceLimitMs / 4);
  }

  /** Hands over what is written from now on, and what was written since the announcement. */
  handOver(settings: string, sink: LaunchCallbacks): void {
    clearInterval(this.#beat);
    this.#sink = sink;
    for (const [stream, line] of this.#early) sink.output(stream, line);
    this.#early = [];
    this.write(`${settings}\n`);
  }

  closeStdin(): void {
    clearInterval(this.#beat);
    this.#channel.end();
  }

  /** Asks the ssh server to kill it; many refuse. */
  kill(): void {
    try {
      this.#channel.signal("KILL");
    } catch {
      // the connection is gone, and with it what could be asked
    }
  }

  #stdoutLine(line: string): void {
    if (this.#announced) return this.#put("stdout", line);
    const mark = readMark(line);
    if (!mark) return this.#tail.push(line);
    this.#announced = mark.kind === "host";
    this.#marked(mark);
  }

  #stderrLine(line: string): void {
    this.#tail.push(line);
    if (this.#announced) this.#put("stderr", line);
  }

  #put(stream: "stdout" | "stderr", line: string): void {
    if (this.#sink) this.#sink.output(stream, line);
    else this.#early.push([stream, line]);
  }
}

function lost(why: string, lastOutput: string): ProcessExit {
  const connectionLost = `the ssh connection was lost: ${why}`;
  return {
    code: null,
    signal: null,
    lastOutput: [lastOutput, connectionLost].filter((text) => text !== "").join("\n"),
    connectionLost,
  };
}
