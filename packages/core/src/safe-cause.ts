import { StorageError } from "./storage-error.ts";

/** What a name like these is followed by, in URLs, headers, JSON and messages of services. */
const credential =
  /([\w-]*(?:signature|credential|token|secret|password|private_?key|access_?key(?:_?id)?|authorization|cookie|\bsig)["']?\s*[=:]\s*["']?)(?:(?:Bearer|Basic|AWS4-HMAC-SHA256)\s+)?(?:-----BEGIN.*?-----END|[^\s"'&,])[^\s"'&,]*/gis;
const userInfo = /(\w+:\/\/)[^\s/@]+@/g;
const path = String.raw`(?:file:\/\/|[A-Za-z]:[\\/]|\\\\|\/(?![/\s]))`;
const quotedPath = new RegExp(`(["'\`])${path}[^\\n]*?\\1`, "g");
const absolutePath = new RegExp(`(^|[\\s(=:,])${path}[^\\s'"),]+`, "g");

const kept = ["code", "errno", "syscall", "status", "statusCode"] as const;
const deepest = 4;

/**
 * The error of a service, fit to be logged: a copy without secrets, signatures and paths of the
 * server. Errors of this library are so already.
 */
export function safeCause(cause: unknown, depth: number = 0): unknown {
  if (depth === deepest) return undefined;
  if (StorageError.is(cause)) return cause;
  if (typeof cause === "string") return safeText(cause);
  return isError(cause) ? safeError(cause, depth) : undefined;
}

function safeError(cause: Error, depth: number): Error {
  const message = safeMessage(cause);
  const inner = safeCause(cause.cause, depth + 1);
  const copy = new Error(message, inner === undefined ? undefined : { cause: inner });
  const frames = cause.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  define(copy, "name", cause.name);
  define(copy, "stack", [`${cause.name}: ${message}`, ...frames].join("\n"));
  for (const name of kept) {
    const value: unknown = Reflect.get(cause, name);
    if (typeof value === "string" || typeof value === "number") Reflect.set(copy, name, value);
  }
  return copy;
}

/** By tag and not by class, which is another one under Jest. */
function isError(value: unknown): value is Error {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object Error]" || tag === "[object DOMException]";
}

function define(error: Error, name: string, value: string): void {
  Object.defineProperty(error, name, { value, configurable: true, writable: true });
}

/** Node's message of a failed file-system call ends in its paths, which hold keys and so any character. */
function safeMessage(cause: Error): string {
  const syscall: unknown = Reflect.get(cause, "syscall");
  const { message } = cause;
  if (typeof syscall !== "string") return safeText(message);
  const end = message.indexOf(`, ${syscall}`);
  return end === -1 ? safeText(message) : message.slice(0, end + 2 + syscall.length);
}

export function safeText(text: string): string {
  return text
    .replace(credential, "$1[hidden]")
    .replace(userInfo, "$1[hidden]@")
    .replace(quotedPath, "$1[path]$1")
    .replace(absolutePath, "$1[path]");
}
