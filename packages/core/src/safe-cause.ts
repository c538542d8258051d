import { StorageError } from "./storage-error.ts";

/** What a name like these is followed by, in headers, JSON and messages of services. */
const credential =
  /((?:signature|credential|token|secret|password|key(?:_?id)?|authorization|cookie)["']?\s*[=:]\s*["']?(?:bearer |basic |aws4\S+ |-----begin.*?-----)?)[^\s"',]+/gis;
/** Paths, and URLs, whose query may hold a signature and whose start a password. */
const place = /[^\s"'`(]*[\\/][^\s"'`)]+/g;

const deepest = 4;

/**
 * The error of a service, fit to be logged: a copy without secrets, signatures and paths of the
 * server. Errors of this library are so already.
 */
export function safeCause(cause: unknown, depth: number = 0): unknown {
  if (StorageError.is(cause)) return cause;
  if (typeof cause === "string") return safeText(cause);
  // By tag and not by class, which is another one under Jest.
  const isError = /Error|DOMException/.test(Object.prototype.toString.call(cause));
  return isError && depth < deepest ? safeError(cause as Error, depth) : undefined;
}

function safeError(error: Error, depth: number): Error {
  const { name, stack } = error;
  const message = safeText(error.message);
  const copy = new Error(message, { cause: safeCause(error.cause, depth + 1) });
  copy.stack = `${name}: ${message}\n${stack?.replace(/^(?! {4}at ).*\n?/gm, "")}`;
  Object.defineProperty(copy, "name", { value: name });
  for (const fact of ["code", "syscall", "status", "statusCode"]) {
    const value: unknown = Reflect.get(error, fact);
    if (/string|number/.test(typeof value)) Reflect.set(copy, fact, value);
  }
  return copy;
}

const safeText = (text: string): string => text.replace(credential, "$1[hidden]").replace(place, "[hidden]");
