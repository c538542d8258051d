import type { IncomingMessage } from "node:http";
import type { StorageBackend } from "@storage/core";
import { type AcceptedUpload, type AcceptOptions, acceptFile, checkAcceptOptions } from "@storage/http";
import { getStorage } from "./get-storage.ts";

export interface StorageEngineOptions extends Pick<AcceptOptions, "maxBytes" | "allowedTypes"> {
  /**
   * Where a file is stored. What is there before is replaced as soon as the file is whole, and is lost where
   * multer then removes that one, since the form broke off or another of its files was refused.
   * Default: its name, in a folder of its own, so that no upload replaces another.
   */
  key?(req: IncomingMessage, upload: AcceptedUpload): string | Promise<string>;
  /** Default: that of the request. */
  readonly backend?: StorageBackend | undefined;
}

/** What `req.file` says of a file that is stored, beside multer's own fields. */
export interface StoredFile {
  readonly key: string;
  readonly size: number;
  /** By the content; multer's `mimetype` is what the client says. */
  readonly contentType: string;
  readonly etag: string;
}

declare global {
  namespace Express {
    namespace Multer {
      interface File {
        /** Of a file that `storageEngine` has stored. */
        key?: string | undefined;
        contentType?: string | undefined;
        etag?: string | undefined;
      }
    }
  }
}

interface MulterFile {
  readonly originalname: string;
  readonly mimetype: string;
  readonly stream: AsyncIterable<Uint8Array>;
}

/** Multer's `StorageEngine`. */
export interface StorageEngine {
  _handleFile(
    req: IncomingMessage,
    file: MulterFile,
    callback: (error?: unknown, info?: StoredFile) => void,
  ): void;
  _removeFile(req: IncomingMessage, file: object, callback: (error: Error | null) => void): void;
}

/**
 * For `multer({ storage: storageEngine({ maxBytes }) })`: files go straight into the backend, without a
 * temporary file. A file that is too large, of another type, or cut off by multer's own limits, is not
 * stored; what was stored before it in the same form is deleted again.
 *
 * @throws ConfigurationError for options that make no sense.
 */
export function storageEngine(options: StorageEngineOptions): StorageEngine {
  checkAcceptOptions(options);
  const { maxBytes, allowedTypes } = options;
  const backendOf = (req: object): StorageBackend => options.backend ?? getStorage(req);
  const keyOf = (req: IncomingMessage, upload: AcceptedUpload): string | Promise<string> =>
    options.key === undefined ? `${crypto.randomUUID()}/${upload.key}` : options.key(req, upload);
  const store = async (req: IncomingMessage, file: MulterFile): Promise<StoredFile> => {
    const backend = backendOf(req);
    const { originalname: fileName, mimetype, stream } = file;
    const upload = await acceptFile({ fileName, contentType: mimetype, stream }, { maxBytes, allowedTypes });
    const attributes = { contentType: upload.contentType };
    const { key, size, contentType, etag } = await backend.put(
      await keyOf(req, upload),
      upload.body,
      attributes,
    );
    return { key, size, contentType, etag };
  };
  return {
    _handleFile: (req, file, callback) => {
      store(req, file).then((stored) => callback(null, stored), callback);
    },
    _removeFile: (req, file, callback) => {
      remove(backendOf(req), file).then(() => callback(null), callback);
    },
  };
}

/** What another request has stored under the key meanwhile stays, where the backend can tell. */
async function remove(backend: StorageBackend, file: Partial<StoredFile>): Promise<void> {
  const { key, etag } = file;
  if (key === undefined) return;
  const { conditionalDelete } = backend.capabilities;
  await backend.delete(key, { ifMatch: conditionalDelete ? etag : undefined });
}
