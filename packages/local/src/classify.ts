import type { Classified, DriverOperation, StorageErrorCode } from "@storage/core";
import { astray } from "./errors.ts";
import { errorCode } from "./files.ts";

/** What is particular to some codes: the same for every operation. */
const table: readonly (readonly [code: StorageErrorCode, hint: string, ...of: string[]])[] = [
  ["PermissionDenied", "the file system refuses this to the user of this process", "EACCES", "EPERM"],
  ["PermissionDenied", "the disk is read-only", "EROFS"],
  ["PermissionDenied", astray, "ELOOP"],
  ["QuotaExceeded", "the disk, or the quota of this user, is used up", "ENOSPC", "EDQUOT"],
  ["TooLarge", "the file system takes no file of this size", "EFBIG"],
  ["InvalidKey", "the file system takes no path of this length", "ENAMETOOLONG"],
  ["Configuration", "a folder in the tree is another disk: give it a backend of its own", "EXDEV"],
  [
    "Unavailable",
    "too many open files: raise the limit (ulimit -n) or lower maxConcurrency",
    "EMFILE",
    "ENFILE",
  ],
  ["Unavailable", "the disk failed, or is in use", "EIO", "EBUSY", "ESTALE", "ENOMEM"],
];

const inTheWay = "another object is in the way of this key: a file and a folder cannot share a name";
/** A folder where a file should be, or the reverse: no such object to a reader, in the way of a writer. */
const shapes = ["ENOTDIR", "EISDIR", "EEXIST", "ENOTEMPTY", "ENXIO"];

/** Nothing is visible before the one call that commits, so that whatever fails was not applied. */
export function classify(cause: unknown, operation: DriverOperation): Classified {
  const failed = errorCode(cause);
  const [code, hint] = table.find(([, , ...of]) => of.includes(failed)) ?? byOperation(failed, operation);
  return { outcome: "not-applied", code, hint };
}

function byOperation(failed: string, operation: DriverOperation): readonly [StorageErrorCode, string?] {
  const isShape = shapes.includes(failed);
  if (isShape && (operation === "write" || operation === "copy")) return ["KeyConflict", inTheWay];
  if (!isShape && failed !== "ENOENT") return ["Unknown"];
  // A write needs nothing to be there but the folder of the backend itself.
  const isWhole = operation === "health" || operation === "write";
  return isWhole ? ["BucketNotFound", "basePath is gone"] : ["FileNotFound"];
}
