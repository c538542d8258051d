import { join } from "node:path";
import { Backend, type BackendOptions, type StorageBackend } from "@storage/core";
import { LocalDriver, type LocalDriverSettings } from "./driver.ts";
import { reservedName } from "./store.ts";

/**
 * Where parts of uploads wait until all are there: a backend in a folder of our own, so that a part is
 * as whole, and as durable, as an object. On the same disk, and in the same backup.
 */
export function partStoreOf(settings: LocalDriverSettings, options: BackendOptions): () => StorageBackend {
  let made: StorageBackend | undefined;
  return () => {
    if (made === undefined) {
      const basePath = join(settings.basePath, reservedName, "uploads");
      const backend: StorageBackend = new Backend(
        new LocalDriver({ ...settings, basePath, within: settings.basePath, backend: () => backend }),
        // Its keys are nobody's: an event about them tells the caller nothing.
        { ...options, onEvent: undefined },
      );
      made = backend;
    }
    return made;
  };
}
