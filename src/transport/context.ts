/** The ZeroMQ context of this package alone: its settings don't touch sockets that the user's program may have. */
import { Context } from "zeromq";

// An unsent message must not keep the process from ending; what matters is acknowledged by messages of our own.
export const ownContext = new Context({ blocky: false });
