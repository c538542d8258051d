import type { BackendOptions } from "./attempts.ts";
import type { Capabilities } from "./capabilities.ts";
import { Context } from "./context.ts";
import { expose } from "./driver-of.ts";
import type * as Options from "./operation-options.ts";
import { checkHealth } from "./operations/check-health.ts";
import { copy } from "./operations/copy.ts";
import { remove } from "./operations/delete.ts";
import { deleteMany } from "./operations/delete-many.ts";
import { exists } from "./operations/exists.ts";
import { get } from "./operations/get.ts";
import { getMetadata } from "./operations/get-metadata.ts";
import { getUploadUrl } from "./operations/get-upload-url.ts";
import { getUrl } from "./operations/get-url.ts";
import { list } from "./operations/list.ts";
import { listKeys } from "./operations/list-keys.ts";
import { listPage } from "./operations/list-page.ts";
import { move } from "./operations/move.ts";
import { open } from "./operations/open.ts";
import { put } from "./operations/put.ts";
import { sweep } from "./operations/sweep.ts";
import { checkBackendOptions } from "./options.ts";
import type * as Results from "./storage-backend.ts";
import type { StorageDriver } from "./storage-driver.ts";

/**
 * The wide half of a backend over any driver: checks, defaults and derived operations, one file each.
 * A provider exports a class over it; a layer is one over the driver that it changed.
 */
export class Backend implements Results.StorageBackend {
  readonly name: string;
  readonly layers: readonly string[];
  readonly capabilities: Capabilities;
  readonly limits: Results.Limits;
  readonly #context: Context;

  /** @throws ConfigurationError for an option that makes no sense. */
  constructor(driver: StorageDriver, options: BackendOptions = {}) {
    checkBackendOptions(options);
    this.#context = new Context(driver, options);
    this.name = driver.name;
    this.layers = Object.freeze([...(driver.layers ?? [])]);
    this.capabilities = this.#context.capabilities;
    this.limits = Object.freeze({ ...driver.limits });
    expose(this, () => ({ ...this.#context.exposed(), close: () => this.close() }));
  }

  get signer(): Results.Signer | undefined {
    return this.#context.driver.signer;
  }

  put(key: string, data: Options.StorageData, options: Options.PutOptions = {}): Promise<Results.PutResult> {
    return put(this.#context, key, data, options);
  }

  get(key: string, options: Options.GetOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return get(this.#context, key, options);
  }

  open(key: string, options: Options.GetOptions = {}): Promise<Results.StoredObject> {
    return open(this.#context, key, options);
  }

  delete(key: string, options: Options.DeleteOptions = {}): Promise<boolean> {
    return remove(this.#context, key, options);
  }

  deleteMany(
    keys: Iterable<string> | AsyncIterable<string>,
    options: Options.OperationOptions = {},
  ): Promise<Results.DeleteManyResult> {
    return deleteMany(this.#context, keys, options);
  }

  exists(key: string, options: Options.OperationOptions = {}): Promise<boolean> {
    return exists(this.#context, key, options);
  }

  getMetadata(key: string, options: Options.OperationOptions = {}): Promise<Results.ObjectMetadata> {
    return getMetadata(this.#context, key, options);
  }

  copy(source: string, target: string, options: Options.CopyOptions = {}): Promise<Results.ObjectMetadata> {
    return copy(this.#context, source, target, options);
  }

  move(source: string, target: string, options: Options.CopyOptions = {}): Promise<Results.ObjectMetadata> {
    return move(this.#context, source, target, options);
  }

  listKeys(options: Options.ListKeysOptions = {}): Promise<string[]> {
    return listKeys(this.#context, options);
  }

  list(options: Options.ListOptions = {}): AsyncIterable<Results.ListEntry> {
    return list(this.#context, options);
  }

  listPage(options: Options.ListPageOptions = {}): Promise<Results.ListPage> {
    return listPage(this.#context, options);
  }

  getUrl(key: string, options: Options.UrlOptions = {}): Promise<string> {
    return getUrl(this.#context, key, options);
  }

  getUploadUrl(key: string, options: Options.UploadUrlOptions = {}): Promise<Results.SignedUpload> {
    return getUploadUrl(this.#context, key, options);
  }

  checkHealth(options: Options.OperationOptions = {}): Promise<void> {
    return checkHealth(this.#context, options);
  }

  sweep(options: Options.SweepOptions = {}): Promise<{ removed: number }> {
    return sweep(this.#context, options);
  }

  close(options: Options.CloseOptions = {}): Promise<void> {
    return this.#context.close(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
