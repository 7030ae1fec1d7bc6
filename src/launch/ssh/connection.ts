/**
 * The ssh connection to one host, through its jump hosts. Every machine on the way has its host key checked and is logged in to by
 * itself. Only the first has a socket of this machine; the others are reached through the one before.
 */
import { promises as dns, type LookupAddress } from "node:dns";
import net, { type LookupFunction } from "node:net";
import type { Duplex } from "node:stream";
import ssh2, { type Client } from "ssh2";
import { Authentication } from "./authentication.ts";
import { HostKeyCheck } from "./host-key.ts";
import type { KeyRing } from "./identities.ts";
import { keepAlive } from "./keep-alive.ts";
import type { PhaseClock } from "./phase-clock.ts";
import type { SshTarget } from "./ssh-target.ts";
import { codeOf, reasonOf, Trouble } from "./trouble.ts";

export interface ConnectionOptions {
  readonly clock: PhaseClock;
  readonly keys: KeyRing;
  readonly acceptNewHostKeys: boolean;
  /** How long one of several addresses of a host may take before the next is tried, in ms. */
  readonly attemptMs: number;
}

export class Connection {
  readonly #targets: readonly SshTarget[];
  readonly #options: ConnectionOptions;
  readonly #clients: Client[] = [];
  #socket: net.Socket | undefined;
  #ended = false;
  #lastError: string | undefined;
  #stopKeepAlive = () => {};
  /** Why the connection is no more. */
  readonly closed: Promise<string>;
  #close!: (why: string) => void;

  constructor(targets: readonly SshTarget[], options: ConnectionOptions) {
    this.#targets = targets;
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  /** Connects and logs in to all of them. @throws Trouble */
  async open(): Promise<void> {
    const [first, ...others] = this.#targets;
    await this.#login(first!, await this.#dial(first!));
    for (const target of others) await this.#login(target, await this.#forward(target));
    this.#stopKeepAlive = keepAlive(this.client, () => this.destroy("it has not answered for 15 s"));
  }

  /** The client that is logged in to the host itself. */
  get client(): Client {
    return this.#clients.at(-1)!;
  }

  get jumps(): number {
    return this.#targets.length - 1;
  }

  get localAddress(): string | undefined {
    return this.#socket?.localAddress?.replace(/^::ffff:/, "");
  }

  ref(): void {
    if (!this.#socket?.destroyed) this.#socket?.ref(); // a closed one would wait for the next time it connects
  }

  unref(): void {
    if (!this.#socket?.destroyed) this.#socket?.unref();
  }

  /** Says goodbye and resolves when the connection is closed. */
  async end(): Promise<void> {
    this.#ended = true;
    if (!this.#socket) return;
    this.#socket.ref();
    for (const client of [...this.#clients].reverse()) client.end();
    const timer = setTimeout(() => this.destroy("it was ended"), 1000);
    await this.closed;
    clearTimeout(timer);
  }

  destroy(why: string): void {
    this.#ended = true;
    this.#lastError ??= why;
    this.#socket?.destroy();
  }

  async #dial(target: SshTarget): Promise<net.Socket> {
    const { clock, attemptMs } = this.#options;
    const { hostname, port } = target;
    clock.enter("resolve", {
      what: `the name ${hostname} was not resolved`,
      remedy: "Check the name server of this machine, or write the address into the host's entry.",
    });
    const addresses = await resolve(target);
    clock.enter("connect", {
      what: `${placeOf(target, addresses)} did not answer`,
      remedy: `Check that the machine is up, that no firewall is in between, and that "${target.command}" works.`,
    });
    if (this.#ended) throw new Error("the launch was given up");
    const socket = net.connect({
      host: hostname,
      port,
      lookup: lookupIn(addresses),
      noDelay: true,
      keepAlive: true,
      autoSelectFamilyAttemptTimeout: attemptMs,
    });
    this.#socket = socket;
    socket.once("close", () => {
      this.#stopKeepAlive();
      this.#close(this.#lastError ?? "it was closed by the host");
    });
    await new Promise<void>((connected, failed) => {
      socket.once("connect", connected);
      socket.once("error", (error) => failed(connectTrouble(target, addresses, error)));
      socket.once("close", () => failed(new Error("the launch was given up")));
    });
    return socket;
  }

  async #forward(target: SshTarget): Promise<Duplex> {
    const { clock } = this.#options;
    const gateway = this.#targets[this.#clients.length - 1]!;
    const late = `${gateway.hostname} did not reach ${placeOf(target)}`;
    clock.enter("connect", { what: late, remedy: `Check that the machine is up and that "${target.command}" works.` });
    return new Promise((resolve, reject) => {
      this.client.forwardOut("127.0.0.1", 0, target.hostname, target.port, (error, stream) => {
        if (!error) return resolve(stream);
        const what = `the jump host ${gateway.hostname} could not connect to ${placeOf(target)}`;
        const remedy = `Check that ${gateway.hostname} reaches it and permits forwarding (AllowTcpForwarding), and that "${target.command}" works.`;
        reject(new Trouble(what, { remedy, note: reasonOf(error), cause: error }));
      });
    });
  }

  /** The handshake with one machine, up to being logged in. */
  #login(target: SshTarget, sock: Duplex): Promise<void> {
    const { clock, keys, acceptNewHostKeys } = this.#options;
    const hostKey = new HostKeyCheck(target, acceptNewHostKeys);
    const where = target === this.#targets.at(-1) ? "" : ` at the jump host ${target.hostname}`;
    const authentication = new Authentication(target, where, keys, (work) => clock.standing(work));
    const client = new ssh2.Client();
    const progress = { greeting: "", keySeen: false, ready: false };
    const keyLate = {
      what: `${placeOf(target)} sent its host key, but did not prove it`,
      remedy: `Check that "${target.command}" works.`,
    };
    const heard = () => this.#socket!.bytesRead;
    clock.expect(
      {
        what: `${placeOf(target)} accepted the connection, but did not begin to speak ssh`,
        remedy: `Check that it is sshd that listens there, and that "${target.command}" works.`,
      },
      heard,
    );
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        const trouble = error instanceof Trouble ? error : handshakeTrouble(target, progress, error);
        reject(
          hostKey.refusal ?? (clock.phase === "authenticate" ? this.#authTrouble(authentication, error) : trouble),
        );
      };
      client.on("greeting", (text) => {
        progress.greeting = text.trim();
      });
      client.on("handshake", () => {
        if (progress.ready) return; // keys are exchanged anew from time to time
        try {
          hostKey.remember();
        } catch (error) {
          return fail(error);
        }
        const loginLate = {
          what: `${placeOf(target)} did not answer the login of user ${target.user}`,
          remedy: `Check that "${target.command}" works without a password.`,
        };
        clock.enter("authenticate", loginLate, heard);
      });
      client.on("ready", () => {
        progress.ready = true;
        resolve();
      });
      client.on("error", (error: Error & { level?: string }) => {
        if (error.level === "agent") return; // one key did not sign: the next is tried
        this.#lastError ??= reasonOf(error);
        fail(error);
      });
      client.on("close", () => fail(new Error("the connection was closed")));
      this.#clients.push(client);
      try {
        client.connect({
          sock,
          username: target.user,
          readyTimeout: 0, // the phase clock has its own, which stands while a person types
          algorithms: { serverHostKey: hostKey.algorithms, compress: ["none"] },
          authHandler: authentication.handler,
          hostVerifier: (key: Buffer) => {
            progress.keySeen = true;
            if (!progress.ready) clock.enter("host key", keyLate, heard);
            return hostKey.accepts(key);
          },
        });
      } catch (error) {
        fail(error);
      }
    });
  }

  #authTrouble(authentication: Authentication, error: unknown): Trouble {
    if (error instanceof Trouble) return error;
    const { level } = error as { level?: string };
    return authentication.trouble(level === "client-authentication" ? undefined : reasonOf(error));
  }
}

async function resolve({ hostname, addressFamily }: SshTarget): Promise<LookupAddress[]> {
  try {
    return await dns.lookup(hostname, { all: true, family: addressFamily });
  } catch (cause) {
    throw new Trouble(`the name ${hostname} was not found`, {
      note: codeOf(cause) ?? reasonOf(cause),
      remedy: "Check how it is written in the list of hosts, /etc/hosts and ~/.ssh/config.",
      cause,
    });
  }
}

/** The addresses that were found, so that they are not looked up again. */
function lookupIn(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first!.address, first!.family);
  };
}

function connectTrouble(target: SshTarget, addresses: readonly LookupAddress[], cause: unknown): Trouble {
  const place = placeOf(target, addresses);
  const code = codeOf(cause);
  if (code === "ECONNREFUSED")
    return new Trouble(`${place} refused the connection`, {
      remedy: `Check that sshd runs there and listens on that port, and that "${target.command}" works.`,
      cause,
    });
  return new Trouble(`${place} can't be reached`, {
    note: code ?? reasonOf(cause),
    remedy: `Check that the machine is up, that no firewall is in between, and that "${target.command}" works.`,
    dropped: code === "ECONNRESET",
    cause,
  });
}

function handshakeTrouble(
  target: SshTarget,
  { greeting, keySeen }: { readonly greeting: string; readonly keySeen: boolean },
  cause: unknown,
): Trouble {
  const place = placeOf(target);
  const reason = reasonOf(cause);
  const noCommon = /no matching (.*)$/.exec(reason);
  if (noCommon)
    return new Trouble(`${place} and mpits have no ${noCommon[1]} in common`, {
      remedy: "Bring the ssh server of that machine up to date.",
      phase: /host key/.test(reason) ? "host key" : "connect",
      cause,
    });
  const said = greeting === "" ? reason : `${reason}; it said "${greeting}"`;
  return new Trouble(`${place} broke off the handshake`, {
    note: said,
    remedy: `Check that it is sshd that listens there, its MaxStartups, and that "${target.command}" works.`,
    dropped: !keySeen && /lost before handshake|closed|ECONNRESET|EPIPE/.test(reason),
    cause,
  });
}

function placeOf({ hostname, port }: SshTarget, addresses: readonly LookupAddress[] = []): string {
  const [first] = addresses;
  const address = first && first.address !== hostname ? ` (${first.address})` : "";
  return `${hostname}${address} port ${port}`;
}
