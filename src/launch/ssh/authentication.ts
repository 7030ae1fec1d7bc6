/** One login: which keys are offered in which order, and what is said when none of them is let in. */
import ssh2, {
  type AuthenticationType,
  type AuthHandlerMiddleware,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from "ssh2";
import { type Identities, type Identity, type KeyRing, LockedKeyError, withTilde } from "./identities.ts";
import type { SshTarget } from "./ssh-target.ts";
import { reasonOf, Trouble } from "./trouble.ts";

export class Authentication {
  readonly #target: SshTarget;
  readonly #keys: () => Promise<Identities>;
  #tried: readonly string[] = [];
  #offered = 0;
  #locked: LockedKeyError | undefined;
  readonly #signFailures: string[] = [];
  /** What the host lets in, as it says itself. */
  #methods: readonly string[] = [];
  #halfway = false;

  constructor(target: SshTarget, keys: KeyRing, asking: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#target = target;
    this.#keys = () => keys.identitiesOf(target, asking);
  }

  /** For ssh2: first "none", to hear what the host lets in, then all keys. */
  get handler(): AuthHandlerMiddleware {
    const username = this.#target.user;
    const steps = [
      async () => ({ type: "none" as const, username }),
      async () => ({ type: "agent" as const, username, agent: new IdentityAgent(await this.#gather(), this) }),
    ];
    return (methodsLeft: AuthenticationType[] | null, partialSuccess, next) => {
      this.#methods = methodsLeft ?? [];
      this.#halfway ||= partialSuccess === true;
      const step = steps.shift();
      if (step) step().then(next, () => next(false as never));
      else next(false as never);
    };
  }

  /** A key that the host accepted could not sign. */
  signFailed(error: unknown): void {
    if (error instanceof LockedKeyError) this.#locked ??= error;
    else this.#signFailures.push(reasonOf(error));
  }

  /** @param said what the host said when it hung up, if it did */
  trouble(said?: string): Trouble {
    const { user, command } = this.#target;
    const tried = this.#tried.length > 0 ? `tried ${[...this.#tried, ...this.#signFailures].join(", ")}` : undefined;
    if (this.#locked) {
      const { path } = this.#locked;
      return new Trouble(
        `authentication failed: the host accepts ${withTilde(path)}, but ${this.#locked.message.replace(path, "it")}`,
        {
          remedy: `Load the key into an agent ("ssh-add ${withTilde(path)}"), and see that SSH_AUTH_SOCK is set.`,
          phase: "authenticate",
          tried,
        },
      );
    }
    const why = this.#why(said);
    return new Trouble(`authentication failed${why}`, {
      remedy: `Check that "${command}" works without a password, as user ${user}.`,
      phase: "authenticate",
      tried,
    });
  }

  #why(said: string | undefined): string {
    const left = this.#methods.join(", ");
    if (this.#halfway) return `: the host also wants ${left}, and mpits logs in by key only`;
    if (this.#methods.length > 0 && !this.#methods.includes("publickey"))
      return `: the host lets in by ${left} only, and mpits logs in by key`;
    if (said !== undefined) return `: the host hung up (${said})`;
    if (this.#offered === 0) return `: there is no key to offer (no agent has one, and no key file is there)`;
    return "";
  }

  async #gather(): Promise<readonly Identity[]> {
    const { offered, tried } = await this.#keys();
    this.#tried = tried;
    this.#offered = offered.length;
    return offered;
  }
}

/** Our keys as ssh2 takes them: it offers one after the other, and asks for a signature only for one that the host accepts. */
class IdentityAgent extends ssh2.BaseAgent {
  readonly #identities: readonly Identity[];
  readonly #authentication: Authentication;

  constructor(identities: readonly Identity[], authentication: Authentication) {
    super();
    this.#identities = identities;
    this.#authentication = authentication;
  }

  override getIdentities(callback: (error: Error | undefined, keys?: Buffer[]) => void): void {
    callback(
      undefined,
      this.#identities.map(({ publicKey }) => publicKey),
    );
  }

  override sign(
    publicKey: string | Buffer | ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === "function" ? options : callback!;
    const hash = typeof options === "function" ? undefined : options.hash;
    const wanted = (ssh2.utils.parseKey(publicKey) as ParsedKey).getPublicSSH();
    const identity = this.#identities.find((each) => each.publicKey.equals(wanted))!;
    identity.sign(data, hash).then(
      (signature) => done(null, signature),
      (error) => {
        this.#authentication.signFailed(error);
        done(error as Error);
      },
    );
  }
}
