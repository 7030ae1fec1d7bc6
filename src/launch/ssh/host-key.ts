/**
 * The check of one machine's host key. ssh2 by itself accepts any; here an unknown key is refused, unless new ones are to be
 * accepted, and one that changed or was revoked always.
 */
import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ServerHostKeyAlgorithm } from "ssh2";
import {
  fingerprint,
  type HostNames,
  hostNames,
  judgeHostKey,
  type KnownHost,
  keyTypeOf,
  knownKeyTypes,
  parseKnownHosts,
  shortType,
  type Verdict,
} from "./known-hosts.ts";
import type { SshTarget } from "./ssh-target.ts";
import { codeOf, reasonOf, Trouble } from "./trouble.ts";

/** What we take, best first. SHA-1 signatures (`ssh-rsa`, `ssh-dss`) are not among them, as in OpenSSH since 8.8. */
const algorithms: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

export class HostKeyCheck {
  readonly #target: SshTarget;
  readonly #acceptNew: boolean;
  readonly #names: HostNames;
  readonly #known: readonly KnownHost[];
  #accepted: Buffer | undefined;
  #isNew = false;
  /** Why the key was refused. */
  refusal: Trouble | undefined;

  constructor(target: SshTarget, acceptNew: boolean) {
    this.#target = target;
    this.#acceptNew = acceptNew || target.acceptNew;
    this.#names = hostNames(target.hostname, target.port, target.hostKeyAlias);
    this.#known = [...target.knownHostsFiles, ...target.globalKnownHostsFiles].flatMap(readKnownHosts);
  }

  /** Key types that are known for the host first: it would otherwise show another, and seem unknown. */
  get algorithms(): ServerHostKeyAlgorithm[] {
    const known = knownKeyTypes(this.#known, this.#names);
    const isKnown = (algorithm: string) => known.some((type) => typeOfAlgorithm(algorithm) === type);
    return [...algorithms.filter(isKnown), ...algorithms.filter((each) => !isKnown(each))];
  }

  /** Whether to go on with a host that shows this key. Asked again when keys are exchanged anew. */
  accepts(key: Buffer): boolean {
    if (this.#accepted) return this.#accepted.equals(key);
    const verdict = judgeHostKey(this.#known, this.#names, key);
    this.#isNew = verdict.kind === "unknown" && this.#acceptNew;
    if (verdict.kind === "known" || this.#isNew) this.#accepted = key;
    else this.refusal = this.#troubleOf(verdict, key);
    return this.#accepted !== undefined;
  }

  /** Writes down a new key, once the host has proved that it is its own. @throws Trouble when that fails */
  remember(): void {
    const [file] = this.#target.knownHostsFiles;
    if (!this.#isNew || !this.#accepted || file === undefined) return;
    this.#isNew = false;
    try {
      appendKnownHost(file, `${this.#names.name} ${keyTypeOf(this.#accepted)} ${this.#accepted.toString("base64")}`);
    } catch (cause) {
      throw new Trouble(`its new host key could not be written to ${file} (${reasonOf(cause)})`, {
        remedy: `Make that file writable, or add the key yourself: ${this.#scan()}.`,
        phase: "host key",
        timeless: true,
        cause,
      });
    }
  }

  #troubleOf(verdict: Exclude<Verdict, { kind: "known" }>, key: Buffer): Trouble {
    const shown = `${shortType(keyTypeOf(key))} key ${fingerprint(key)}`;
    const refuse = (what: string, remedy: string) => new Trouble(what, { remedy, phase: "host key", timeless: true });
    switch (verdict.kind) {
      case "revoked":
        return refuse(
          `${this.#names.name} sent the ${shown}, which ${verdict.entry.where} marks as revoked`,
          "Do not trust this machine; ask its administrator for its new key.",
        );
      case "changed": {
        const others = verdict.entries.map((entry) => `${entry.where} (${described(entry)})`).join(", ");
        return refuse(
          `the host key of ${this.#names.name} has changed: it sent the ${shown}, which is not what ${others} has`,
          `Either the machine was set up anew, or somebody else answers in its place: ask its administrator. If it is right: ssh-keygen -R "${this.#names.name}" -f ${fileOf(verdict.entries[0]!)}, then log in once ("${this.#target.command}").`,
        );
      }
      case "unknown": {
        const authority = verdict.authority
          ? ` (the @cert-authority at ${verdict.authority.where} does not count: host certificates are not supported)`
          : "";
        return refuse(
          `the host key of ${this.#names.name} is unknown, it sent the ${shown}${authority}`,
          `Compare that fingerprint with the machine's own; if it is right, log in once ("${this.#target.command}"), or add it: ${this.#scan()}. With acceptNewHostKeys: true, new keys are accepted without asking.`,
        );
      }
    }
  }

  #scan(): string {
    const { hostname, port, hostKeyAlias, knownHostsFiles } = this.#target;
    const [file = "~/.ssh/known_hosts"] = knownHostsFiles;
    const renamed = hostKeyAlias === undefined ? "" : ` | sed 's/^[^ ]*/${hostKeyAlias}/'`;
    return `ssh-keyscan${port === 22 ? "" : ` -p ${port}`} ${hostname}${renamed} >> ${file}`;
  }
}

function typeOfAlgorithm(algorithm: string): string {
  return algorithm.startsWith("rsa-") ? "ssh-rsa" : algorithm;
}

function readKnownHosts(path: string): KnownHost[] {
  try {
    return parseKnownHosts(readFileSync(path, "utf8"), path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    // A revoked key may stand in a file that can't be read: to go on without it would be to guess.
    throw new Trouble(`the known hosts in ${path} can't be read (${reasonOf(cause)})`, {
      remedy: "Make the file readable, or name another in UserKnownHostsFile.",
      phase: "host key",
      timeless: true,
      cause,
    });
  }
}

function appendKnownHost(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  appendFileSync(file, `${endsInLine(file) ? "" : "\n"}${line}\n`, { mode: 0o600 });
}

function endsInLine(file: string): boolean {
  try {
    const text = readFileSync(file, "utf8");
    return text === "" || text.endsWith("\n");
  } catch {
    return true; // it is not there yet
  }
}

function described({ type, key }: KnownHost): string {
  return `${shortType(type)} ${fingerprint(Buffer.from(key, "base64"))}`;
}

function fileOf({ where }: KnownHost): string {
  return where.replace(/:\d+$/, "");
}
