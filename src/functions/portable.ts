/**
 * Carrying user functions to other threads and hosts, for the driver's side. Compute threads import `revive-function.ts`
 * by itself: this door loads a parser as well.
 */
export { describeFunction } from "./describe-function.ts";
export { fromModule } from "./from-module.ts";
