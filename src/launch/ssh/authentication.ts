/** One login: which keys are offered in which order, and what is said when none of them is let in. */
import ssh2, {
  type AnyAuthMethod,
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
  readonly #where: string;
  readonly #keys: () => Promise<Identities>;
  #tried: readonly string[] = [];
  #offered = 0;
  #locked: LockedKeyError | undefined;
  readonly #signFailures: string[] = [];
  /** What the host lets in, as it says itself. */
  #methods: readonly string[] = [];
  #halfway = false;
  /** It has refused all keys. */
  #refused = false;

  /** @param where it takes place, when not at the host itself: ` at the jump host gateway` */
  constructor(target: SshTarget, where: string, keys: KeyRing, asking: <T>(work: () => Promise<T>) => Promise<T>) {
    this.#target = target;
    this.#where = where;
    this.#keys = () => keys.identitiesOf(target, asking);
  }

  /**
   * For ssh2: all keys, then "none", which some hosts let in that know the user by the network, and which asks the others what they
   * let in. Not "none" first, as others do: it takes a round trip, and whoever refuses a key also says what he lets in.
   */
  get handler(): AuthHandlerMiddleware {
    const ways = this.#ways();
    return (methodsLeft: AuthenticationType[] | null, partialSuccess, next) => {
      this.#methods = methodsLeft ?? [];
      this.#halfway ||= partialSuccess === true;
      this.#refused ||= methodsLeft !== null;
      ways
        .next()
        .then(
          ({ value }) => next(value ?? (false as never)),
          () => next(false as never),
        )
        .catch(() => {}); // the connection broke meanwhile: that is told elsewhere
    };
  }

  async *#ways(): AsyncGenerator<AnyAuthMethod, undefined> {
    const username = this.#target.user;
    const identities = await this.#gather();
    if (identities.length > 0) yield { type: "agent", username, agent: new IdentityAgent(identities, this) };
    yield { type: "none", username };
  }

  /** A key that the host accepted could not sign. */
  signFailed(error: unknown): void {
    if (error instanceof LockedKeyError) this.#locked ??= error;
    else this.#signFailures.push(reasonOf(error));
  }

  /** @param said what the host said when it hung up, if it did */
  trouble(said?: string): Trouble {
    const { user, command } = this.#target;
    const note = this.#tried.length > 0 ? `tried ${[...this.#tried, ...this.#signFailures].join(", ")}` : undefined;
    return new Trouble(`authentication${this.#where} failed`, {
      remedy: this.#locked
        ? `Load that key into an agent ("ssh-add ${withTilde(this.#locked.path)}"), and see that SSH_AUTH_SOCK is set.`
        : `Check that "${command}" works without a password, as user ${user}.`,
      because: this.#why(said),
      phase: "authenticate",
      note,
    });
  }

  #why(said: string | undefined): string | undefined {
    const left = this.#methods.join(", ");
    if (this.#locked) return `the host would accept ${withTilde(this.#locked.path)}, but ${this.#locked.message}`;
    if (this.#halfway) return `the host also wants ${left}, and mpits logs in by key only`;
    if (this.#methods.length > 0 && !this.#methods.includes("publickey"))
      return `the host lets in by ${left} only, and mpits logs in by key`;
    if (said !== undefined && !this.#refused) return `the host hung up (${said})`;
    return this.#offered === 0 ? "there is no key to offer" : undefined;
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
