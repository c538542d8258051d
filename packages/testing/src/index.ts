export { ConformanceError, check, equal, fails } from "./assertions.ts";
export { type CheckOptions, type ConformanceResult, checkConformance } from "./check-conformance.ts";
export type { ConformanceCase, ConformanceGroup, Gate, Run, Subject, World } from "./conformance-case.ts";
export { conformanceGroups } from "./groups.ts";
export { type ConformanceOptions, type Runner, runConformance } from "./run-conformance.ts";
export type { Open, Verdict } from "./try-case.ts";
