export {
  type CrashReport,
  type CrashTerms,
  crashAtEveryCall,
  type Kill,
  type KilledRun,
} from "./crash-harness.ts";
export type { KillMoment } from "./crash-hook.ts";
export type {
  AnswerFault,
  BodyPoint,
  Break,
  BreakFault,
  BreakPoint,
  DripFault,
  Fault,
  FlipFault,
  GarbageFault,
  LostReplyFault,
  RedirectFault,
  TruncateFault,
} from "./fault.ts";
export type { FaultPlan, PlanTerms } from "./fault-plans.ts";
export { FaultProxy, type FaultProxyOptions } from "./fault-proxy.ts";
export { type FewDescriptorsOptions, fewDescriptorsObstacle, withFewDescriptors } from "./few-descriptors.ts";
export { killable } from "./killable.ts";
export { ObstacleError } from "./obstacle-error.ts";
export { asOtherUser, type OtherUserOptions, otherUserObstacle } from "./other-user.ts";
export type { ScriptEnd, ScriptOptions } from "./run-script.ts";
export type { SeenRequest } from "./seen-request.ts";
export { SmallDisk, type SmallDiskOptions, smallDiskObstacle } from "./small-disk.ts";
