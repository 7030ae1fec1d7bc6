/** Which of another host's endpoints this one can connect to: an address that works for one host may not be there for another. */
import { connect } from "node:net";

/** How long one endpoint is tried before the next one is begun as well, in ms. */
const patienceMs = 1000;

/** An endpoint that takes a connection. */
export interface Reached {
  readonly endpoint: string;
  /** This host's address on the way there; undefined for what is no TCP endpoint. */
  readonly localAddress?: string | undefined;
}

/**
 * The first of these endpoints that takes a connection; one that is no TCP endpoint is taken as it is.
 *
 * @param whose for errors: `rank 0`
 * @throws Error that says what became of each
 */
export async function reachableEndpoint(
  endpoints: readonly string[],
  timeoutMs: number,
  whose = "rank 0",
): Promise<Reached> {
  const inside = endpoints.find((endpoint) => !endpoint.startsWith("tcp://"));
  if (inside !== undefined) return { endpoint: inside };
  const over = AbortSignal.timeout(timeoutMs);
  const found = new AbortController();
  const attempts = endpoints.map((endpoint, i) =>
    attempt(endpoint, i * patienceMs, AbortSignal.any([over, found.signal])),
  );
  try {
    return await Promise.any(attempts);
  } catch (error) {
    const all = (error as AggregateError).errors.map((each: Error) => each.message).join("; ");
    throw new Error(`could not reach ${whose} within ${timeoutMs / 1000} s: ${all}`);
  } finally {
    found.abort();
  }
}

async function attempt(endpoint: string, delayMs: number, signal: AbortSignal): Promise<Reached> {
  const { hostname, port } = new URL(endpoint.replace("tcp:", "http:"));
  if (delayMs > 0) await pause(delayMs, signal);
  if (signal.aborted) throw new Error(`${endpoint}: no answer`); // and no name is looked up: that can't be taken back
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      socket.destroy();
      reject(new Error(`${endpoint}: ${why}`));
    };
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    signal.addEventListener("abort", () => fail("no answer"), { once: true });
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once("connect", () => {
      const { localAddress } = socket;
      socket.destroy();
      resolve({ endpoint, localAddress });
    });
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
