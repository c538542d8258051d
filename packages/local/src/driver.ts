import {
  type Attributes,
  allFeatures,
  Backend,
  type Body,
  type Call,
  type CopyCall,
  type DriverPage,
  type Features,
  type Limits,
  type ListCall,
  type ObjectFacts,
  type ReadCall,
  type ReadResult,
  type RemoveCall,
  type StorageBackend,
  type StorageDriver,
  type WriteCall,
  type WriteFacts,
  widestLimits,
} from "@storage/core";
import { sweepParts, UrlSigner } from "@storage/core/url-signer";
import { writeBody } from "./body-writer.ts";
import { classify } from "./classify.ts";
import { commit } from "./commit.ts";
import { copyFile } from "./copying.ts";
import { unless, withFile } from "./files.ts";
import { listPage } from "./listing.ts";
import { moveFile } from "./moving.ts";
import { once } from "./once.ts";
import { readObject, statObject } from "./reading.ts";
import { removeFile } from "./removing.ts";
import { withoutWriteId } from "./sidecars.ts";
import { type Disk, makeRoot, openStore, type Place, prepare, type Store } from "./store.ts";
import { sweep } from "./sweeping.ts";
import { createTemporary, sweepTemporaries, withTemporary } from "./temporaries.ts";

export interface LocalDriverSettings extends Place {
  readonly disk: Disk;
  /** Of the disk, before each call: whoever works on it has seen the same of it. Undefined: there is no need. */
  readonly checkMount: (() => Promise<void>) | undefined;
  readonly baseUrl?: string | undefined;
  readonly secret?: string | readonly string[] | undefined;
  readonly backend: () => StorageBackend;
  /** Where parts of uploads wait; a store of parts has none itself. */
  readonly parts?: (() => StorageBackend) | undefined;
}

const features: Features = { ...allFeatures, uploadParts: true, keyAndPrefix: false, provider: "local" };

/** Milliseconds. */
const day = 24 * 60 * 60 * 1000;

export class LocalDriver implements StorageDriver {
  readonly name = "LocalBackend";
  readonly features: Features = features;
  readonly limits: Limits = widestLimits;
  readonly signer: UrlSigner;
  readonly signUrl: StorageDriver["signUrl"];
  readonly signUpload: StorageDriver["signUpload"];
  readonly classify: StorageDriver["classify"] = classify;
  /** The first call sweeps what killed processes left. */
  readonly #existing: () => Promise<Store>;
  /** With the folders that a write needs. */
  readonly #prepared: () => Promise<Store>;

  constructor(settings: LocalDriverSettings) {
    const { baseUrl, secret, basePath, backend, parts, disk, checkMount } = settings;
    const signer = new UrlSigner({ baseUrl, secret, mount: `local:${basePath}`, backend, parts });
    this.signer = signer;
    this.signUrl = (key, link) => signer.signUrl(key, link);
    this.signUpload = (key, link) => signer.signUpload(key, link);
    const opened = once(async () => {
      const store = await openStore(disk, settings);
      await unless(["EACCES", "EPERM", "EROFS", "ENOTDIR"], sweepTemporaries(store, day));
      return store;
    });
    const prepared = once(async () => {
      await makeRoot(disk, settings);
      const store = await opened();
      await prepare(store);
      if (settings.within !== undefined) await this.#sweepOld();
      return store;
    });
    this.#existing = checkMount ? () => checkMount().then(opened) : opened;
    this.#prepared = checkMount ? () => checkMount().then(prepared) : prepared;
  }

  async write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts> {
    const store = await this.#prepared();
    return await commit(store, key, withoutWriteId(attributes), call, {
      fill: (descriptor) => writeBody(store.files, descriptor, body, call.signal),
      size: body.bytes?.length,
    });
  }

  async read(key: string, call: ReadCall): Promise<ReadResult> {
    return await readObject(await this.#existing(), key, call);
  }

  async head(key: string): Promise<ObjectFacts> {
    return await statObject(await this.#existing(), key);
  }

  async remove(key: string, call: RemoveCall): Promise<boolean> {
    return await this.#orNothing((store) => removeFile(store, key, call), false);
  }

  async list(call: ListCall): Promise<DriverPage> {
    const nothing = { entries: [], prefixes: [], more: false };
    return await this.#orNothing((store) => listPage(store, call), nothing);
  }

  async copy(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    await this.#existing();
    return await copyFile(await this.#prepared(), source, target, call);
  }

  async move(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    await this.#existing();
    return await moveFile(await this.#prepared(), source, target, call);
  }

  /** Does what a put does, short of storing something. */
  async checkHealth(): Promise<void> {
    const store = await this.#prepared();
    await withTemporary(store, (name) =>
      withFile(store.files, createTemporary(store, name), (descriptor) =>
        store.files.write(descriptor, new Uint8Array(1), 0),
      ),
    );
  }

  async sweep(call: Call & { readonly olderThan: number }): Promise<{ removed: number }> {
    const { parts } = this.signer;
    const ofUploads = parts === undefined ? 0 : await sweepParts(parts, call);
    return { removed: ofUploads + (await this.#orNothing((store) => sweep(store, call), 0)) };
  }

  /** Who sends a part can send it again: it is not waited for. */
  async close(): Promise<void> {
    await this.signer.parts?.close({ timeout: 0 });
  }

  /** Of a store of parts: by calls of its own, since the one that needs it may hold the last slot. */
  async #sweepOld(): Promise<void> {
    const terms = { olderThan: day, signal: new AbortController().signal };
    await unless(["PermissionDenied"], sweepParts(new Backend(this), terms));
  }

  /** While `basePath` is not there, nothing is. */
  async #orNothing<T>(work: (store: Store) => Promise<T>, nothing: T): Promise<T> {
    const store = await unless(["FileNotFound"], this.#existing());
    return store === undefined ? nothing : await work(store);
  }
}
