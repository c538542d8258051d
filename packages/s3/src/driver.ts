import {
  type Attributes,
  allFeatures,
  type Body,
  type Call,
  type CopyCall,
  type DriverPage,
  type Features,
  type Limits,
  type Link,
  type ListCall,
  type ObjectFacts,
  type ReadCall,
  type ReadResult,
  type RemoveCall,
  type SignedUpload,
  type StorageDriver,
  type UploadLink,
  type WriteCall,
  type WriteFacts,
  widestLimits,
} from "@storage/core";
import { classify } from "./classify.ts";
import { refuseConflicts } from "./conflicts.ts";
import type { Connection } from "./connection.ts";
import { type CopySettings, copyObject } from "./copying.ts";
import { listObjects, listPage } from "./listing.ts";
import { signUpload } from "./presigned-uploads.ts";
import { type LinkSettings, signUrl } from "./presigning.ts";
import { headObject, type ReadSettings, readObject } from "./reading.ts";
import { removeObject, removeObjects } from "./removing.ts";
import type { S3Features } from "./s3-features.ts";
import { storedOptions } from "./s3-options.ts";
import { sweepUploads } from "./sweeping.ts";
import { writeObject } from "./uploading.ts";

export interface S3DriverSettings extends Omit<CopySettings, keyof S3Features>, ReadSettings, LinkSettings {
  readonly features: S3Features;
  readonly foreignKeys: boolean;
}

/** S3 counts 2048 bytes of names and values; these are for the pairs of core and of layers. */
const metadataOfOurs = 256;
/** The largest object ("Amazon S3 multipart upload limits" in the S3 user guide). */
const objectBytes = 5 * 2 ** 40;

export class S3Driver implements StorageDriver {
  readonly name = "S3Backend";
  readonly features: Features;
  readonly limits: Limits = { ...widestLimits, metadataBytes: 2048 - metadataOfOurs, objectBytes };
  readonly foreignKeys: boolean;
  readonly removeMany: StorageDriver["removeMany"];
  readonly classify: StorageDriver["classify"] = classify;
  readonly #connection: Connection;
  readonly #settings: S3DriverSettings & S3Features;

  constructor(connection: Connection, settings: S3DriverSettings) {
    const { features } = settings;
    this.#connection = connection;
    this.#settings = { ...settings, ...features };
    this.foreignKeys = settings.foreignKeys;
    this.features = {
      ...allFeatures,
      createOnly: features.createOnly,
      compareAndSwap: features.compareAndSwap,
      conditionalDelete: features.conditionalDelete,
      copyIfMatch: features.copyIfMatch,
      copyCreateOnly: features.copyCreateOnly,
      keyAndPrefix: features.keyAndPrefix === "kept",
      uploadMethods: features.uploadForms ? ["PUT", "POST"] : ["PUT"],
      uploadParts: true,
      provider: "s3",
    };
    this.removeMany = features.batchDelete
      ? (keys, call) => removeObjects(connection, keys, call)
      : undefined;
  }

  async write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts> {
    storedOptions(call.provider ?? {});
    await this.#refuseConflicts(key, call);
    return await writeObject(this.#connection, this.#settings, key, body, attributes, call);
  }

  read(key: string, call: ReadCall): Promise<ReadResult> {
    return readObject(this.#connection, this.#settings, key, call);
  }

  head(key: string, call: Call): Promise<ObjectFacts> {
    return headObject(this.#connection, key, call);
  }

  remove(key: string, call: RemoveCall): Promise<boolean> {
    return removeObject(this.#connection, key, call);
  }

  list(call: ListCall): Promise<DriverPage> {
    return listPage(this.#connection, call);
  }

  async copy(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    await this.#refuseConflicts(target, call);
    return await copyObject(this.#connection, this.#settings, source, target, call);
  }

  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    return signUrl(this.#connection, this.#settings, key, link);
  }

  signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    return signUpload(this.#connection, this.#settings, key, link);
  }

  /** Takes s3:ListBucket. */
  async checkHealth({ signal }: Call): Promise<void> {
    await listObjects(this.#connection, { limit: 1 }, signal);
  }

  sweep(call: Call & { readonly olderThan: number }): Promise<{ removed: number }> {
    return sweepUploads(this.#connection, call);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #refuseConflicts(key: string, call: Call): Promise<void> | undefined {
    return this.#settings.keyAndPrefix === "hidden"
      ? refuseConflicts(this.#connection, key, call)
      : undefined;
  }
}
