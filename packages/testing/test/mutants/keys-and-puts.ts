import { type Bytes, compareKeys } from "@storage/core";
import { bytesOf, inBackend, inDriver, type Mutant } from "../mutant.ts";

export const putMutants: readonly Mutant[] = [
  {
    name: "a copy's source is decoded",
    killedBy: "objects whose keys have percent signs are copied exactly",
    open: inDriver((d) => ({ copy: (source, ...rest) => d.copy(source.replace(/%25/g, "%"), ...rest) })),
  },
  {
    name: "a delete takes its key for a pattern",
    killedBy: "deleting one of the keys with characters of glob patterns leaves the others",
    open: inDriver((d) => ({
      remove: async (key, call) => {
        if (key === "*") await d.remove("a*b", call);
        return await d.remove(key, call);
      },
    })),
  },
  {
    name: "a prefix is normalised",
    killedBy: "keys with emoji and letters of many scripts come back byte for byte",
    open: inDriver((d) => ({ list: (call) => d.list({ ...call, prefix: call.prefix.normalize() }) })),
  },
  {
    name: "a slash at the end of a key is cut off",
    killedBy: "put refuses what is no key",
    open: inBackend((b) => ({
      put: (key, ...rest) => b.put(typeof key === "string" ? key.replace(/(.)\/$/, "$1") : key, ...rest),
    })),
  },
  {
    name: "a get of a bad key finds nothing",
    killedBy: "get refuses what is no key",
    open: inBackend((b) => ({
      get: async (key, options) => {
        if (String(key).includes("\\")) return new Uint8Array();
        return b.get(key, options);
      },
    })),
  },
  {
    name: "a segment may have 256 bytes",
    killedBy: "a segment of 256 bytes is refused",
    open: inBackend((b) => ({
      put: (key, ...rest) => b.put(/^a\/n{256}$/.test(String(key)) ? "a" : key, ...rest),
    })),
  },
  {
    name: "bytes are kept, not copied",
    killedBy: "the bytes are those at the time of the put",
    open: inDriver((d) => {
      const held = new Map<string, Bytes>();
      return {
        write: async (key, body, ...rest) => {
          if (body.bytes?.length === 1000) held.set(key, body.bytes);
          return d.write(key, body, ...rest);
        },
        read: async (key, call) => {
          const found = await d.read(key, call);
          const bytes = held.get(key);
          return bytes ? { ...found, body: { bytes: bytes.slice() } } : found;
        },
      };
    }),
  },
  {
    name: "a chunk is kept, not copied",
    killedBy: "a source may use its chunks again",
    open: inDriver((d) => ({
      write: async (key, body, ...rest) => {
        if (!body.stream) return d.write(key, body, ...rest);
        const chunks: Bytes[] = [];
        for await (const chunk of body.stream) chunks.push(chunk);
        const whole = new Uint8Array(await new Blob(chunks).arrayBuffer());
        return d.write(key, { bytes: whole }, ...rest);
      },
    })),
  },
  {
    name: "an overwrite with fewer bytes leaves the end of the old ones",
    killedBy: "an overwrite replaces a longer body by a shorter one",
    open: inDriver((d) => ({
      write: async (key, body, a, call) => {
        const old = await d.read(key, { signal: call.signal, attempt: call.attempt }).catch(() => undefined);
        if (body.bytes?.length !== 5 || old?.facts.size !== 10_000) return d.write(key, body, a, call);
        const bytes = (await bytesOf(old.body)).slice();
        bytes.set(body.bytes);
        return d.write(key, { bytes }, a, call);
      },
    })),
  },
  {
    name: "the type of an unknown extension is text",
    killedBy: "the content type is that of the key's extension",
    open: inDriver((d) => ({
      write: (key, body, a, call) =>
        d.write(key, body, key.endsWith("no-extension") ? { ...a, contentType: "text/plain" } : a, call),
    })),
  },
  {
    name: "the result of put has no etag of its own",
    killedBy: "what put tells is what getMetadata tells",
    open: inBackend((b) => ({
      put: async (key, data, options) => {
        const told = await b.put(key, data, options);
        return key === "folder/key.json" ? { ...told, size: told.size + 1 } : told;
      },
    })),
  },
  {
    name: "a short body is accepted",
    killedBy: "a stream that is shorter than declared stores nothing",
    open: inBackend((b) => ({
      put: (key, data, options) =>
        b.put(
          key,
          data,
          options?.size === 300_001 && !(data instanceof Uint8Array)
            ? { ...options, size: undefined }
            : options,
        ),
    })),
  },
  {
    name: "a long body is accepted",
    killedBy: "a stream that is longer than declared stores nothing",
    open: inBackend((b) => ({
      put: (key, data, options) =>
        b.put(
          key,
          data,
          options?.size === 299_999 && !(data instanceof Uint8Array)
            ? { ...options, size: undefined }
            : options,
        ),
    })),
  },
  {
    name: "maxBytes is off by one",
    killedBy: "maxBytes lets through a body of just that size",
    open: inBackend((b) => ({
      put: (key, data, options) =>
        b.put(key, data, options?.maxBytes ? { ...options, maxBytes: options.maxBytes - 1 } : options),
    })),
  },
  {
    name: "the checksum of a stream is not looked at",
    killedBy: "a stream of another checksum is an IntegrityError, and stores nothing",
    open: inBackend((b) => ({
      put: (key, data, options) =>
        b.put(
          key,
          data,
          Object(data)[Symbol.asyncIterator] &&
            !(data instanceof ReadableStream) &&
            /^[0-9a-f]{64}$/.test(options?.checksum?.sha256 ?? "")
            ? { ...options, checksum: undefined }
            : options,
        ),
    })),
  },
  {
    name: "a new object is seen while it is written",
    killedBy: "nothing is seen of a new object before its put is done",
    open: inDriver((d) => {
      const writing = new Set<string>();
      return {
        write: async (key, ...rest) => {
          if (key === "folder/key") writing.add(key);
          return d.write(key, ...rest).finally(() => writing.delete(key));
        },
        head: async (key, call) =>
          writing.has(key)
            ? {
                ...(await d.write(
                  key,
                  { bytes: new Uint8Array() },
                  { contentType: "a/b", metadata: {}, internal: {} },
                  call,
                )),
                contentType: "a/b",
                metadata: {},
                internal: {},
                lastModified: new Date(),
              }
            : d.head(key, call),
      };
    }),
  },
  {
    name: "an overwrite removes the old object first",
    killedBy: "the old object is seen until its overwrite is done",
    open: inBackend((b) => ({
      put: async (key, data, options) => {
        const old =
          Object(data)[Symbol.asyncIterator] && !options?.signal && !options?.ifMatch && !options?.ifNoneMatch
            ? await b.get(key).catch(() => undefined)
            : undefined;
        if (old) await b.delete(key);
        return await b.put(key, data, options).catch(async (error) => {
          if (old) await b.put(key, old);
          throw error;
        });
      },
    })),
  },
  {
    name: "unfinished objects are listed",
    killedBy: "nothing of a put that is under way is listed",
    open: inDriver((d) => {
      const writing = new Set<string>();
      return {
        write: (key, ...rest) => {
          if (key === "m") writing.add(key);
          return d.write(key, ...rest).finally(() => writing.delete(key));
        },
        list: async (call) => {
          const page = await d.list(call);
          return {
            ...page,
            entries: [
              ...page.entries,
              ...[...writing].map((key) => ({ key, size: 0, lastModified: new Date() })),
            ].sort((a, b2) => compareKeys(a.key, b2.key)),
          };
        },
      };
    }),
  },
];
