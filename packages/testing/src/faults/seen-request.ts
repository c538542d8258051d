import type { Fault } from "./fault.ts";

/** A request that reached the proxy, whatever became of it. */
export interface SeenRequest {
  readonly method: string;
  /** As the client sent it, with its query. */
  readonly path: string;
  /** Names in lower case; of several with one name, the values with ", " between. */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of its body that were read so far, framing not counted. */
  readonly bodyBytes: number;
  /** What it met. Undefined: it was passed through as it is. */
  readonly fault?: Fault | undefined;
  /** Of the answer that the client was given, or began to be given. Undefined: none. */
  readonly status?: number | undefined;
}

/** As the proxy writes it. */
export type RequestRecord = { -readonly [Name in keyof SeenRequest]: SeenRequest[Name] };
