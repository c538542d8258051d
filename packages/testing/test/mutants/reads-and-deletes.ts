import { StorageError, type StorageErrorCode } from "@storage/core";
import { bytesOf, inBackend, inDriver, inLocal, type Mutant } from "../mutant.ts";

/** Makes nothing of a failure with this code. */
const swallow =
  (code: StorageErrorCode) =>
  (error: unknown): undefined => {
    if (!StorageError.is(error, code)) throw error;
  };

export const readMutants: readonly Mutant[] = [
  {
    name: "get gives out what it gave out before",
    killedBy: "what get gives belongs to the caller",
    open: inBackend((b) => {
      const given = new Map<string, Uint8Array<ArrayBuffer>>();
      return {
        get: async (key, options) => {
          const found = (!options && key === "key" && given.get(key)) || (await b.get(key, options));
          if (found.length < 10) given.set(key, found);
          return found;
        },
        put: (key, ...rest) => {
          return b.put(key, ...rest).finally(() => given.delete(key));
        },
      };
    }),
  },
  {
    name: "an object below an object is the object",
    killedBy: "below an object there is nothing to read",
    open: inDriver((d) => ({ read: (key, call) => d.read(key.replace(/^key\/below$/, "key"), call) })),
  },
  {
    name: "maxBytes of a read is not looked at",
    killedBy: "get and open past maxBytes are TooLarge",
    open: inBackend((b) => ({
      open: (key, options) =>
        b.open(key, options?.maxBytes === 9 ? { ...options, maxBytes: undefined } : options),
    })),
  },
  {
    name: "a read goes on over the new object",
    killedBy: "a read that has begun is of one object, whatever is written meanwhile",
    open: inDriver((d) => ({
      read: async (key, call) => {
        const found = await d.read(key, call);
        if (!found.body.stream || call.range) return found;
        const { size } = found.facts;
        const mixed = async function* () {
          for (let at = 0; at < size; ) {
            const part = await d.read(key, {
              ...call,
              range: { start: at, end: Math.min(size, at + 1_000_000) },
            });
            const bytes = await bytesOf(part.body);
            yield bytes;
            at += bytes.length;
          }
        };
        return { ...found, body: { stream: mixed(), size } };
      },
    })),
  },
  {
    name: "the end of a range of one byte is inclusive",
    killedBy: "a range of one byte",
    open: inDriver((d) => ({
      read: (key, call) =>
        d.read(
          key,
          call.range?.end !== undefined && call.range.end - (call.range.start ?? 0) === 1
            ? { ...call, range: { start: call.range.start ?? 0, end: call.range.end + 1 } }
            : call,
        ),
    })),
  },
  {
    name: "a suffix longer than the object is refused",
    killedBy: "a range at the end, longer than the object",
    open: inDriver((d) => ({
      read: async (key, call) => {
        const { size } = await d.head(key, call);
        return d.read(
          key,
          (call.range?.suffix ?? 0) > size && size > 0 ? { ...call, range: { start: size } } : call,
        );
      },
    })),
  },
  {
    name: "a range past the end gives nothing",
    killedBy: "a range that starts past the end is RangeNotSatisfiable",
    open: inBackend((b) => ({
      get: (key, options) =>
        b.get(key, options).catch((error) => {
          if ((options?.range as { start?: number })?.start === 200) return new Uint8Array();
          throw error;
        }),
    })),
  },
  {
    name: "a delete of what is not there says true",
    killedBy: "delete of a missing object is false, and no error",
    open: inBackend((b) => ({
      delete: async (key, options) => (await b.delete(key, options)) || key === "never",
    })),
  },
  {
    name: "a delete takes everything that begins alike",
    killedBy: "delete spares keys that begin alike",
    open: inDriver((d) => ({
      remove: async (key, call) => {
        if (key === "base") await d.remove("base_sibling", call);
        return d.remove(key, call);
      },
    })),
  },
  {
    name: "a refusal counts as absence",
    killedBy: "exists throws where it may not look",
    open: inLocal((b) => ({
      exists: (key, options) =>
        b
          .exists(key, options)
          .then((found) => found, swallow("PermissionDenied"))
          .then(Boolean),
    })),
  },
  {
    name: "a stale etag deletes all the same",
    killedBy: "a conditional delete with a stale etag deletes nothing",
    open: inDriver((d) => ({
      remove: (key, call) => d.remove(key, key === "key" ? { ...call, ifMatch: undefined } : call),
    })),
  },
  {
    name: "deleteMany stops at 1000",
    killedBy: "deleteMany takes more keys than one request holds",
    open: inBackend((b) => ({
      deleteMany: async (keys, options) =>
        b.deleteMany(Array.isArray(keys) ? keys.slice(0, 1000) : keys, options),
    })),
  },
];
