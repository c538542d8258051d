import type { Progress, StorageData } from "@storage/core";
import { check, equal, fails } from "../assertions.ts";
import { has, type Run, when } from "../conformance-case.ts";
import { bytesOf, chunksOf, randomBytes, sha256, textOf, webStreamOf, within } from "../samples.ts";

const body = bytesOf("of every kind");
const large = randomBytes(2_500_000, 91);

/** Every kind of data that holds these bytes, made anew for each put. */
const kinds: Readonly<Record<string, () => StorageData>> = {
  text: () => textOf(body),
  "a Uint8Array": () => body,
  "an ArrayBuffer": () => body.slice().buffer,
  "a Blob": () => new Blob([body]),
  "a web stream": () => webStreamOf(body),
  "an async iterable": () => chunksOf(body, 5),
};

/** What a service takes in one request or in parts, by where our own code takes another way. */
const largeKinds: Readonly<Record<string, () => StorageData>> = {
  "a Uint8Array": () => large,
  "a Blob": () => new Blob([large]),
  "a stream": () => webStreamOf(large.slice(0, 1_400_000), large.slice(1_400_000)),
};

/** More than most clients send in one request. */
const huge = randomBytes(9_000_000, 95);
const hugeKinds: Readonly<Record<string, () => StorageData>> = {
  "a huge Uint8Array": () => huge,
  "a huge Blob": () => new Blob([huge]),
};

const forEvery = async (
  of: Readonly<Record<string, () => StorageData>>,
  work: (make: () => StorageData, kind: string) => Promise<unknown>,
): Promise<void> => {
  for (const [kind, make] of Object.entries(of)) await work(make, kind);
};

/** The terms of a put hold whatever the data comes as. */
export const kindTerms: Readonly<Record<string, Run>> = {
  "another checksum is an IntegrityError of every kind of data": async ({ backend }) => {
    const checksum = { sha256: await sha256(bytesOf("other bytes")) };
    const { "an async iterable": _, ...others } = kinds;
    await forEvery(others, (make) => fails(backend.put("key", make(), { checksum }), "Integrity"));
    equal(await backend.listKeys(), [], "the keys");
  },
  "the right checksum, in capitals too, is taken of every kind of data": async ({ backend }) => {
    const digest = (await sha256(body)).toUpperCase();
    await forEvery(kinds, async (make, kind) => {
      await backend.put("key", make(), { checksum: { sha256: digest } });
      equal(await backend.get("key"), body, kind);
      await backend.delete("key");
    });
  },
  "every kind of data past maxBytes is TooLarge": async ({ backend }) => {
    await forEvery(kinds, (make) =>
      fails(backend.put("key", make(), { maxBytes: body.length - 1 }), "TooLarge"),
    );
    equal(await backend.listKeys(), [], "the keys");
  },
  "every kind of data of another size than declared is refused": async ({ backend }) => {
    for (const size of [body.length - 1, body.length + 1])
      await forEvery(kinds, (make) => fails(backend.put("key", make(), { size }), "InvalidArgument"));
    equal(await backend.listKeys(), [], "the keys");
  },
  "progress of every kind of data ends with the whole": async ({ backend }) => {
    await forEvery({ ...kinds, "no bytes": () => "" }, async (make, kind) => {
      const seen: Progress[] = [];
      const { size } = await backend.put("key", make(), { onProgress: (progress) => seen.push(progress) });
      equal(seen.at(-1)?.loaded, size, `the progress of ${kind}`);
    });
  },
  "large data of every kind meets its terms, or stores nothing": async ({ backend }) => {
    const right = { sha256: await sha256(large) };
    const wrong = { sha256: await sha256(body) };
    await forEvery(largeKinds, async (make, kind) => {
      await fails(backend.put("key", make(), { checksum: wrong }), "Integrity");
      await fails(backend.put("key", make(), { maxBytes: large.length - 1 }), "TooLarge");
      equal(await backend.exists("key"), false, "exists");
      await backend.put("key", make(), { checksum: right, size: large.length });
      equal(await sha256(await backend.get("key")), right.sha256, `the digest of ${kind}`);
      await backend.delete("key");
    });
  },
  "progress of a stream is whole only after the commit": async ({ backend }) => {
    const seen: boolean[] = [];
    const there: Promise<boolean>[] = [];
    await backend.put("key", chunksOf(body, 5), {
      onProgress: ({ loaded }) => {
        seen.push(loaded === body.length);
        there.push(backend.exists("key"));
      },
    });
    const last = (await Promise.all(there)).at(-1);
    equal([seen.at(-1), last], [true, true], "at the last call the object is there, whole");
  },
  "a source of which no more is wanted is let go": async ({ backend }) => {
    for (const options of [{ maxBytes: 5000 }, { size: 5000 }]) {
      const freed = Promise.withResolvers<void>();
      const data = (async function* () {
        try {
          for (let turn = 0; turn < 1000; turn++) yield new Uint8Array(1000);
        } finally {
          freed.resolve();
        }
      })();
      await fails(backend.put("key", data, options), "TooLarge", "InvalidArgument");
      check(await within(freed.promise, 5000), "the source is told that nobody wants more");
    }
  },
  "a web stream of which no more is wanted is cancelled": async ({ backend }) => {
    const cancelled = Promise.withResolvers<void>();
    let turn = 0;
    const data = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1000));
        if (++turn === 1000) controller.close();
      },
      cancel: () => cancelled.resolve(),
    });
    await fails(backend.put("key", data, { maxBytes: 5000 }), "TooLarge");
    check(await within(cancelled.promise, 5000), "the stream is told that nobody wants more");
  },
};

/** Conditions hold whatever the data comes as. */
export const kindConditions: Readonly<Record<string, ReturnType<typeof when>>> = {
  "create-only holds for every kind of data": when(has("createOnly"), async ({ backend }) => {
    await backend.put("key", "kept");
    const create = (make: () => StorageData): Promise<unknown> =>
      fails(backend.put("key", make(), { ifNoneMatch: "*" }), "PreconditionFailed");
    await forEvery(kinds, create);
    await forEvery(hugeKinds, create);
    equal(textOf(await backend.get("key")), "kept", "the body");
  }),
  "a stream that meets no condition is let go": when(has("createOnly"), async ({ backend }) => {
    await backend.put("key", "kept");
    const freed = Promise.withResolvers<void>();
    const data = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.close();
          freed.resolve();
        },
        cancel: () => freed.resolve(),
      },
      { highWaterMark: 0 },
    );
    await fails(backend.put("key", data, { ifNoneMatch: "*" }), "PreconditionFailed");
    check(await within(freed.promise, 5000), "the source is told that nobody wants more");
  }),
  "a stale etag stops every kind of data, and the object's own none": when(
    has("compareAndSwap"),
    async ({ backend }) => {
      const swap = async (make: () => StorageData, kind: string): Promise<void> => {
        const { etag: stale } = await backend.put("key", `before ${kind}`);
        const { etag } = await backend.put("key", `kept ${kind}`);
        await fails(backend.put("key", make(), { ifMatch: stale }), "PreconditionFailed");
        equal(textOf(await backend.get("key")), `kept ${kind}`, "the body that was there");
        const { size } = await backend.put("key", make(), { ifMatch: etag });
        check(size === body.length || size === huge.length, `${kind} is stored with the object's etag`);
      };
      await forEvery(kinds, swap);
      await forEvery(hugeKinds, swap);
    },
  ),
};
