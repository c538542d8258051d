import type { CopyOptions, ObjectMetadata, StorageBackend } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type Cases, type ConformanceGroup, group, has, type Run, when } from "../conformance-case.ts";
import { randomBytes, sha256, textOf } from "../samples.ts";

const attributes = {
  contentType: "text/csv",
  cacheControl: "no-cache",
  contentDisposition: "inline",
  contentEncoding: "identity",
  metadata: { author: "ada", note: "\u00e9" },
} as const;

const allAttributes = has(
  "contentType",
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "userMetadata",
);

type Transfer = (
  backend: StorageBackend,
  source: string,
  target: string,
  options?: CopyOptions,
) => Promise<ObjectMetadata>;

const methods: Readonly<Record<string, Transfer>> = {
  copy: (backend, source, target, options) => backend.copy(source, target, options),
  move: (backend, source, target, options) => backend.move(source, target, options),
};

/** A case for each of them. */
function both(
  sentence: string,
  run: (transfer: Transfer) => Run,
  ...gates: Parameters<typeof when>[0][]
): Cases {
  return Object.fromEntries(
    Object.entries(methods).map(([name, transfer]) => {
      const gated = gates.reduce<Run | ReturnType<typeof when>>(
        (inner, gate) => when(gate, inner),
        run(transfer),
      );
      return [`${name} ${sentence}`, gated];
    }),
  );
}

const seen = ({
  contentType,
  cacheControl,
  contentDisposition,
  contentEncoding,
  metadata,
}: ObjectMetadata): object => ({
  contentType,
  cacheControl,
  contentDisposition,
  contentEncoding,
  metadata,
});

export const transfers: ConformanceGroup = group("What copy and move have in common", {
  ...both("carries over the body", (transfer) => async ({ backend }) => {
    const body = randomBytes(2_500_000, 21);
    await backend.put("source", body);
    const told = await transfer(backend, "source", "folder/target");
    equal([told.key, told.size], ["folder/target", body.length], "key and size");
    equal(await sha256(await backend.get("folder/target")), await sha256(body), "the digest of the body");
  }),
  ...both(
    "carries over the attributes",
    (transfer) =>
      async ({ backend }) => {
        await backend.put("source.html", "x", attributes);
        equal(seen(await transfer(backend, "source.html", "target.png")), attributes, "what it tells");
        equal(seen(await backend.getMetadata("target.png")), attributes, "what is stored");
      },
    allAttributes,
  ),
  ...both(
    "replaces all attributes, or none",
    (transfer) =>
      async ({ backend }) => {
        await backend.put("source", "x", attributes);
        await transfer(backend, "source", "target", {
          replace: { metadata: { only: "this" }, contentType: "text/plain" },
        });
        const expected = { contentType: "text/plain", metadata: { only: "this" } };
        equal(seen(await backend.getMetadata("target")), expected, "what is stored");
      },
    allAttributes,
  ),
  ...both("tells what getMetadata tells", (transfer) => async ({ backend }) => {
    await backend.put("source", "x");
    const { lastModified, ...told } = await transfer(backend, "source", "target");
    const { lastModified: found, ...metadata } = await backend.getMetadata("target");
    equal(told, metadata, "the result");
    check(Math.abs(lastModified.getTime() - found.getTime()) < 1000, "the same second");
  }),
  ...both(
    "of a missing source is FileNotFound, names it, and leaves the target",
    (transfer) =>
      async ({ backend }) => {
        await backend.put("target", "kept");
        const error = await fails(transfer(backend, "missing", "target"), "FileNotFound");
        equal([error.key, error.target], ["missing", "target"], "the error's keys");
        equal(textOf(await backend.get("target")), "kept", "the target");
      },
  ),
  ...both("replaces what is under the target", (transfer) => async ({ backend }) => {
    await backend.put("source", "new");
    await backend.put(
      "target",
      "a longer body that was there before",
      backend.capabilities.userMetadata ? { metadata: { old: "yes" } } : {},
    );
    await transfer(backend, "source", "target");
    equal(textOf(await backend.get("target")), "new", "the body");
    equal((await backend.getMetadata("target")).metadata, {}, "the metadata");
  }),
  ...both("onto itself keeps the object", (transfer) => async ({ backend }) => {
    await backend.put("key", "kept", backend.capabilities.userMetadata ? { metadata: { a: "b" } } : {});
    await transfer(backend, "key", "key");
    equal(textOf(await backend.get("key")), "kept", "the body");
    equal(
      (await backend.getMetadata("key")).metadata,
      backend.capabilities.userMetadata ? { a: "b" } : {},
      "the metadata",
    );
  }),
  ...both(
    "onto itself rewrites the attributes",
    (transfer) =>
      async ({ backend }) => {
        await backend.put("key", "kept", { metadata: { a: "b" } });
        await transfer(backend, "key", "key", { replace: { metadata: { c: "d" } } });
        equal(textOf(await backend.get("key")), "kept", "the body");
        equal((await backend.getMetadata("key")).metadata, { c: "d" }, "the metadata");
      },
    has("userMetadata"),
  ),
  ...both("onto itself of a missing object is FileNotFound", (transfer) => async ({ backend }) => {
    await fails(transfer(backend, "missing", "missing"), "FileNotFound");
  }),
  ...both(
    "with the source's etag goes through, in quotes too",
    (transfer) =>
      async ({ backend }) => {
        const { etag } = await backend.put("a", "x");
        await transfer(backend, "a", "b", { ifMatch: etag });
        const { etag: second } = await backend.put("c", "y");
        await transfer(backend, "c", "d", { ifMatch: `"${second}"` });
        equal([textOf(await backend.get("b")), textOf(await backend.get("d"))], ["x", "y"], "the bodies");
      },
    has("copyIfMatch"),
  ),
  ...both(
    "with a stale etag of the source changes nothing",
    (transfer) =>
      async ({ backend }) => {
        const { etag } = await backend.put("source", "old");
        await backend.put("source", "new");
        await fails(transfer(backend, "source", "target", { ifMatch: etag }), "PreconditionFailed");
        equal(await backend.listKeys(), ["source"], "the keys");
      },
    has("copyIfMatch"),
  ),
  ...both(
    "of a missing source with an etag is PreconditionFailed",
    (transfer) =>
      async ({ backend }) => {
        await fails(transfer(backend, "missing", "target", { ifMatch: "any" }), "PreconditionFailed");
      },
    has("copyIfMatch"),
  ),
  ...both(
    "onto nothing may ask for just that",
    (transfer) =>
      async ({ backend }) => {
        await backend.put("source", "x");
        await transfer(backend, "source", "target", { ifNoneMatch: "*" });
        equal(textOf(await backend.get("target")), "x", "the body");
      },
    has("copyCreateOnly"),
  ),
  ...both(
    "onto an object may be refused",
    (transfer) =>
      async ({ backend }) => {
        await backend.put("source", "x");
        await backend.put("target", "kept");
        await fails(transfer(backend, "source", "target", { ifNoneMatch: "*" }), "PreconditionFailed");
        equal(textOf(await backend.get("target")), "kept", "the target");
        equal(textOf(await backend.get("source")), "x", "the source");
      },
    has("copyCreateOnly"),
  ),
  ...both("refuses attributes that make no sense", (transfer) => async ({ backend }) => {
    await backend.put("source", "x");
    for (const replace of [
      { contentType: "nonsense" },
      { metadata: { "a b": "c" } },
      { zebra: 1 },
      5,
      { cacheControl: "a\nb" },
    ])
      await fails(transfer(backend, "source", "target", { replace } as CopyOptions), "InvalidArgument");
    equal(await backend.exists("target"), false, "exists");
  }),
});
