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
import type { Connection } from "./connection.ts";
import { copyObject } from "./copying.ts";
import { signUpload, signUrl } from "./links.ts";
import { listPage } from "./listing.ts";
import { headObject, readObject } from "./reading.ts";
import { removeObject, removeObjects } from "./removing.ts";
import type { S3Features } from "./s3-features.ts";
import { sweepUploads } from "./sweeping.ts";
import { type UploadSettings, writeObject } from "./uploading.ts";

export interface S3DriverSettings {
  readonly bucket: string;
  readonly features: S3Features;
  readonly upload: UploadSettings;
}

/** S3 counts 2048 bytes of names and values; these are for the pairs of core and of layers. */
const metadataOfOurs = 256;
/** The largest object ("Amazon S3 multipart upload limits" in the S3 user guide). */
const objectBytes = 5 * 2 ** 40;

export class S3Driver implements StorageDriver {
  readonly name = "S3Backend";
  readonly features: Features;
  readonly limits: Limits = { ...widestLimits, metadataBytes: 2048 - metadataOfOurs, objectBytes };
  readonly removeMany: StorageDriver["removeMany"];
  readonly classify: StorageDriver["classify"] = classify;
  readonly #connection: Connection;
  readonly #bucket: string;
  readonly #upload: UploadSettings;

  constructor(connection: Connection, { bucket, features, upload }: S3DriverSettings) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#upload = upload;
    const { createOnly, compareAndSwap, conditionalDelete, copyIfMatch, copyCreateOnly } = features;
    this.features = {
      ...allFeatures,
      createOnly,
      compareAndSwap,
      conditionalDelete,
      copyIfMatch,
      copyCreateOnly,
      uploadMethods: features.uploadForms ? ["PUT", "POST"] : ["PUT"],
      provider: "s3",
    };
    this.removeMany = features.batchDelete
      ? (keys, call) => removeObjects(connection, bucket, keys, call)
      : undefined;
  }

  write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts> {
    return writeObject(this.#connection, this.#upload, key, body, attributes, call);
  }

  read(key: string, call: ReadCall): Promise<ReadResult> {
    return readObject(this.#connection, key, call);
  }

  head(key: string, call: Call): Promise<ObjectFacts> {
    return headObject(this.#connection, key, call);
  }

  remove(key: string, call: RemoveCall): Promise<boolean> {
    return removeObject(this.#connection, this.#bucket, key, call);
  }

  list(call: ListCall): Promise<DriverPage> {
    return listPage(this.#connection, this.#bucket, call);
  }

  copy(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    return copyObject(this.#connection, this.#bucket, source, target, call);
  }

  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    return signUrl(this.#connection, key, link);
  }

  signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    return signUpload(this.#connection, key, link);
  }

  /** Takes s3:ListBucket. */
  async checkHealth({ signal }: Call): Promise<void> {
    const input = { Bucket: this.#bucket, MaxKeys: 1 };
    await this.#connection.send((sdk, client) =>
      client.send(new sdk.ListObjectsV2Command(input), { abortSignal: signal }),
    );
  }

  async sweep(call: Call & { readonly olderThan: number }): Promise<{ removed: number }> {
    return { removed: await sweepUploads(this.#connection, this.#bucket, call) };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}
