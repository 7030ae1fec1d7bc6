/**
 * The bounds of what is taken from a connection; docs/security.md says what each is good for. A value's bytes travel in
 * chunks, so that the bound on one frame, which is all that holds for a stranger, can be small.
 */

/** The longest piece of a value in one frame, in bytes, and the longest head of a message: heads have short lists, and texts that were cut. */
export const chunkBytes = 1 << 20;

/** The largest frame that is sent or taken: a chunk, and what ZeroMQ and CURVE add to it. A larger one ends its connection. */
export const maxFrameBytes = chunkBytes + 1024;

/** The most frames of one message: 128 GiB in full chunks. Each raw array has at least one of its own. */
export const maxFrames = 1 << 17;

/** How deep packed data may be nested; a value of the deepest kind that our encoder lets pass takes three levels for each of its own. */
export const maxPackedDepth = 4096;

/** How long a peer may take to greet and to show its key, in ms; then it is dropped. */
export const handshakeMs = 5000;
