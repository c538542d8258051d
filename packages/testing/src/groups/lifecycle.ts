import { driverOf } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group } from "../conformance-case.ts";
import { handled, heldBody, heldPut } from "../held-put.ts";
import { delay, textOf } from "../samples.ts";
import { closing } from "./closing.ts";

const flags = [
  "signedUrls",
  "uploadParts",
  "createOnly",
  "compareAndSwap",
  "conditionalDelete",
  "copyIfMatch",
  "copyCreateOnly",
  "rangeReads",
  "userMetadata",
  "contentType",
  "contentEncoding",
  "contentDisposition",
  "cacheControl",
  "delimiter",
  "orderedListing",
  "keyAndPrefix",
] as const;

export const lifecycle: ConformanceGroup = group("Life of a backend", {
  ...closing,
  "it has a name, and names its layers": async ({ backend }) => {
    check(/^[A-Z][A-Za-z0-9]*$/.test(backend.name), "the name is that of a class");
    check(
      Array.isArray(backend.layers) && backend.layers.every((layer) => typeof layer === "string"),
      "layers are names",
    );
  },
  "its capabilities are plain data that nobody can change": async ({ backend }) => {
    const { capabilities } = backend;
    for (const flag of flags) equal(typeof capabilities[flag], "boolean", `the capability ${flag}`);
    check(Array.isArray(capabilities.signedUploads), "signedUploads is a list");
    check(Object.isFrozen(capabilities), "capabilities are frozen");
    check(Object.isFrozen(capabilities.signedUploads), "so is the list in them");
  },
  "its limits are those of the contract, or narrower": async ({ backend }) => {
    const { keyBytes, segmentBytes, metadataBytes, objectBytes } = backend.limits;
    check(keyBytes > 0 && keyBytes <= 1024, "keyBytes");
    check(segmentBytes > 0 && segmentBytes <= 255, "segmentBytes");
    check(metadataBytes >= 0, "metadataBytes");
    check(objectBytes > 0, "objectBytes");
    check(Object.isFrozen(backend.limits), "limits are frozen");
  },
  "layers can be put on it": async ({ backend }) => {
    const driver = driverOf(backend);
    equal(driver.name, backend.name, "the name of its driver");
    for (const method of ["write", "read", "head", "remove", "list"] as const)
      equal(typeof driver[method], "function", `the driver's ${method}`);
  },
  "it says that it is well": async ({ backend }) => {
    equal(await backend.checkHealth(), undefined, "checkHealth");
    equal(await backend.listKeys(), [], "checkHealth leaves nothing");
  },
  "a sweep removes no object": async ({ backend }) => {
    await backend.put("key", "x", backend.capabilities.userMetadata ? { metadata: { a: "b" } } : {});
    const { removed } = await backend.sweep();
    check(Number.isInteger(removed) && removed >= 0, "removed is a number");
    await backend.sweep({ olderThan: 0 });
    equal(textOf(await backend.get("key")), "x", "the body");
    equal(
      (await backend.getMetadata("key")).metadata,
      backend.capabilities.userMetadata ? { a: "b" } : {},
      "the metadata",
    );
  },
  "a sweep leaves what is being written": async ({ backend }) => {
    const { putting, release } = await heldPut(backend, "key");
    await backend.sweep();
    release();
    equal((await putting).size, heldBody.length, "the size");
  },
  "close lets what is under way end": async ({ backend }) => {
    const { putting, release } = await heldPut(backend, "key");
    const closing = handled(backend.close());
    await fails(backend.put("other", "x"), "Closed");
    await delay(250);
    release();
    equal((await putting).size, heldBody.length, "the size");
    await closing;
  },
  "close ends what takes too long": async ({ backend }) => {
    const { putting } = await heldPut(backend, "key");
    await backend.close({ timeout: 50 });
    await fails(putting, "Aborted", "Closed");
  },
  "close may be called twice": async ({ backend }) => {
    await backend.close();
    await backend.close();
    await fails(backend.get("key"), "Closed");
  },
  "a backend is closed when its scope ends": async ({ backend }) => {
    await backend[Symbol.asyncDispose]();
    await fails(backend.exists("key"), "Closed");
  },
});
