import { type GetOptions, StorageError } from "@storage/core";
import { inBackend, inDriver, inPoorBackend, type Mutant } from "../mutant.ts";

const decoded = (key: string): string => {
  try {
    return typeof key === "string" ? decodeURIComponent(key) : key;
  } catch {
    return key;
  }
};

/** What is told, in which order it is looked at, and where a listing goes on. */
export const toldMutants: readonly Mutant[] = [
  {
    name: "a Date is given out twice",
    killedBy: "what is told of an object belongs to the caller",
    open: inBackend((b) => {
      const dates = new Map<string, Date>();
      return {
        getMetadata: async (key, options) => {
          const found = await b.getMetadata(key, options);
          const lastModified = dates.get(found.etag) ?? found.lastModified;
          dates.set(found.etag, lastModified);
          return { ...found, lastModified };
        },
      };
    }),
  },
  {
    name: "lastModified is the time of the first write",
    killedBy: "an overwrite is newer",
    open: inBackend((b) => {
      const first = new Map<string, number>();
      return {
        getMetadata: async (key, options) => {
          const found = await b.getMetadata(key, options);
          const time = first.get(key) ?? found.lastModified.getTime();
          first.set(key, time);
          return { ...found, lastModified: new Date(time) };
        },
      };
    }),
  },
  {
    name: "a range has an etag of its own",
    killedBy: "a range comes with what is told of the whole object",
    open: inBackend((b) => ({
      open: async (key, options) => {
        const object = await b.open(key, options);
        return options?.range ? Object.defineProperty(object, "etag", { value: `${object.etag}-1` }) : object;
      },
    })),
  },
  {
    name: "what the reader has is sent again when it asks for a range",
    killedBy: "what the reader has already is NotModified, whatever the range",
    open: inBackend((b) => ({
      get: (key, options) => b.get(key, options?.range ? { ...options, ifNoneMatch: undefined } : options),
    })),
  },
  {
    name: "a large object is read past maxBytes",
    killedBy: "maxBytes holds for large objects",
    open: inBackend((b) => ({
      get: (key, options) => b.get(key, Number(options?.maxBytes) > 1e6 ? without(options) : options),
    })),
  },
  {
    name: "bytes of open are given out twice",
    killedBy: "bytes that open gives belong to the caller",
    open: inBackend((b) => {
      const given = new Map<string, Uint8Array<ArrayBuffer>>();
      return {
        open: async (key, options) => {
          const object = await b.open(key, options);
          const bytes = async (): Promise<Uint8Array<ArrayBuffer>> => {
            const read = await Object.getPrototypeOf(object).bytes.call(object);
            const found = options ? read : (given.get(object.etag) ?? read);
            given.set(object.etag, found);
            return found;
          };
          return Object.assign(object, { bytes });
        },
      };
    }),
  },
  {
    name: "open decodes its key",
    killedBy: "open reads just the object of its key",
    open: inBackend((b) => ({ open: (key, options) => b.open(decoded(key), options) })),
  },
  {
    name: "a move decodes its source",
    killedBy: "objects with keys of any characters are moved exactly",
    open: inBackend((b) => ({ move: (source, ...rest) => b.move(decoded(source), ...rest) })),
  },
  {
    name: "deleteMany escapes its keys",
    killedBy: "deleteMany takes keys of any characters",
    open: inBackend((b) => ({
      deleteMany: (keys, options) =>
        b.deleteMany(Array.isArray(keys) ? keys.map((key) => key.replaceAll("&", "&amp;")) : keys, options),
    })),
  },
  {
    name: "get reads in our own folder",
    killedBy: "no method takes a key in our own folder",
    open: inBackend((b) => ({
      get: async (key, options) =>
        String(key).startsWith(".storage/") ? new Uint8Array() : b.get(key, options),
    })),
  },
  {
    name: "a page that ends at a blank goes on elsewhere",
    killedBy: "a page may end at a key of any characters",
    open: inDriver((d) => ({ list: (call) => d.list({ ...call, after: call.after?.trim() || undefined }) })),
  },
  {
    name: "startAfter inside a folder passes all of it",
    killedBy: "startAfter inside a folded prefix leaves it while more lies there",
    open: inDriver((d) => ({
      list: (call) =>
        d.list(call.delimiter === "/" && call.after === "dir1/a.txt" ? { ...call, after: "dir1/" } : call),
    })),
  },
  {
    name: "a cursor does not remember its delimiter",
    killedBy: "a cursor of a listing folded otherwise is refused",
    open: inBackend((b) => ({
      listPage: (options) =>
        b.listPage(options?.delimiter === "." ? { ...options, cursor: undefined } : options),
    })),
  },
  {
    name: "an aborted listing goes on",
    killedBy: "an abort between two pages ends a listing with the error",
    open: inBackend((b) => ({
      list: (options) =>
        b.list(options?.signal instanceof AbortSignal && !options.signal.aborted ? {} : options),
    })),
  },
  {
    name: "a signal that ran out of time is an abort like any other",
    killedBy: "a signal that has run out of time is a TimeoutError of every method",
    open: inBackend((b) => ({
      get: (key, options) =>
        b.get(key, options).catch((error) => {
          if (!StorageError.is(error, "Timeout")) throw error;
          return b.get(key, { signal: AbortSignal.abort() });
        }),
    })),
  },
  {
    name: "an error of listKeys is one of list",
    killedBy: "every failure tells method, key, backend and outcome",
    open: inBackend((b) => ({
      listKeys: (options) =>
        b.listKeys(options).catch((error) => {
          Reflect.set(error, "operation", "list");
          throw error;
        }),
    })),
  },
  {
    name: "a failure of deleteMany is one of delete",
    killedBy: "a key among the failures of deleteMany has an error of its own",
    open: inBackend((b) => ({
      deleteMany: async (keys, options) => {
        const told = await b.deleteMany(keys, options);
        for (const { error } of told.failed) Reflect.set(error, "operation", "delete");
        return told;
      },
    })),
  },
  {
    name: "close breaks off what is being read",
    killedBy: "close lets a body that is being read end",
    open: inBackend((b) => {
      const closed = new AbortController();
      return {
        open: (key, options) => b.open(key, options ?? { signal: closed.signal }),
        close: (options) => {
          closed.abort();
          return b.close(options);
        },
      };
    }),
  },
  {
    name: "an upload has no type of its key",
    killedBy: "a signed upload has the type of its key",
    open: inBackend((b) => ({
      getUploadUrl: (key, options) =>
        b.getUploadUrl(key, options ?? { contentType: "application/octet-stream" }),
    })),
  },
  {
    name: "attributes that cannot be stored are dropped by a copy",
    killedBy: "without headers, none can replace another",
    open: inPoorBackend((b) => ({
      copy: (source, target, options) =>
        b.copy(source, target, options?.replace?.cacheControl === "no-store" ? {} : options),
    })),
  },
];

function without({ maxBytes: _, ...options }: GetOptions = {}): GetOptions {
  return options;
}
