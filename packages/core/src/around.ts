import { textOf } from "./data.ts";
import { type CallName, wrapMethods } from "./driver-calls.ts";
import { over } from "./over.ts";
import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** One call of the inner driver, as a layer that watches sees it. */
export interface WatchedCall {
  readonly method: CallName;
  /** Missing for list, removeMany, checkHealth and sweep. */
  readonly key?: string | undefined;
  readonly target?: string | undefined;
}

/** Has to call `next` once and to return what it gives: to watch is not to change. */
export type Watch = <T>(call: WatchedCall, next: () => Promise<T>) => Promise<T>;

/** A backend that does what `inner` does, every call of it wrapped in `run`: for metrics and tracing. */
export function around(inner: StorageDriver, layer: string, run: Watch): StorageBackend {
  const watched = wrapMethods(inner, (name, method) => (...args) => {
    const [key, target] = args.map(textOf);
    return run({ method: name, key, target }, () => method(...args));
  });
  return over(inner, layer, { ...watched, signUrl: inner.signUrl });
}
