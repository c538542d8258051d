import { StorageError, type StorageErrorCode } from "@storage/core";
import { inBackend, inPoorBackend, inRequests, type Mutant, sharingLinks } from "../mutant.ts";

/** Makes nothing of a failure with this code. */
const swallow =
  (code: StorageErrorCode) =>
  (error: unknown): undefined => {
    if (!StorageError.is(error, code)) throw error;
  };

const isOfParts = ({ url }: Request): boolean => /[?&]uploadId=/.test(url);

export const otherMutants: readonly Mutant[] = [
  {
    name: "a link is not bound to its method",
    killedBy: "a link is of its method",
    open: inRequests((request) =>
      request.method === "DELETE" && !isOfParts(request) ? new Request(request.url) : request,
    ),
  },
  {
    name: "a link is not bound to its mount",
    killedBy: "a link of one backend is refused by every other",
    open: sharingLinks(),
  },
  {
    name: "a link's expiry is not looked at",
    killedBy: "a link lives no longer than it says",
    open: inBackend((b) => ({
      getUrl: (key, options) =>
        b.getUrl(key, options?.expiresIn === 3 ? { ...options, expiresIn: 60 } : options),
    })),
  },
  {
    name: "a link may have parameters added",
    killedBy: "a parameter of our own links may not come twice, or be added",
    open: inRequests((request) => new Request(request.url.replace(/&x=1$/, ""), request)),
  },
  {
    name: "a download has no name",
    killedBy: "a link can be one to save under the key's last name",
    open: inBackend((b) => ({
      getUrl: (key, options) =>
        b.getUrl(key, options?.download === true ? { ...options, download: "download" } : options),
    })),
  },
  {
    name: "a link to nothing is signed all the same",
    killedBy: "a link to a missing object is FileNotFound",
    open: inBackend((b) => ({
      getUrl: (key, options) =>
        b.getUrl(key, key === "missing/key" ? { ...options, mustExist: false } : options),
    })),
  },
  {
    name: "the size of an upload is not signed",
    killedBy: "a signed upload of another size is refused",
    open: inBackend((b) => ({
      getUploadUrl: (key, options) =>
        b.getUploadUrl(
          key,
          options?.size === 5 && !options.contentType && !options.parts
            ? { ...options, size: undefined }
            : options,
        ),
    })),
  },
  {
    name: "an upload may be sent twice",
    killedBy: "a create-only upload is taken once",
    open: inBackend((b) => ({
      getUploadUrl: (key, options) =>
        b.getUploadUrl(key, options?.ifNoneMatch === "*" ? { ...options, ifNoneMatch: undefined } : options),
    })),
  },
  {
    name: "an upload in parts forgets its metadata",
    killedBy: "an upload in parts stores what is sent",
    open: inBackend((b) => ({
      getUploadUrl: (key, options) =>
        b.getUploadUrl(key, options?.parts ? { ...options, metadata: {} } : options),
    })),
  },
  {
    name: "a part is cut to its size",
    killedBy: "a part of another size is refused",
    open: inRequests((request) =>
      isOfParts(request) && request.headers.get("content-type")?.startsWith("text/plain")
        ? new Request(request.url, { method: "PUT", body: "12345" })
        : request,
    ),
  },
  {
    name: "an upload that is given up goes on",
    killedBy: "an upload in parts can be given up",
    open: inRequests((request) =>
      request.method === "DELETE" && isOfParts(request)
        ? new Request(request.url, { method: "OPTIONS" })
        : request,
    ),
  },
  {
    name: "an upload in parts of an unknown size is one of a byte",
    killedBy: "an upload in parts takes its size",
    open: inBackend((b) => ({
      getUploadUrl: (key, options) =>
        b.getUploadUrl(key, options?.parts ? { ...options, size: options.size ?? 1 } : options),
    })),
  },
  {
    name: "an aborted put lands later",
    killedBy: "an aborted put of a stream stores nothing, then or later",
    open: inBackend((b) => ({
      put: async (key, data, options) => {
        const told = b.put(key, data, options);
        told.catch((error) => {
          if (StorageError.is(error, "Aborted") && "next" in Object(data))
            setTimeout(() => b.put(key, "late", { ifNoneMatch: "*" }).catch(() => {}), 50);
        });
        return told;
      },
    })),
  },
  {
    name: "a failing source stores what came before",
    killedBy: "a web stream that fails stores nothing",
    open: inBackend((b) => ({
      put: (key, data, options) =>
        b.put(key, data, options).catch(async (error) => {
          if (data instanceof ReadableStream && StorageError.is(error, "SourceFailed"))
            await b.put(key, "part");
          throw error;
        }),
    })),
  },
  {
    name: "an error names no method",
    killedBy: "an error names the method that was called",
    open: inBackend((b) => ({
      move: (...args) =>
        b.move(...args).catch((error) => {
          if (StorageError.is(error, "FileNotFound") && args[0] === "missing" && args[1] === "b")
            Reflect.set(error, "operation", "copy");
          throw error;
        }),
    })),
  },
  {
    name: "a mistyped option is passed over",
    killedBy: "sweep refuses an option that it does not know",
    open: inBackend((b) => ({ sweep: (options = {}) => b.sweep("sginal" in options ? {} : options) })),
  },
  {
    name: "an unsupported condition is passed over",
    killedBy: "without create-only, it is NotSupported",
    open: inPoorBackend((b) => ({
      put: (key, data, options) =>
        b.put(key, data, options?.ifNoneMatch === "*" && data === "x" && !options.signal ? {} : options),
    })),
  },
  {
    name: "unsupported metadata is dropped",
    killedBy: "without metadata, some is NotSupported",
    open: inPoorBackend((b) => ({
      put: (key, data, options) => b.put(key, data, options?.metadata?.a && data === "x" ? {} : options),
    })),
  },
  {
    name: "a capability is claimed that is not there",
    killedBy: "without delimiters, one is NotSupported",
    open: inPoorBackend((b) => ({
      listPage: (options) => b.listPage(options?.delimiter === "/" ? {} : options),
    })),
  },
  {
    name: "a sweep removes what is young",
    killedBy: "a sweep removes no object",
    open: inBackend((b) => ({
      sweep: async (options) => {
        if (options?.olderThan === 0) await b.delete("key");
        return b.sweep(options);
      },
    })),
  },
  {
    name: "close does not wait",
    killedBy: "close lets what is under way end",
    open: inBackend((b) => ({ close: (options) => b.close(options ?? { timeout: 0 }) })),
  },
  {
    name: "health is never ill",
    killedBy: "checkHealth of a closed backend is ClosedError before anything else",
    open: inBackend((b) => ({
      checkHealth: (options) => b.checkHealth(options).then(undefined, swallow("Closed")),
    })),
  },
];
