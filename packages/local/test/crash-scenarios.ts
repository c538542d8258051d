import type { StorageBackend } from "@storage/core";
import type { Shown } from "./shown.ts";

/** What is there, by key; a key that is left out is not there. */
type State = Readonly<Record<string, Shown>>;

/** One call that is killed at each of its steps, and what may be there afterwards. */
export interface CrashScenario {
  readonly before: State;
  readonly after: State;
  /** Neither old nor new: both, where the call is a copy and a delete. */
  readonly between?: State;
  readonly run: (backend: StorageBackend) => Promise<unknown>;
  /** Whether the first call on a backend is killed too, with its start-up. Default: false. */
  readonly cold?: boolean;
  /** Whether there are leftovers of other killed processes. Default: false. */
  readonly leftovers?: boolean;
}

const plainType = "application/octet-stream";
const old: Shown = { body: "old body", contentType: "text/x-old", metadata: { of: "old" } };
const plainOld: Shown = { body: "old body", contentType: plainType, metadata: {} };
const fresh: Shown = { body: "new body", contentType: "text/x-new", metadata: { of: "new" } };
const plainNew: Shown = { body: "new body", contentType: plainType, metadata: {} };
const other: Shown = { body: "another", contentType: "text/x-other", metadata: { of: "another" } };

const attributes = { contentType: fresh.contentType, metadata: fresh.metadata };

const large = "stream".repeat(200_000);

async function* chunks(): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(large);
  for (let start = 0; start < bytes.length; start += 400_000) yield bytes.subarray(start, start + 400_000);
}

async function etag(backend: StorageBackend, key: string): Promise<string> {
  return (await backend.getMetadata(key)).etag;
}

export const crashScenarios: Readonly<Record<string, CrashScenario>> = {
  "the first put on a backend": {
    before: {},
    after: { key: fresh },
    run: (backend) => backend.put("key", fresh.body, attributes),
    cold: true,
  },
  "the first put beside leftovers": {
    before: { other },
    after: { other, "a/b": plainNew },
    run: (backend) => backend.put("a/b", fresh.body),
    cold: true,
    leftovers: true,
  },
  "a put of bytes": {
    before: {},
    after: { key: plainNew },
    run: (backend) => backend.put("key", fresh.body),
  },
  "a put under a nested key with metadata": {
    before: {},
    after: { "a/b/c": fresh },
    run: (backend) => backend.put("a/b/c", fresh.body, attributes),
  },
  "a put of a stream with metadata": {
    before: { key: old },
    after: { key: { ...fresh, body: large } },
    run: (backend) => backend.put("key", chunks(), attributes),
  },
  "a put without metadata over an object with metadata": {
    before: { "a/key": old },
    after: { "a/key": plainNew },
    run: (backend) => backend.put("a/key", fresh.body),
  },
  "a put with metadata over an object without": {
    before: { key: plainOld },
    after: { key: fresh },
    run: (backend) => backend.put("key", fresh.body, attributes),
  },
  "a create-only put": {
    before: { other },
    after: { other, "a/key": fresh },
    run: (backend) => backend.put("a/key", fresh.body, { ...attributes, ifNoneMatch: "*" }),
  },
  "a compare-and-swap": {
    before: { key: old },
    after: { key: fresh },
    run: async (backend) =>
      await backend.put("key", fresh.body, { ...attributes, ifMatch: await etag(backend, "key") }),
  },
  "a copy over another object": {
    before: { "a/key": fresh, "b/key": old },
    after: { "a/key": fresh, "b/key": fresh },
    run: (backend) => backend.copy("a/key", "b/key"),
  },
  "a create-only copy with other metadata": {
    before: { key: old },
    after: { key: old, copy: { ...fresh, body: old.body } },
    run: (backend) => backend.copy("key", "copy", { ifNoneMatch: "*", replace: attributes }),
  },
  "a copy onto itself that rewrites the metadata": {
    before: { key: old },
    after: { key: { ...fresh, body: old.body } },
    run: (backend) => backend.copy("key", "key", { replace: attributes }),
  },
  "a move over another object": {
    before: { "a/key": fresh, "b/key": old },
    after: { "b/key": fresh },
    run: (backend) => backend.move("a/key", "b/key"),
  },
  "a move of an object without metadata": {
    before: { "a/key": plainNew, "b/key": old },
    after: { "c/key": plainNew, "b/key": old },
    run: (backend) => backend.move("a/key", "c/key"),
  },
  "a conditional move": {
    before: { "a/key": fresh },
    after: { "b/key": fresh },
    between: { "a/key": fresh, "b/key": fresh },
    run: (backend) => backend.move("a/key", "b/key", { ifNoneMatch: "*" }),
  },
  "a delete": {
    before: { "a/b/key": old, other },
    after: { other },
    run: (backend) => backend.delete("a/b/key"),
  },
  "a conditional delete": {
    before: { key: old },
    after: {},
    run: async (backend) => await backend.delete("key", { ifMatch: await etag(backend, "key") }),
  },
  "a sweep": {
    before: { "a/b": old, key: plainOld, other },
    after: { "a/b": old, key: plainOld, other },
    run: (backend) => backend.sweep({ olderThan: 0 }),
    leftovers: true,
  },
};
