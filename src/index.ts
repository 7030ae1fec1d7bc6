export { type JobEvent, type JobMachineContext, type JobStateName, jobMachine } from "./actors/job-machine.ts";
export {
  type Assignment,
  type RankEvent,
  type RankMachineContext,
  rankMachine,
  type StateReport,
} from "./actors/rank-machine.ts";
export { checkCluster } from "./check/check-cluster.ts";
export type {
  CheckedHost,
  CheckedLine,
  CheckedMachine,
  CheckedPhase,
  CheckPhase,
  CheckProblem,
  CheckReport,
} from "./check/check-report.ts";
export type { Cluster, ClusterSnapshot } from "./cluster/cluster.ts";
export type { HostSnapshot } from "./cluster/host-entry.ts";
export type { CancelEvent, Job, JobObserver, JobSnapshot, JobStats } from "./cluster/job.ts";
export type { SpawnOptions } from "./cluster/job-options.ts";
export type { OutputLine } from "./cluster/output-log.ts";
export type { PastJob } from "./cluster/past-jobs.ts";
export type { RankSnapshot } from "./cluster/rank-table.ts";
export type { RecordObserver, TransitionRecord } from "./cluster/story.ts";
export { dimsCreate, type Shift } from "./comm/cartesian.ts";
export type {
  AlltoallOptions,
  BcastOptions,
  CollectiveOptions,
  ExchangeOptions,
  GatherOptions,
  OpLike,
  ReduceScatterOptions,
  ReductionOptions,
  RootedOptions,
  ScatterOptions,
} from "./comm/collective-options.ts";
export type { Neighbors } from "./comm/collectives/neighbors.ts";
export {
  CartesianCommunicator,
  Communicator,
  GraphCommunicator,
  type NeighborAlltoallOptions,
  type NeighborOptions,
} from "./comm/communicator.ts";
export {
  BIGINT64,
  BIGUINT64,
  Datatype,
  type Field,
  FLOAT32,
  FLOAT64,
  INT8,
  INT16,
  INT32,
  UINT8,
  UINT16,
  UINT32,
} from "./comm/datatype.ts";
export type { Edge } from "./comm/graph.ts";
export { type Comparison, Group, type RankRange } from "./comm/group.ts";
export type { CommComparison } from "./comm/group-calls.ts";
export { MatchedMessage, type MatchedReceiveOptions } from "./comm/matched-message.ts";
export { ANY_SOURCE, ANY_TAG, PROC_NULL } from "./comm/matching.ts";
export type { ProbeOptions, ReceiveOptions, SendOptions, SendrecvOptions } from "./comm/message-options.ts";
export {
  BAND,
  BOR,
  BXOR,
  defineOp,
  LAND,
  LOR,
  LXOR,
  MAX,
  MAXLOC,
  MIN,
  MINLOC,
  type Op,
  PROD,
  reduceLocal,
  SUM,
} from "./comm/ops.ts";
export { PersistentRequest } from "./comm/persistent-request.ts";
export { type Completed, Request, type WaitOptions } from "./comm/request.ts";
export { Section, type Span } from "./comm/section.ts";
export type { Message, Status } from "./comm/status.ts";
export type { ManyTargets, Target } from "./comm/targets.ts";
export { NO_OP, REPLACE } from "./comm/window/access-ops.ts";
export type { LockOptions } from "./comm/window/epoch.ts";
export type { AccumulateOptions, GetOptions, PlaceOptions, Window } from "./comm/window/window.ts";
export type { WindowArray } from "./comm/window/window-memory.ts";
export * from "./errors.ts";
export { type ChromeTrace, chromeTrace, type TraceEvent } from "./export/chrome-trace.ts";
export { fromModule } from "./functions/from-module.ts";
export {
  cancelJob,
  configureInfra,
  defaultCluster,
  type InfraOptions,
  inspectorLink,
  launchCluster,
  type RunOptions,
  shutdown,
} from "./infra.ts";
export type { InspectorLink } from "./inspector/inspector.ts";
export { isPrime, type MonteCarloOptions, type MonteCarloReducers, matMul, monteCarlo } from "./kernels/calls.ts";
export type { Kernel, KernelDefinition, RankContext, ReduceContext, World } from "./kernels/define-kernel.ts";
export { defineKernel } from "./kernels/define-kernel.ts";
export { type MatMulInput, matMulKernel } from "./kernels/matmul/matmul.ts";
export { Matrix, type MatrixLike, type StridedMatrix } from "./kernels/matmul/matrix.ts";
export type { Moments as MonteCarloMoments, MonteCarloResult } from "./kernels/monte-carlo/moments.ts";
export { monteCarloKernel } from "./kernels/monte-carlo/monte-carlo.ts";
export type { MonteCarloInput } from "./kernels/monte-carlo/options.ts";
export { type PrimeSearchInput, type PrimeSearchResult, primeSearch } from "./kernels/prime/prime-search.ts";
export { forRank, move, share } from "./kernels/share.ts";
export { type Rng, rngOfSample } from "./random/sample-rng.ts";
export type { Seed } from "./random/seed.ts";
export { cancelRequested, raiseIfCancelled } from "./thread/cancellation.ts";
