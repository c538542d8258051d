import type { StorageBackend } from "@storage/core";
import { type AddStorageOptions, AppStorage } from "@storage/http";
import type { FastifyPluginAsync } from "fastify";
import { installIn, type Logging, storagePlugin } from "./storage-plugin.ts";

/** Fastify 5, whatever its server, logger and type provider are; or one of its contexts. */
export interface FastifyApp extends Logging {
  register(plugin: FastifyPluginAsync<AddStorageOptions>, options: AddStorageOptions): PromiseLike<unknown>;
}

/**
 * Puts a backend in the app, or in one context of it: `app.register(storagePlugin, options)`, and the backend.
 * Called again, it puts another backend in the same place, and closes the one before; the app may be
 * listening by then.
 *
 * @throws ConfigurationError for options that make no sense; what `easyStorage` throws where no backend is
 * given. Then nothing has changed.
 */
export async function addStorage(app: FastifyApp, options: AddStorageOptions = {}): Promise<StorageBackend> {
  const storage = AppStorage.of(app);
  if (storage.isConnected) return await installIn(app, options);
  await app.register(storagePlugin, options);
  return storage.backend;
}
