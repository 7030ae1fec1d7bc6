/**
 * Notices a connection that died without a word. ssh2 can do this by itself (`keepaliveInterval`), but its timer can't be
 * unreferenced, so that an idle cluster would keep its program from ending.
 */
import type { Client } from "ssh2";

const intervalMs = 5000;
const mostUnanswered = 3;

/**
 * Sends a request every five seconds that any ssh server must answer, be it with a refusal (RFC 4254, 4), and that changes nothing:
 * to no longer forward a port that was never forwarded.
 *
 * @param lost is called when three in a row were not answered
 * @returns ends it
 */
export function keepAlive(client: Client, lost: () => void): () => void {
  let unanswered = 0;
  const timer = setInterval(() => {
    if (unanswered >= mostUnanswered) return lost();
    unanswered++;
    try {
      client.unforwardIn("127.0.0.1", 1, () => {
        unanswered = 0;
      });
    } catch {
      clearInterval(timer); // it is closing: that is noticed without us
    }
  }, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}
