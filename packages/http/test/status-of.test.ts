import { StorageError, type StorageErrorCode, storageError } from "@storage/core";
import { describe, expect, test } from "vitest";
import { statusOf } from "../src/index.ts";

describe("the status of", () => {
  test.each<[StorageErrorCode, number]>([
    ["FileNotFound", 404],
    ["PermissionDenied", 403],
    ["Unauthenticated", 503],
    ["InvalidKey", 400],
    ["InvalidArgument", 400],
    ["Infected", 400],
    ["KeyConflict", 409],
    ["PreconditionFailed", 412],
    ["TooLarge", 413],
    ["RangeNotSatisfiable", 416],
    ["RateLimited", 429],
    ["NotSupported", 501],
    ["QuotaExceeded", 507],
    ["Timeout", 504],
    ["Unavailable", 503],
    ["BucketNotFound", 503],
    ["Configuration", 503],
    ["Closed", 503],
    ["Integrity", 500],
    ["Archived", 500],
    ["Aborted", 500],
    ["MissingDependency", 500],
    ["SourceFailed", 500],
  ])("%s is %i", (code, status) => {
    expect(statusOf(storageError(code, "x"))).toBe(status);
  });

  test("anything else is 500", () => {
    for (const error of [new StorageError("x"), new Error("x"), undefined, "FileNotFound"]) {
      expect(statusOf(error)).toBe(500);
    }
  });
});
