import { inspect } from "node:util";
import * as core from "@storage/core";
import { Backend, StorageError, type StorageErrorCode, storageError } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { MapDriver, ServiceFailure } from "./map-driver.ts";

const codes: readonly StorageErrorCode[] = [
  "FileNotFound",
  "PermissionDenied",
  "Unauthenticated",
  "QuotaExceeded",
  "InvalidKey",
  "InvalidArgument",
  "KeyConflict",
  "PreconditionFailed",
  "NotModified",
  "RangeNotSatisfiable",
  "TooLarge",
  "Integrity",
  "NotSupported",
  "BucketNotFound",
  "Archived",
  "RateLimited",
  "Timeout",
  "Aborted",
  "Unavailable",
  "Closed",
  "Configuration",
  "MissingDependency",
  "Infected",
  "SourceFailed",
];

describe.each(codes)("%s", (code) => {
  test("has a class, exported under its name, that the code leads to", () => {
    const type = Reflect.get(core, `${code}Error`) as typeof StorageError;
    const error = storageError(code, "why");
    expect(error).toBeInstanceOf(type);
    expect(error).toBeInstanceOf(StorageError);
    expect(error).toBeInstanceOf(Error);
    expect(error.code).toBe(code);
    expect(new type("why").code).toBe(code);
    expect(error.name).toBe(code === "Aborted" ? "AbortError" : `${code}Error`);
    expect(String(error)).toBe(`${error.name}: why`);
    expect(error.stack).toContain(error.name);
    expect(error.outcome).toBe("not-applied");
    expect(error.retryable).toBe(["RateLimited", "Timeout", "Unavailable"].includes(code));
    expect(StorageError.is(error, code)).toBe(true);
  });
});

test("the base class has the code Unknown", () => {
  const error = new StorageError("why");
  expect([error.code, error.name]).toEqual(["Unknown", "StorageError"]);
  expect(storageError("Unknown", "why").constructor).toBe(StorageError);
});

test("an error composes its message of operation, key, target and reason, and JSON has all but the cause", () => {
  const facts = {
    operation: "copy",
    key: 'a"b',
    target: "c",
    backend: "S3Backend",
    requestId: "r",
    retryAfter: 3,
  };
  const error = storageError("RateLimited", "slow down", { ...facts, cause: new Error("inner") });
  expect(error.message).toBe('copy "a\\"b" to "c": slow down');
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    name: "RateLimitedError",
    message: error.message,
    code: "RateLimited",
    reason: "slow down",
    ...facts,
    retryable: true,
    outcome: "not-applied",
  });
  expect("cause" in new StorageError("x")).toBe(false);
  expect("key" in new StorageError("x")).toBe(false);
});

test("is narrows to the code", () => {
  const error: unknown = storageError("RateLimited", "x", { retryAfter: 5 });
  if (!StorageError.is(error, "RateLimited")) throw new Error("no");
  const code: "RateLimited" = error.code;
  expect([code, error.retryAfter]).toEqual(["RateLimited", 5]);
});

const secrets = [
  "https://bucket.s3.amazonaws.com/k?X-Amz-Algorithm=A&X-Amz-Credential=AKIAEXAMPLE%2F2026&X-Amz-Signature=deadbeefcafe",
  "https://storage.googleapis.com/b/k?X-Goog-Signature=deadbeefcafe&X-Goog-Credential=me%40x",
  "http://localhost:8000/files/a?expires=1&signature=deadbeefcafe",
  "cloudinary://key:deadbeefcafe@cloud",
  "https://user:deadbeefcafe@host/path",
  "authorization: Bearer deadbeefcafe",
  "Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/2026, SignedHeaders=host, Signature=deadbeefcafe",
  '{"api_secret":"deadbeefcafe"}',
  '{"secretAccessKey":"deadbeefcafe","accessKeyId":"AKIAEXAMPLE"}',
  "secret_access_key=deadbeefcafe",
  "aws_session_token = deadbeefcafe",
  "x-amz-security-token: deadbeefcafe",
  "client_secret=deadbeefcafe",
  "refresh_token=deadbeefcafe access_token=deadbeefcafe",
  "private_key: -----BEGIN PRIVATE KEY-----deadbeefcafe-----END PRIVATE KEY-----",
  "Set-Cookie: session=deadbeefcafe",
  "password: 'deadbeefcafe'",
];

const paths = [
  "ENOENT: no such file or directory, open '/volume7/uploads/tenant/a b.txt'",
  "EXDEV: cross-device link not permitted, rename '/volume7/uploads/a' -> '/mnt/uploads/b'",
  'cannot read "/volume7/uploads/x"',
  "at /volume7/uploads/x:3",
  "path=/volume7/uploads",
  "file:///volume7/uploads/x",
  "C:\\volume7\\uploads\\x is locked",
  "\\\\server\\volume7\\uploads",
  "mkdir /volume7 failed",
];

describe("no error shows a secret, a signature or a path of the server", () => {
  const shownBy = async (cause: Error): Promise<string> => {
    const driver = new MapDriver();
    driver.onRequest = () => {
      throw cause;
    };
    const error = await failure(new Backend(driver).get("a"), "Unknown");
    return [
      error.message,
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
      inspect(error.cause, { depth: 9, showHidden: true }),
      JSON.stringify(error.cause),
      String(error.cause),
    ].join("\n");
  };

  test.each(secrets)("%s", async (secret) => {
    for (const cause of [
      new Error(secret),
      new Error(`request failed: ${secret} (500)`),
      new Error("outer", { cause: new Error(secret) }),
      Object.assign(new Error("x"), {
        config: { url: secret },
        request: secret,
        response: { headers: secret },
      }),
      new AggregateError([new Error(secret)], "many"),
    ]) {
      const shown = await shownBy(cause);
      expect(shown).not.toContain("deadbeefcafe");
      expect(shown).not.toContain("AKIAEXAMPLE");
    }
  });

  test.each(paths)("%s", async (text) => {
    const syscall = /, (\w+) '/.exec(text)?.[1];
    const cause = Object.assign(new Error(text), syscall && { syscall, path: text, code: "ENOENT" });
    const shown = await shownBy(cause);
    expect(shown).not.toMatch(/volume7/);
    expect(shown).not.toContain("uploads");
  });

  test("what is useful stays: the error's name, code, status and the sentence", async () => {
    const cause = Object.assign(new TypeError("fetch failed with 503, as it says"), {
      code: "ECONNRESET",
      status: 503,
      syscall: undefined,
    });
    const driver = new MapDriver();
    driver.onRequest = () => {
      throw cause;
    };
    const error = await failure(new Backend(driver).get("a"), "Unknown");
    expect(error.cause).toMatchObject({ name: "TypeError", code: "ECONNRESET", status: 503 });
    expect((error.cause as Error).message).toBe("fetch failed with 503, as it says");
    expect((error.cause as Error).stack).toContain("errors.test.ts");
  });

  test("a cause that is no error, or goes in circles, does no harm", async () => {
    for (const cause of ["text with token=deadbeefcafe", 5, null, undefined, { secret: "deadbeefcafe" }]) {
      expect(await shownBy(cause as unknown as Error)).not.toContain("deadbeefcafe");
    }
    const circular = new Error("a");
    circular.cause = new Error("b", { cause: circular });
    expect(await shownBy(circular)).toContain("a");
  });
});

test("a driver's hint is the reason, and its request id is kept", async () => {
  const driver = new MapDriver();
  driver.onRequest = () => {
    throw new ServiceFailure("Unauthenticated", { hint: "set STORAGE_S3_ACCESS_KEY", requestId: "r1" });
  };
  const error = await failure(new Backend(driver).get("a"), "Unauthenticated");
  expect(error.message).toBe('get "a": set STORAGE_S3_ACCESS_KEY');
  expect(error.requestId).toBe("r1");
  expect(error).toMatchObject({ backend: "MapBackend", key: "a", operation: "get" });
});

test("a write that may have taken effect says so", async () => {
  for (const [code, outcome] of [
    ["Unavailable", "unknown"],
    ["Timeout", "unknown"],
    ["Unknown", "unknown"],
    ["PermissionDenied", "not-applied"],
    ["RateLimited", "not-applied"],
  ] as const) {
    const driver = new MapDriver();
    driver.onRequest = () => {
      throw new ServiceFailure(code);
    };
    const backend = new Backend(driver, { maxAttempts: 1 });
    expect((await failure(backend.put("a", "x"), code)).outcome).toBe(outcome);
    expect((await failure(backend.get("a"), code)).outcome).toBe("not-applied");
  }
});
