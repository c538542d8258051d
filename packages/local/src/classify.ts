import type { Classified, DriverOperation, StorageErrorCode } from "@storage/core";
import { errorCode } from "./files.ts";

/** What is particular to one code: the same for every operation. */
const codes: Readonly<Record<string, Classified>> = {
  EACCES: { code: "PermissionDenied", hint: "the file system refuses this to the user of this process" },
  EPERM: { code: "PermissionDenied", hint: "the file system refuses this to the user of this process" },
  EROFS: { code: "PermissionDenied", hint: "the disk is mounted read-only" },
  ELOOP: { code: "PermissionDenied", hint: "a symbolic link leads nowhere or in a circle" },
  ENOSPC: { code: "QuotaExceeded", hint: "the disk is full, or has no room for another file" },
  EDQUOT: { code: "QuotaExceeded", hint: "the disk quota of this user is used up" },
  EFBIG: { code: "TooLarge", hint: "the file system holds no file of this size" },
  ENAMETOOLONG: { code: "InvalidKey", hint: "the file system takes no path of this length" },
  EXDEV: {
    code: "Configuration",
    hint: "a folder in the tree is another disk: give it a backend of its own",
  },
  EMFILE: {
    code: "Unavailable",
    hint: "too many open files: raise the limit (ulimit -n) or lower maxConcurrency",
  },
  ENFILE: { code: "Unavailable", hint: "the machine has too many open files" },
  ENOMEM: { code: "Unavailable", hint: "the machine has no memory left" },
  EBUSY: { code: "Unavailable", hint: "the file is in use" },
  ESTALE: { code: "Unavailable", hint: "the network disk lost the file while it was open" },
  EIO: { code: "Unavailable", hint: "the disk failed" },
};

const inTheWay = "a file and a folder cannot share a name: another object is in the way of this key";
/** A folder where a file should be, or the reverse: no such object to a reader, in the way of a writer. */
const shapes = new Set(["ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY", "ENXIO"]);
const writing = new Set<DriverOperation>(["write", "copy"]);

/** Nothing is visible before the one call that commits, so that whatever fails was not applied. */
export function classify(cause: unknown, operation: DriverOperation): Classified {
  const code = errorCode(cause) ?? "";
  return { outcome: "not-applied", ...(codes[code] ?? byOperation(code, operation)) };
}

function byOperation(code: string, operation: DriverOperation): Classified {
  // A write needs nothing to be there but the folder of the backend itself.
  const isWhole = operation === "health" || operation === "write";
  const missing: StorageErrorCode = isWhole ? "BucketNotFound" : "FileNotFound";
  if (code === "ENOENT") return isWhole ? { code: missing, hint: "basePath is gone" } : { code: missing };
  if (!shapes.has(code)) return { code: "Unknown" };
  return writing.has(operation) ? { code: "KeyConflict", hint: inTheWay } : { code: missing };
}
