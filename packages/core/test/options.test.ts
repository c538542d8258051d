import { Backend, type BackendOptions, checkOptionNames, type StorageBackend } from "@storage/core";
import { describe, expect, test } from "vitest";
import { failure } from "./expect-failure.ts";
import { allFeatures, MapDriver } from "./map-driver.ts";

describe("capabilities", () => {
  test("are the driver's features and the methods that are there", () => {
    const { uploadMethods: _, provider: __, ...features } = allFeatures;
    const { capabilities } = new Backend(new MapDriver());
    expect(capabilities).toEqual({ ...features, signedUrls: false, signedUploads: [], uploadParts: false });
    expect(Object.isFrozen(capabilities)).toBe(true);
    const driver = Object.assign(new MapDriver({ uploadMethods: ["PUT", "POST"], uploadParts: true }), {
      signUrl: () => "https://x",
      signUpload: async () => ({ method: "PUT" as const, url: "", headers: {}, expiresAt: new Date() }),
    });
    expect(new Backend(driver).capabilities).toMatchObject({
      signedUrls: true,
      signedUploads: ["PUT", "POST"],
      uploadParts: true,
    });
  });

  test("and limits are one backend's own, and nobody can change them", () => {
    const { capabilities, limits } = new Backend(new MapDriver());
    expect([limits, capabilities.signedUploads].every(Object.isFrozen)).toBe(true);
    expect(new Backend(new MapDriver()).limits).not.toBe(limits);
  });

  test("of a copy that core makes are those of reading and writing", () => {
    const features = { copyIfMatch: false, copyCreateOnly: false };
    expect(new Backend(new MapDriver(features)).capabilities).toMatchObject({
      copyIfMatch: true,
      copyCreateOnly: true,
    });
    const weak = new MapDriver({ createOnly: false });
    expect(new Backend(weak).capabilities.copyCreateOnly).toBe(false);
    const copying = Object.assign(new MapDriver(features), { copy: async () => Promise.reject(new Error()) });
    expect(new Backend(copying).capabilities).toMatchObject(features);
  });

  test.each<[string, object, (backend: StorageBackend) => Promise<unknown>]>([
    ["createOnly", { createOnly: false }, (b) => b.put("a", "x", { ifNoneMatch: "*" })],
    ["compareAndSwap", { compareAndSwap: false }, (b) => b.put("a", "x", { ifMatch: "e" })],
    ["conditionalDelete", { conditionalDelete: false }, (b) => b.delete("a", { ifMatch: "e" })],
    ["rangeReads", { rangeReads: false }, (b) => b.open("a", { range: { suffix: 1 } })],
    ["userMetadata", { userMetadata: false }, (b) => b.put("a", "x", { metadata: { a: 1 } })],
    ["contentType", { contentType: false }, (b) => b.put("a", "x", { contentType: "a/b" })],
    ["contentEncoding", { contentEncoding: false }, (b) => b.put("a", "x", { contentEncoding: "br" })],
    [
      "contentDisposition",
      { contentDisposition: false },
      (b) => b.put("a", "x", { contentDisposition: "inline" }),
    ],
    [
      "cacheControl",
      { cacheControl: false },
      (b) => b.copy("a", "b", { replace: { cacheControl: "no-store" } }),
    ],
    ["delimiter", { delimiter: false }, (b) => b.listPage({ delimiter: "/" })],
    ["copyCreateOnly", { createOnly: false }, (b) => b.copy("a", "b", { ifNoneMatch: "*" })],
  ])("without %s, its option is NotSupported before any I/O", async (name, features, run) => {
    const driver = new MapDriver(features);
    const backend = new Backend(driver);
    expect(Reflect.get(backend.capabilities, name)).toBe(false);
    expect((await failure(run(backend), "NotSupported")).message).toContain(name);
    expect(driver.requests).toEqual([]);
    await backend.put("a", "x", { metadata: {}, contentType: undefined, ifMatch: undefined });
  });
});

describe("an unknown option", () => {
  test.each<[string, (backend: StorageBackend, options: object) => Promise<unknown>, string, string]>([
    ["put", (b, o) => b.put("a", "x", o), "contenttype", "contentType"],
    ["put", (b, o) => b.put("a", "x", o), "metdata", "metadata"],
    ["put", (b, o) => b.put("a", "x", o), "ifNonMatch", "ifNoneMatch"],
    ["get", (b, o) => b.get("a", o), "Range", "range"],
    ["delete", (b, o) => b.delete("a", o), "ifmatch", "ifMatch"],
    ["copy", (b, o) => b.copy("a", "b", o), "replce", "replace"],
    ["listKeys", (b, o) => b.listKeys(o), "limt", "limit"],
    ["listPage", (b, o) => b.listPage(o), "delimeter", "delimiter"],
    ["getUrl", (b, o) => b.getUrl("a", o), "expiresin", "expiresIn"],
    ["getUploadUrl", (b, o) => b.getUploadUrl("a", o), "maxbytes", "maxBytes"],
    ["sweep", (b, o) => b.sweep(o), "olderthan", "olderThan"],
    ["close", (b, o) => b.close(o), "timeouts", "timeout"],
  ])("of %s is refused with the nearest name", async (_, run, wrong, right) => {
    const driver = new MapDriver();
    for (const value of [1, {}, "x"]) {
      const error = await failure(run(new Backend(driver), { [wrong]: value }), "InvalidArgument");
      expect(error.reason).toContain(wrong);
      expect(error.reason).toContain(`did you mean ${right}?`);
    }
    expect(driver.requests).toEqual([]);
  });

  test("that resembles none is refused without advice, and one that is undefined is none", async () => {
    const backend = new Backend(new MapDriver());
    const error = await failure(backend.get("a", { zebra: 1 } as object), "InvalidArgument");
    expect(error.reason).not.toContain("mean");
    await backend.put("a", "x", { zebra: undefined } as object);
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"])
      await failure(backend.put("a", "x", JSON.parse(`{"${name}":1}`)), "InvalidArgument");
  });

  test("has to be an object at all", async () => {
    const backend = new Backend(new MapDriver());
    for (const options of [null, "x", 5, true])
      await failure(backend.put("a", "x", options as unknown as object), "InvalidArgument");
  });
});

test("another provider's namespace is passed over, and the driver's own is handed to it", async () => {
  const driver = new MapDriver();
  const backend = new Backend(driver);
  const options = { s3: { storageClass: "GLACIER" }, gcs: {}, cloudinary: {}, map: { own: true } };
  await backend.put("a", "x", options as object);
  expect(driver.requests[0]?.call.provider).toEqual({ own: true });
  await backend.put("a", "x");
  expect(driver.requests[1]?.call.provider).toBeUndefined();
  await failure(backend.put("a", "x", { s3: true } as object), "InvalidArgument");
  await failure(backend.put("a", "x", { map: true } as object), "InvalidArgument");
  await failure(backend.get("a", { s3: {} } as object), "InvalidArgument");
});

test.each([
  { signal: "x" },
  { signal: { aborted: false } },
  { size: -1 },
  { size: 1.5 },
  { maxBytes: "5" },
  { ifNoneMatch: true },
  { ifMatch: 5 },
  { checksum: "ab" },
  { checksum: { sha256: "xyz" } },
  { checksum: { md5: "ab" } },
  { onProgress: true },
  { metadata: "a=b" },
  { metadata: ["a"] },
  { contentType: 5 },
  { cacheControl: null },
])("put refuses %j", async (options) => {
  const driver = new MapDriver();
  await failure(new Backend(driver).put("a", "x", options as object), "InvalidArgument");
  expect(driver.requests).toEqual([]);
});

describe("the options of a backend", () => {
  test.each([
    { maxAttempts: 0 },
    { maxAttempts: 1.5 },
    { maxConcurrency: 0 },
    { maxConcurrency: "8" },
    { urlExpiresIn: 0 },
    { urlExpiresIn: 604_801 },
    { timeouts: { headers: -1 } },
    { timeouts: { idle: Number.NaN } },
    { timeouts: { connect: "5" } },
    { timeouts: 5 },
    { timeouts: { header: 5 } },
    { onEvent: "log" },
  ])("%j is a ConfigurationError that names it", (options) => {
    const [name = "", value] = Object.entries(options)[0] ?? [];
    const inner = Object.keys(Object(value))[0];
    expect(() => new Backend(new MapDriver(), options as BackendOptions)).toThrow(
      typeof value === "string" ? name : (inner ?? name),
    );
    try {
      new Backend(new MapDriver(), options as BackendOptions);
    } catch (error) {
      expect(error).toMatchObject({ code: "Configuration" });
    }
  });

  test("undefined and the limits of what makes sense are fine", () => {
    const undefinedOptions = { maxAttempts: undefined, timeouts: undefined, onEvent: undefined };
    new Backend(new MapDriver(), undefinedOptions);
    new Backend(new MapDriver(), { maxAttempts: 1, maxConcurrency: 1, urlExpiresIn: 604_800 });
    new Backend(new MapDriver(), { timeouts: { connect: 0, headers: 2 ** 40 } });
  });

  test("checkOptionNames refuses names that a provider does not know, with the nearest", () => {
    const own = ["bucket", "region"];
    checkOptionNames({ bucket: "b", maxAttempts: 1, timeouts: {}, regoin: undefined }, own);
    expect(() => checkOptionNames({ regoin: "x" }, own)).toThrow("did you mean region?");
    expect(() => checkOptionNames({ maxAttempt: 1 }, own)).toThrow("did you mean maxAttempts?");
    expect(() => checkOptionNames({ zebra: 1 }, own)).toThrow("bucket");
  });
});
