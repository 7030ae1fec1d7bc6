/** Connects a ZeroMQ socket although signals come in between. */
import type { Dealer } from "zeromq";

/** As `dealer.connect`. A profiler's signals come a thousand times a second, and ZeroMQ leaves it to its caller to try again (EINTR). */
export function connectAnyway(dealer: Dealer, endpoint: string): void {
  for (;;) {
    try {
      return dealer.connect(endpoint);
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EINTR") throw error;
    }
  }
}
