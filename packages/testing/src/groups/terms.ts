import type { Progress, StorageBackend } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group } from "../conformance-case.ts";
import { heldBody, heldPut } from "../held-put.ts";
import { chunksOf, randomBytes, sha256, textOf, webStreamOf } from "../samples.ts";
import { kindTerms } from "./kinds.ts";

const body = randomBytes(300_000);
const parts = (): AsyncGenerator<Uint8Array<ArrayBuffer>> => chunksOf(body, 10_000);

async function isAbsent(backend: StorageBackend, key: string): Promise<void> {
  equal(await backend.exists(key), false, `${key} exists`);
  equal(await backend.listKeys(), [], "the keys");
}

async function isBefore(backend: StorageBackend): Promise<void> {
  equal(textOf(await backend.get("key")), "before", "the object that was there");
}

/** Never less than before, and in the end all of it. */
function checkProgress(seen: readonly Progress[], length: number): void {
  check(seen.length > 0, "progress is told");
  for (const [index, { loaded }] of seen.entries())
    check(loaded >= (seen[index - 1]?.loaded ?? 0), "progress never goes back");
  equal(seen.at(-1)?.loaded, length, "the progress at the end");
}

export const terms: ConformanceGroup = group("Terms of a put", {
  ...kindTerms,
  "a stream of its declared size is stored": async ({ backend }) => {
    await backend.put("key", parts(), { size: body.length });
    equal(await backend.get("key"), body, "the body");
  },
  "a stream that is shorter than declared stores nothing": async ({ backend }) => {
    await fails(backend.put("key", parts(), { size: body.length + 1 }), "InvalidArgument");
    await isAbsent(backend, "key");
  },
  "a stream that is longer than declared stores nothing": async ({ backend }) => {
    await fails(backend.put("key", parts(), { size: body.length - 1 }), "InvalidArgument");
    await isAbsent(backend, "key");
  },
  "bytes of another size than declared are refused": async ({ backend }) => {
    for (const size of [0, body.length - 1, body.length + 1])
      await fails(backend.put("key", body, { size }), "InvalidArgument");
    await isAbsent(backend, "key");
  },
  "a size that is no whole number of bytes is refused": async ({ backend }) => {
    for (const size of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      await fails(backend.put("key", webStreamOf(body), { size }), "InvalidArgument");
  },
  "maxBytes lets through a body of just that size": async ({ backend }) => {
    await backend.put("bytes", body, { maxBytes: body.length });
    await backend.put("stream", parts(), { maxBytes: body.length });
    for (const key of ["bytes", "stream"]) equal(await backend.get(key), body, key);
  },
  "bytes past maxBytes are TooLarge": async ({ backend }) => {
    await fails(backend.put("key", body, { maxBytes: body.length - 1 }), "TooLarge");
    await isAbsent(backend, "key");
  },
  "a stream past maxBytes is TooLarge, and stores nothing": async ({ backend }) => {
    await fails(backend.put("key", parts(), { maxBytes: body.length - 1 }), "TooLarge");
    await isAbsent(backend, "key");
  },
  "a stream past maxBytes is read no further": async ({ backend }) => {
    let taken = 0;
    const data = (async function* () {
      for (; taken < 1000; taken++) yield new Uint8Array(1000);
    })();
    await fails(backend.put("key", data, { maxBytes: 5000 }), "TooLarge");
    check(taken < 1000, "the rest of a stream that is too large is not read");
  },
  "a body of the right checksum is stored": async ({ backend }) => {
    const digest = await sha256(body);
    await backend.put("bytes", body, { checksum: { sha256: digest } });
    await backend.put("stream", parts(), { checksum: { sha256: digest.toUpperCase() } });
    await backend.put("blob", new Blob([body]), { checksum: { sha256: digest } });
    for (const key of ["bytes", "stream", "blob"]) equal(await backend.get(key), body, key);
  },
  "an empty body meets terms that allow for it": async ({ backend }) => {
    const digest = await sha256(new Uint8Array());
    await backend.put("bytes", "", { size: 0, maxBytes: 0, checksum: { sha256: digest } });
    await backend.put("stream", webStreamOf(), { size: 0, maxBytes: 0, checksum: { sha256: digest } });
    equal(await backend.listKeys(), ["bytes", "stream"], "the keys");
    await fails(backend.put("more", "x", { maxBytes: 0 }), "TooLarge");
    await fails(backend.put("more", webStreamOf(body), { size: 0 }), "InvalidArgument");
  },
  "bytes of another checksum are an IntegrityError, and leave what was there": async ({ backend }) => {
    await backend.put("key", "before");
    const other = await sha256(body.slice(1));
    await fails(backend.put("key", body, { checksum: { sha256: other } }), "Integrity");
    await isBefore(backend);
  },
  "a stream of another checksum is an IntegrityError, and stores nothing": async ({ backend }) => {
    const other = await sha256(body.slice(1));
    await fails(backend.put("key", parts(), { checksum: { sha256: other } }), "Integrity");
    await isAbsent(backend, "key");
  },
  "what is no SHA-256 is refused": async ({ backend }) => {
    for (const sha of ["", "abc", "z".repeat(64), "a".repeat(63), "a".repeat(65)])
      await fails(backend.put("key", body, { checksum: { sha256: sha } }), "InvalidArgument");
  },
  "progress of a stream grows, and ends with the whole": async ({ backend }) => {
    const seen: Progress[] = [];
    await backend.put("key", parts(), { onProgress: (progress) => seen.push(progress) });
    checkProgress(seen, body.length);
    check(seen.length > 2, "progress is told on the way");
  },
  "progress of a stream with a size tells the total": async ({ backend }) => {
    const seen: Progress[] = [];
    await backend.put("key", parts(), { size: body.length, onProgress: (progress) => seen.push(progress) });
    equal([...new Set(seen.map(({ total }) => total))], [body.length], "the totals");
  },
  "progress of bytes ends with the whole, after the commit": async ({ backend }) => {
    const seen: Progress[] = [];
    let whenDone: Promise<boolean> | undefined;
    await backend.put("key", body, {
      onProgress: (progress) => {
        seen.push(progress);
        if (progress.loaded === body.length) whenDone = backend.exists("key");
      },
    });
    checkProgress(seen, body.length);
    equal(await whenDone, true, "at the last call the object is there");
  },
  "a progress callback that throws changes nothing": async ({ backend }) => {
    const onProgress = (): never => {
      throw new Error("from the callback");
    };
    await backend.put("key", parts(), { onProgress });
    equal(await backend.get("key", { onProgress }), body, "the body");
  },
  "nothing is seen of a new object before its put is done": async ({ backend }) => {
    const { putting, release } = await heldPut(backend, "folder/key");
    equal(await backend.exists("folder/key"), false, "exists");
    await fails(backend.get("folder/key"), "FileNotFound");
    release();
    await putting;
    equal((await backend.getMetadata("folder/key")).size, heldBody.length, "the size");
  },
  "the old object is seen until its overwrite is done": async ({ backend }) => {
    const { etag } = await backend.put("key", "before");
    const { putting, release } = await heldPut(backend, "key");
    await isBefore(backend);
    equal((await backend.getMetadata("key")).etag, etag, "the etag");
    release();
    await putting;
    equal(await backend.get("key"), heldBody, "the body");
  },
  "an object of several megabytes in small chunks is stored whole": async ({ backend }) => {
    const large = randomBytes(5 * 1024 * 1024 + 1);
    const { size } = await backend.put("key", chunksOf(large, 1024));
    equal(size, large.length, "the size");
    equal(await sha256(await backend.get("key")), await sha256(large), "the digest of the body");
  },
  "an object of several megabytes in large chunks is stored whole": async ({ backend }) => {
    const large = randomBytes(9 * 1024 * 1024 + 3, 7);
    await backend.put("key", chunksOf(large, 1024 * 1024), { size: large.length });
    equal(await sha256(await backend.get("key")), await sha256(large), "the digest of the body");
  },
  "bytes of several megabytes are stored whole": async ({ backend }) => {
    const large = randomBytes(8 * 1024 * 1024 + 5, 3);
    await backend.put("key", large);
    equal(await sha256(await backend.get("key")), await sha256(large), "the digest of the body");
  },
});
