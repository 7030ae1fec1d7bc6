/**
 * Carrying user functions to other threads and hosts, for the driver's side. Compute threads import `revive-function.ts`
 * by itself: this door loads a parser as well.
 */
export { describeFunction } from "./describe-function.ts";
export { fromModule, moduleRefOf } from "./from-module.ts";
export {
  type FunctionRef,
  type FunctionScope,
  isFunctionRef,
  type ModuleRef,
  type PortableFunction,
} from "./function-ref.ts";
export { reviveFunction } from "./revive-function.ts";
