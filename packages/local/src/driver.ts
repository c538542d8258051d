import {
  type Attributes,
  allFeatures,
  type Body,
  type Call,
  type Classified,
  type CopyCall,
  checkRead,
  type DriverOperation,
  type DriverPage,
  type Features,
  FileNotFoundError,
  type Limits,
  type Link,
  type ListCall,
  type ObjectFacts,
  type ReadCall,
  type ReadResult,
  type RemoveCall,
  resolveRange,
  type SignedUpload,
  type StorageBackend,
  type StorageDriver,
  type UploadLink,
  type WriteCall,
  type WriteFacts,
  widestLimits,
} from "@storage/core";
import { UrlSigner } from "@storage/core/url-signer";
import { writeBody } from "./body-writer.ts";
import { classify } from "./classify.ts";
import { commit } from "./commit.ts";
import { copyFile } from "./copying.ts";
import { FileBody } from "./file-body.ts";
import { listPage } from "./listing.ts";
import { moveFile } from "./moving.ts";
import { openObject, statObject } from "./reading.ts";
import { removeFile } from "./removing.ts";
import { withoutWriteId } from "./sidecars.ts";
import { Store, type StoreSettings } from "./store.ts";
import { sweep } from "./sweeping.ts";

export interface LocalDriverSettings extends StoreSettings {
  readonly baseUrl?: string | undefined;
  readonly secret?: string | readonly string[] | undefined;
  readonly backend: () => StorageBackend;
}

const features: Features = { ...allFeatures, keyAndPrefix: false, provider: "local" };

export class LocalDriver implements StorageDriver {
  readonly name = "LocalBackend";
  readonly features: Features = features;
  readonly limits: Limits = widestLimits;
  readonly signer: UrlSigner;
  readonly #settings: LocalDriverSettings;
  #opening: Promise<Store | undefined> | undefined;
  #preparing: Promise<Store> | undefined;

  constructor(settings: LocalDriverSettings) {
    const { baseUrl, secret, basePath, backend } = settings;
    this.#settings = settings;
    this.signer = new UrlSigner({ baseUrl, secret, mount: `local:${basePath}`, backend });
  }

  async write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts> {
    const store = await this.#prepared();
    return await commit(store, key, withoutWriteId(attributes), call, {
      open: (draft) => draft.create(),
      fill: (descriptor) => writeBody(store.files, descriptor, body, call.signal),
      isQuick: body.bytes !== undefined,
    });
  }

  async read(key: string, call: ReadCall): Promise<ReadResult> {
    const store = await this.#existing();
    const { descriptor, version, facts } = await openObject(store, key);
    let body: FileBody | undefined;
    try {
      checkRead(facts, call);
      const range = call.range && resolveRange(call.range, facts.size);
      const file = { descriptor, version, close: () => store.files.close(descriptor) };
      body = new FileBody(store.files, file, range ?? { start: 0, end: facts.size }, call.signal);
      const bytes = await body.whole();
      return { facts, range, body: bytes === undefined ? { stream: body } : { bytes } };
    } catch (error) {
      if (body === undefined) await store.files.close(descriptor);
      throw error;
    }
  }

  async head(key: string): Promise<ObjectFacts> {
    return await statObject(await this.#existing(), key);
  }

  async remove(key: string, call: RemoveCall): Promise<boolean> {
    const store = await this.#opened();
    return store !== undefined && (await removeFile(store, key, call));
  }

  async list(call: ListCall): Promise<DriverPage> {
    const store = await this.#opened();
    return store === undefined ? { entries: [], prefixes: [], more: false } : await listPage(store, call);
  }

  async copy(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    await this.#existing();
    return await copyFile(await this.#prepared(), source, target, call);
  }

  async move(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    await this.#existing();
    return await moveFile(await this.#prepared(), source, target, call);
  }

  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    return this.signer.signUrl(key, link);
  }

  signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    return this.signer.signUpload(key, link);
  }

  /** Does what a put does, short of storing something. */
  async checkHealth(): Promise<void> {
    const { temporaries, files } = await this.#prepared();
    const name = await temporaries.reserve();
    try {
      const descriptor = await temporaries.create(name);
      await files.write(descriptor, new Uint8Array(1), 0).finally(() => files.close(descriptor));
    } finally {
      await temporaries.remove(name);
    }
  }

  async sweep(call: Call & { readonly olderThan: number }): Promise<{ removed: number }> {
    const store = await this.#opened();
    return { removed: store === undefined ? 0 : await sweep(store, call) };
  }

  classify(cause: unknown, operation: DriverOperation): Classified {
    return classify(cause, operation);
  }

  /** Undefined while `basePath` is not there; the first call sweeps what killed processes left. */
  async #opened(): Promise<Store | undefined> {
    this.#opening ??= Store.open(this.#settings);
    const opening = this.#opening;
    let store: Store | undefined;
    try {
      store = await opening;
      return store;
    } finally {
      if (store === undefined && this.#opening === opening) this.#opening = undefined;
    }
  }

  async #existing(): Promise<Store> {
    const store = await this.#opened();
    if (store === undefined) throw new FileNotFoundError("there is no object under this key");
    return store;
  }

  /** With the folders that a write needs. */
  async #prepared(): Promise<Store> {
    this.#preparing ??= this.#prepare();
    const preparing = this.#preparing;
    try {
      return await preparing;
    } catch (error) {
      if (this.#preparing === preparing) this.#preparing = undefined;
      throw error;
    }
  }

  async #prepare(): Promise<Store> {
    await Store.make(this.#settings);
    const store = await this.#existing();
    await store.prepare();
    return store;
  }
}
