/** Asks for the passphrase of a key file on the terminal, without showing it. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

type AskPassphrase = (path: string, attempt: number) => Promise<string | undefined>;

/** Undefined where nobody can be asked. The promise gives undefined when the person gave none. */
export function passphraseFromTerminal(): AskPassphrase | undefined {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  return ask;
}

async function ask(path: string, attempt: number): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // Now the terminal shows nothing any more: whoever has seen the prompt may type.
  process.stderr.write(`${attempt > 1 ? "That did not unlock it. " : ""}Passphrase for ${path}: `);
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT")); // the terminal sends Ctrl-C as a letter meanwhile
  const given = new AbortController();
  lines.once("close", () => given.abort()); // Ctrl-D
  try {
    return (await lines.question("", { signal: given.signal })) || undefined;
  } catch (error) {
    if (given.signal.aborted) return undefined;
    throw error;
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
