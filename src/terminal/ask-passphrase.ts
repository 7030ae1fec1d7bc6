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
  process.stderr.write(`${attempt > 1 ? "That did not unlock it. " : ""}Passphrase for ${path}: `);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    const answer = await lines.question("");
    return answer === "" ? undefined : answer;
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
