/** Which of rank 0's endpoints this host can connect to: an address that works for one host may not be there for another. */
import { connect } from "node:net";

/** How long one endpoint is tried before the next one is begun as well, in ms. */
const patienceMs = 1000;

/**
 * The first of these endpoints that takes a connection; one that is no TCP endpoint is taken as it is.
 *
 * @throws Error that says what became of each
 */
export async function reachableEndpoint(endpoints: readonly string[], timeoutMs: number): Promise<string> {
  if (endpoints.length === 1 && !endpoints[0].startsWith("tcp://")) return endpoints[0];
  const over = AbortSignal.timeout(timeoutMs);
  const found = new AbortController();
  const attempts = endpoints.map((endpoint, i) =>
    attempt(endpoint, i * patienceMs, AbortSignal.any([over, found.signal])),
  );
  try {
    return await Promise.any(attempts);
  } catch (error) {
    const all = (error as AggregateError).errors.map((each: Error) => each.message).join("; ");
    throw new Error(`could not reach rank 0 within ${timeoutMs / 1000} s: ${all}`);
  } finally {
    found.abort();
  }
}

async function attempt(endpoint: string, delayMs: number, signal: AbortSignal): Promise<string> {
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
      socket.destroy();
      resolve(endpoint);
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
