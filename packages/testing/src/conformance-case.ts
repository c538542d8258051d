import type { Capabilities, Limits, StorageBackend } from "@storage/core";

/** A backend to be tried, and what the suite cannot know of it. */
export interface Subject {
  /** Empty, and nobody else's; closed after the case. */
  readonly backend: StorageBackend;
  /** How a plain client reaches the links of `getUrl` and `getUploadUrl`. Default: the global `fetch`. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** A key that this backend may not look at: calls with it end in PermissionDenied. Default: none is tried. */
  readonly forbiddenKey?: string | undefined;
  /** Called after the backend was closed: removes what is left. */
  readonly dispose?: (() => unknown) | undefined;
}

/** What a case works on. */
export interface World {
  readonly backend: StorageBackend;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly forbiddenKey: string;
  /** A second one, as empty and as much on its own; closed after the case, too. */
  readonly another: () => Promise<Pick<World, "backend" | "fetch">>;
}

/** Why a case does not apply to a backend; undefined where it does. */
export type Gate = (subject: Subject) => string | undefined;

export type Run = (world: World) => Promise<void>;

/** One promise, kept or broken. */
export interface ConformanceCase {
  /** A sentence about behaviour. */
  readonly name: string;
  readonly gates: readonly Gate[];
  readonly run: Run;
}

export interface ConformanceGroup {
  readonly name: string;
  readonly cases: readonly ConformanceCase[];
}

/** A case that applies only behind its gates. */
interface GatedRun {
  readonly gates: readonly Gate[];
  readonly run: Run;
}

/** By their sentences. */
export type Cases = Readonly<Record<string, Run | GatedRun>>;

export function group(name: string, cases: Cases, ...gates: readonly Gate[]): ConformanceGroup {
  return {
    name,
    cases: Object.entries(cases).map(([sentence, it]) => {
      const gated = typeof it === "function" ? { gates: [], run: it } : it;
      return { name: sentence, gates: [...gates, ...gated.gates], run: gated.run };
    }),
  };
}

export function when(gate: Gate, run: Run | GatedRun): GatedRun {
  return typeof run === "function" ? { gates: [gate], run } : { gates: [gate, ...run.gates], run: run.run };
}

/** The capabilities that are true or false. */
export type Flag = {
  [Name in keyof Capabilities]: Capabilities[Name] extends boolean ? Name : never;
}[keyof Capabilities];

/** Where the backend can do all of it. */
export function has(...flags: readonly Flag[]): Gate {
  return ({ backend }) => {
    const missing = flags.find((flag) => !backend.capabilities[flag]);
    return missing && `no ${missing}`;
  };
}

/** The other half: where the backend cannot do it, and has to say so. */
export function lacks(flag: Flag): Gate {
  return ({ backend }) =>
    backend.capabilities[flag] ? `it has ${flag}, so that nothing is refused` : undefined;
}

/** Where a limit leaves room for what the case stores. */
export function holds(limit: keyof Limits, least: number): Gate {
  return ({ backend }) =>
    backend.limits[limit] < least ? `${limit} is ${backend.limits[limit]}` : undefined;
}

export const signsPuts: Gate = ({ backend }) =>
  backend.capabilities.signedUploads.includes("PUT") ? undefined : "no signed PUT";

/** Links of our own need a handler behind them. */
export const reachesLinks: Gate = ({ backend, fetch }) =>
  backend.signer && !fetch ? "no fetch was given that reaches links of our own" : undefined;

export const knowsForbiddenKey: Gate = ({ forbiddenKey }) =>
  forbiddenKey === undefined ? "no forbiddenKey was given" : undefined;
