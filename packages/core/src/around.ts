import { boundDriver } from "./bound-driver.ts";
import { over } from "./over.ts";
import type { StorageBackend } from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";

/** One call of the inner driver, as a layer that watches sees it. */
export interface WatchedCall {
  readonly method:
    | "write"
    | "read"
    | "head"
    | "remove"
    | "list"
    | "removeMany"
    | "copy"
    | "move"
    | "signUpload"
    | "checkHealth"
    | "sweep";
  /** Missing for list, removeMany, checkHealth and sweep. */
  readonly key?: string | undefined;
  readonly target?: string | undefined;
}

/** Has to call `next` once and to return what it gives: to watch is not to change. */
export type Watch = <T>(call: WatchedCall, next: () => Promise<T>) => Promise<T>;

/** A backend that does what `inner` does, every call of it wrapped in `run`: for metrics and tracing. */
export function around(inner: StorageDriver, layer: string, run: Watch): StorageBackend {
  const { removeMany, copy, move, signUrl, signUpload, checkHealth, sweep, ...driver } = boundDriver(inner);
  return over(inner, layer, {
    write: (key, ...rest) => run({ method: "write", key }, () => driver.write(key, ...rest)),
    read: (key, ...rest) => run({ method: "read", key }, () => driver.read(key, ...rest)),
    head: (key, ...rest) => run({ method: "head", key }, () => driver.head(key, ...rest)),
    remove: (key, ...rest) => run({ method: "remove", key }, () => driver.remove(key, ...rest)),
    list: (call) => run({ method: "list" }, () => driver.list(call)),
    removeMany: removeMany && ((keys, call) => run({ method: "removeMany" }, () => removeMany(keys, call))),
    copy:
      copy && ((key, target, call) => run({ method: "copy", key, target }, () => copy(key, target, call))),
    move:
      move && ((key, target, call) => run({ method: "move", key, target }, () => move(key, target, call))),
    signUrl,
    signUpload:
      signUpload && ((key, link) => run({ method: "signUpload", key }, () => signUpload(key, link))),
    checkHealth: checkHealth && ((call) => run({ method: "checkHealth" }, () => checkHealth(call))),
    sweep: sweep && ((call) => run({ method: "sweep" }, () => sweep(call))),
  });
}
