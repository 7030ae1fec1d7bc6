/**
 * The keys to log in with: those of the agent and those in files, in the order in which OpenSSH offers them. Of an encrypted
 * file only the public part is needed to offer it; the passphrase is asked for when a host has accepted it, once for all hosts.
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import ssh2, { type ParsedKey } from "ssh2";
import { publicPartOf } from "./private-key.ts";
import type { SshTarget } from "./ssh-target.ts";
import { codeOf, reasonOf } from "./trouble.ts";

/** Asks a person for the passphrase of this file; `attempt` counts from 1. Undefined: they don't want to say. */
export type AskPassphrase = (path: string, attempt: number) => Promise<string | undefined>;

type Hash = "sha1" | "sha256" | "sha512" | undefined;

/** A key that can be offered. */
export interface Identity {
  /** Public key in ssh's binary form. */
  readonly publicKey: Buffer;
  sign(data: Buffer, hash: Hash): Promise<Buffer>;
}

/** What there is to log in with, and what a person should know about it: `agent (2 keys)`, `~/.ssh/id_rsa (can't be read: …)`. */
export interface Identities {
  readonly offered: readonly Identity[];
  readonly tried: readonly string[];
}

/** What stops a key from signing: it is encrypted, and nobody gave its passphrase. */
export class LockedKeyError extends Error {
  override readonly name = "LockedKeyError";
  readonly path: string;
  constructor(path: string, wrong: boolean) {
    super(wrong ? "the passphrase given for it was wrong" : "it is encrypted");
    this.path = path;
  }
}

const mostAttempts = 3;

/** Key files, each read and decrypted once for all hosts. */
export class KeyRing {
  readonly #ask: AskPassphrase | undefined;
  readonly #unlocked = new Map<string, Promise<ParsedKey>>();

  constructor(ask: AskPassphrase | undefined) {
    this.#ask = ask;
  }

  /**
   * @param asking runs what waits for a person
   */
  async identitiesOf(target: SshTarget, asking: <T>(work: () => Promise<T>) => Promise<T>): Promise<Identities> {
    const [agent, own, files] = await Promise.all([
      agentIdentities(target.agent),
      Promise.all(target.identityFile === undefined ? [] : [this.#fromFile(target.identityFile, true, asking)]),
      Promise.all(target.identityFiles.map((path) => this.#fromFile(path, false, asking))),
    ]);
    const all = [...own, ...files].flatMap(({ identity }) => (identity ? [identity] : []));
    const named = (key: Identity) => all.some(({ publicKey }) => publicKey.equals(key.publicKey));
    const inAgent = (key: Identity) => agent.identities.find(({ publicKey }) => publicKey.equals(key.publicKey));
    const first = own.flatMap(({ identity }) => (identity ? [inAgent(identity) ?? identity] : []));
    const others = target.identitiesOnly ? [] : agent.identities.filter((key) => !named(key));
    return {
      // As OpenSSH: what the agent has of the files that are named, then the agent's others, then files.
      offered: unique([...first, ...agent.identities.filter(named), ...others, ...all]),
      tried: [...agent.tried, ...[...own, ...files].flatMap(({ tried }) => tried)],
    };
  }

  async #fromFile(path: string, missed: boolean, asking: <T>(work: () => Promise<T>) => Promise<T>) {
    const shown = withTilde(path);
    try {
      const publicKey = await this.#publicKey(path);
      const identity: Identity = {
        publicKey,
        sign: async (data, hash) => signWith(await this.#unlock(path, asking), data, hash),
      };
      return { identity, tried: [shown] };
    } catch (error) {
      if (codeOf(error) === "ENOENT") return { tried: missed ? [`${shown} does not exist`] : [] };
      return { tried: [`${shown} can't be used: ${reasonOf(error)}`] };
    }
  }

  async #publicKey(path: string): Promise<Buffer> {
    const text = await readFile(path);
    const inside = publicPartOf(text.toString("latin1"));
    if (inside) return inside;
    const key = ssh2.utils.parseKey(text);
    if (!isError(key)) return key.getPublicSSH();
    const beside = await readFile(`${path}.pub`).catch(() => undefined); // may not be there: then what is wrong with the key itself counts
    const publicKey = beside && ssh2.utils.parseKey(beside);
    if (publicKey && !isError(publicKey)) return publicKey.getPublicSSH();
    throw key;
  }

  #unlock(path: string, asking: <T>(work: () => Promise<T>) => Promise<T>): Promise<ParsedKey> {
    let unlocked = this.#unlocked.get(path);
    if (!unlocked) {
      unlocked = this.#load(path);
      this.#unlocked.set(path, unlocked);
      unlocked.catch((error: unknown) => {
        // Who gave no passphrase is not asked for the next host again; another trouble may have passed by then.
        if (!(error instanceof LockedKeyError)) this.#unlocked.delete(path);
      });
    }
    return asking(() => unlocked);
  }

  async #load(path: string): Promise<ParsedKey> {
    const text = await readFile(path);
    const key = ssh2.utils.parseKey(text);
    if (!isError(key)) return key;
    if (!/passphrase/i.test(key.message)) throw key;
    for (let attempt = 1; this.#ask && attempt <= mostAttempts; attempt++) {
      const passphrase = await this.#ask(path, attempt);
      if (passphrase === undefined) break;
      const decrypted = ssh2.utils.parseKey(text, passphrase);
      if (!isError(decrypted)) return decrypted;
      if (attempt === mostAttempts) throw new LockedKeyError(path, true);
    }
    throw new LockedKeyError(path, false);
  }
}

/** `~/.ssh/id_rsa` rather than the whole path. */
export function withTilde(path: string): string {
  const home = homedir();
  return path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

async function agentIdentities(socket: string | undefined): Promise<{ identities: Identity[]; tried: string[] }> {
  if (socket === undefined) return { identities: [], tried: [] };
  try {
    const agent = new ssh2.OpenSSHAgent(socket);
    const keys = await new Promise<ParsedKey[]>((resolve, reject) => {
      agent.getIdentities((error, found) => (error ? reject(error) : resolve((found ?? []) as ParsedKey[])));
    });
    const tried = [`agent (${keys.length === 1 ? "1 key" : `${keys.length || "no"} keys`})`];
    return { identities: keys.map((key) => agentIdentity(agent, key)), tried };
  } catch {
    return { identities: [], tried: [`agent (none answers at ${socket})`] };
  }
}

function agentIdentity(agent: ssh2.OpenSSHAgent, key: ParsedKey): Identity {
  return {
    publicKey: key.getPublicSSH(),
    sign: (data, hash) =>
      new Promise((resolve, reject) => {
        const options = hash === undefined ? {} : { hash };
        agent.sign(key, data, options, (error, signature) => (signature ? resolve(signature) : reject(error)));
      }),
  };
}

function signWith(key: ParsedKey, data: Buffer, hash: Hash): Buffer {
  const signature: Buffer | Error = key.sign(data, hash);
  if (isError(signature)) throw signature;
  return signature;
}

function unique(identities: readonly Identity[]): Identity[] {
  return identities.filter(
    (key, index) => identities.findIndex(({ publicKey }) => publicKey.equals(key.publicKey)) === index,
  );
}

/** ssh2 returns errors rather than throwing them; from another realm, where tests run, `instanceof` would not know them. */
function isError(value: object): value is Error {
  return "message" in value && "stack" in value;
}
