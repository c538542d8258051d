import type { PutOptions, StorageBackend, StorageData } from "@storage/core";
import { inBackend, inDriver, type Mutant } from "../mutant.ts";

type Put = StorageBackend["put"];

/** A put that changes its options for some data. */
const putting = (change: (data: StorageData, options: PutOptions) => PutOptions): Mutant["open"] =>
  inBackend((b) => ({
    put: (key, data, options) =>
      b.put(key, data, Object(options) === options ? change(data, options ?? {}) : options),
  }));

const isSmallBlob = (data: StorageData): boolean => data instanceof Blob && data.size < 100;
const isLargeBlob = (data: StorageData): boolean => data instanceof Blob && data.size > 2_000_000;

/** Promises of a put that somebody kept on one path only. */
export const kindMutants: readonly Mutant[] = [
  {
    name: "the checksum of a Blob is not looked at",
    killedBy: "another checksum is an IntegrityError of every kind of data",
    open: putting((data, options) => (isSmallBlob(data) ? { ...options, checksum: undefined } : options)),
  },
  {
    name: "the checksum of a large Blob is not looked at",
    killedBy: "large data of every kind meets its terms, or stores nothing",
    open: putting((data, options) => (isLargeBlob(data) ? { ...options, checksum: undefined } : options)),
  },
  {
    name: "maxBytes of a Blob is not looked at",
    killedBy: "every kind of data past maxBytes is TooLarge",
    open: putting((data, options) => (isSmallBlob(data) ? { ...options, maxBytes: undefined } : options)),
  },
  {
    name: "the declared size of a Blob is not looked at",
    killedBy: "every kind of data of another size than declared is refused",
    open: putting((data, options) => (data instanceof Blob ? { ...options, size: undefined } : options)),
  },
  {
    name: "a checksum of bytes is compared by its letters",
    killedBy: "the right checksum, in capitals too, is taken of every kind of data",
    open: putting((data, options) =>
      data instanceof Uint8Array && /[A-F]/.test(options.checksum?.sha256 ?? "")
        ? { ...options, checksum: { sha256: "0".repeat(64) } }
        : options,
    ),
  },
  {
    name: "a Blob tells no progress",
    killedBy: "progress of every kind of data ends with the whole",
    open: putting((data, options) =>
      data instanceof Blob ? { ...options, onProgress: undefined } : options,
    ),
  },
  {
    name: "the last progress of a stream comes before the commit",
    killedBy: "progress of a stream is whole only after the commit",
    open: putting((data, { onProgress, ...options }) => {
      if (!onProgress || !Object(data)[Symbol.asyncIterator]) return { ...options, onProgress };
      let last = -1;
      const once: PutOptions["onProgress"] = (progress) => {
        if (progress.loaded > last) onProgress(progress);
        last = progress.loaded;
      };
      return { ...options, onProgress: once };
    }),
  },
  {
    name: "create-only is not looked at for what comes in parts",
    killedBy: "create-only holds for every kind of data",
    open: putting((data, options) =>
      data instanceof Uint8Array && data.length > 8_000_000
        ? { ...options, ifNoneMatch: undefined }
        : options,
    ),
  },
  {
    name: "a stale etag is not looked at for what comes in parts",
    killedBy: "a stale etag stops every kind of data, and the object's own none",
    open: putting((data, options) =>
      data instanceof Uint8Array && data.length > 8_000_000 ? { ...options, ifMatch: undefined } : options,
    ),
  },
  {
    name: "a source that is too large is left open",
    killedBy: "a source of which no more is wanted is let go",
    open: inBackend((b) => ({
      put: (key, data, options) => b.put(key, options?.maxBytes === 5000 ? kept(data) : data, options),
    })),
  },
  {
    name: "a put tells its metadata as it was given",
    killedBy: "put and copy tell metadata as it is stored",
    open: inBackend((b) => ({
      put: async (...args: Parameters<Put>) => {
        const told = await b.put(...args);
        return args[2]?.metadata?.DONE
          ? { ...told, metadata: args[2].metadata as Record<string, string> }
          : told;
      },
    })),
  },
  {
    name: "the link in a put's result is another object's",
    killedBy: "the link in a put's result gives what was put",
    open: inBackend((b) => ({
      put: async (...args: Parameters<Put>) => {
        const told = await b.put(...args);
        return Object.defineProperty({ ...told }, "url", {
          enumerable: true,
          get: () => told.url?.replace(/[^/]*\?/, "other?"),
        });
      },
    })),
  },
  {
    name: "the link in a put's result is signed at once",
    killedBy: "the link in a put's result is made when it is read",
    open: inBackend((b) => ({ put: async (...args: Parameters<Put>) => ({ ...(await b.put(...args)) }) })),
  },
  {
    name: "a conditional delete looks, and then removes",
    killedBy: "of a swap and a delete of one etag, one goes through",
    open: inDriver((d) => ({
      remove: async (key, call) => {
        const facts = call.ifMatch && (await d.head(key, call).catch(() => undefined));
        if (!facts || facts.etag !== call.ifMatch) return d.remove(key, call);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return d.remove(key, { ...call, ifMatch: undefined });
      },
    })),
  },
  {
    name: "a create-only copy looks, and then copies",
    killedBy: "of many copies that create one target, one wins",
    open: inDriver((d) => ({
      copy: async (source, target, call) => {
        const there = call.ifNoneMatch && (await d.head(target, call).catch(() => undefined));
        if (there) return d.copy(source, target, call);
        return d.copy(source, target, { ...call, ifNoneMatch: undefined });
      },
    })),
  },
  {
    name: "a move removes whatever is there by then",
    killedBy: "a write while its object is moved is not lost",
    open: inDriver((d) => ({
      move: async (source, target, call) => {
        const facts = await d.copy(source, target, call);
        await new Promise((resolve) => setTimeout(resolve, source === target ? 0 : 5));
        if (source !== target) await d.remove(source, { signal: call.signal, attempt: call.attempt });
        return facts;
      },
    })),
  },
  {
    name: "a copy onto itself looks at no condition",
    killedBy: "a copy or move onto itself holds its conditions",
    open: inBackend((b) => ({
      copy: (source, target, options) =>
        b.copy(source, target, source === target ? { ...options, ifMatch: undefined } : options),
    })),
  },
  {
    name: "what replace does not name stays",
    killedBy: "what replace does not name is gone",
    open: inDriver((d) => ({
      move: async (source, target, call) => {
        const { metadata } = await d.head(source, call);
        const { replace } = call;
        const isBare = replace?.contentType === "text/plain" && Object.keys(replace.metadata).length === 0;
        return d.move(source, target, isBare ? { ...call, replace: { ...replace, metadata } } : call);
      },
    })),
  },
];

/** A source that cannot be told to stop. */
function kept(data: StorageData): StorageData {
  const isIterable = typeof data === "object" && Symbol.asyncIterator in data;
  if (!isIterable || data instanceof ReadableStream) return data;
  return {
    [Symbol.asyncIterator]: () => {
      const items = data[Symbol.asyncIterator]();
      return { next: () => items.next() };
    },
  };
}
