import { type StorageError, type StorageErrorCode, storageError } from "@storage/core";

const codes: Readonly<Record<string, StorageErrorCode>> = {
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied",
  EROFS: "PermissionDenied",
  ENOSPC: "QuotaExceeded",
  EDQUOT: "QuotaExceeded",
  ENOENT: "InvalidArgument",
  ENOTDIR: "InvalidArgument",
  EISDIR: "InvalidArgument",
};

/** Of a file on this machine, whose path the cause shows: so that it is left out. */
export function fileError(what: string, cause: unknown): StorageError {
  const code = nodeCodeOf(cause);
  return storageError(codes[code] ?? "Unknown", `${what} (${code})`, { outcome: "not-applied" });
}

export function nodeCodeOf(cause: unknown): string {
  const { code } = Object(cause);
  return typeof code === "string" ? code : "no code";
}
