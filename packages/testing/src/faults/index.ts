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
export type { SeenRequest } from "./seen-request.ts";
