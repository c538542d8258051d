import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, lacks, when } from "../conformance-case.ts";
import { textOf } from "../samples.ts";
import { orderWhereLacking } from "./error-facts.ts";

/** The other half of the capabilities: what is not there is said before anything is done. */
export const lacking: ConformanceGroup = group("What a backend cannot do", {
  ...orderWhereLacking,
  "without ranges, one is NotSupported": when(lacks("rangeReads"), async ({ backend }) => {
    await backend.put("key", "x");
    await fails(backend.get("key", { range: { start: 0, end: 1 } }), "NotSupported");
    await fails(backend.open("missing", { range: { suffix: 1 } }), "NotSupported");
  }),
  "without conditional deletes, one is NotSupported": when(
    lacks("conditionalDelete"),
    async ({ backend }) => {
      const { etag } = await backend.put("key", "x");
      await fails(backend.delete("key", { ifMatch: etag }), "NotSupported");
      check(await backend.exists("key"), "the object is there");
    },
  ),
  "without metadata, some is NotSupported": when(lacks("userMetadata"), async ({ backend }) => {
    await fails(backend.put("key", "x", { metadata: { a: "b" } }), "NotSupported");
    equal(await backend.exists("key"), false, "exists");
    await backend.put("key", "x", { metadata: {} });
  }),
  "without a content type, one is NotSupported": when(lacks("contentType"), async ({ backend }) => {
    await fails(backend.put("key", "x", { contentType: "text/plain" }), "NotSupported");
    equal(await backend.exists("key"), false, "exists");
  }),
  "without an encoding, one is NotSupported": when(lacks("contentEncoding"), async ({ backend }) => {
    await fails(backend.put("key", "x", { contentEncoding: "gzip" }), "NotSupported");
    equal(await backend.exists("key"), false, "exists");
  }),
  "without a disposition, one is NotSupported": when(lacks("contentDisposition"), async ({ backend }) => {
    await fails(backend.put("key", "x", { contentDisposition: "inline" }), "NotSupported");
    equal(await backend.exists("key"), false, "exists");
  }),
  "without cache control, one is NotSupported": when(lacks("cacheControl"), async ({ backend }) => {
    await fails(backend.put("key", "x", { cacheControl: "no-store" }), "NotSupported");
    equal(await backend.exists("key"), false, "exists");
  }),
  "without delimiters, one is NotSupported": when(lacks("delimiter"), async ({ backend }) => {
    await fails(backend.listPage({ delimiter: "/" }), "NotSupported");
  }),
  "without conditional copies, one is NotSupported": when(lacks("copyIfMatch"), async ({ backend }) => {
    const { etag } = await backend.put("source", "x");
    await fails(backend.copy("source", "target", { ifMatch: etag }), "NotSupported");
    await fails(backend.move("source", "target", { ifMatch: etag }), "NotSupported");
    equal(await backend.exists("target"), false, "exists");
  }),
  "without create-only copies, one is NotSupported": when(lacks("copyCreateOnly"), async ({ backend }) => {
    await backend.put("source", "x");
    await fails(backend.copy("source", "target", { ifNoneMatch: "*" }), "NotSupported");
    await fails(backend.move("source", "target", { ifNoneMatch: "*" }), "NotSupported");
    equal(await backend.exists("target"), false, "exists");
  }),
  "without create-only, it is NotSupported": when(lacks("createOnly"), async ({ backend }) => {
    await fails(backend.put("key", "x", { ifNoneMatch: "*" }), "NotSupported");
    equal(await backend.exists("key"), false, "exists");
  }),
  "without compare-and-swap, it is NotSupported": when(lacks("compareAndSwap"), async ({ backend }) => {
    const { etag } = await backend.put("key", "first");
    await fails(backend.put("key", "second", { ifMatch: etag }), "NotSupported");
    equal(textOf(await backend.get("key")), "first", "the body");
  }),
  "a put never fails over its link": when(lacks("signedUrls"), async ({ backend }) => {
    equal((await backend.put("key", "x")).url, undefined, "url");
  }),
});
