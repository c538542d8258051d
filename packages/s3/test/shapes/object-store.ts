import { createHash, randomUUID } from "node:crypto";

export interface HeldObject {
  readonly bytes: Buffer;
  /** Content type and the like, and `x-amz-meta-…`, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  /** With its quotes. */
  readonly etag: string;
  readonly modified: Date;
}

export interface HeldPart {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface HeldUpload {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What CreateMultipartUpload said in `x-amz-checksum-algorithm`. */
  readonly checksumAlgorithm: string | undefined;
  readonly begun: Date;
  readonly parts: Map<number, HeldPart>;
}

const md5 = (bytes: Uint8Array): Buffer => createHash("md5").update(bytes).digest();

/** One bucket, in memory. */
export class ObjectStore {
  readonly bucket: string;
  /** Milliseconds by which its clock is ahead. */
  readonly ahead: number;
  readonly objects: Map<string, HeldObject> = new Map();
  readonly uploads: Map<string, HeldUpload> = new Map();

  constructor(bucket: string, ahead: number) {
    this.bucket = bucket;
    this.ahead = ahead;
  }

  now(): Date {
    return new Date(Date.now() + this.ahead);
  }

  put(key: string, bytes: Buffer, headers: Readonly<Record<string, string>>): HeldObject {
    return this.#hold(key, bytes, headers, `"${md5(bytes).toString("hex")}"`);
  }

  begin(key: string, headers: Readonly<Record<string, string>>, checksumAlgorithm?: string): HeldUpload {
    const id = randomUUID();
    const upload = { id, key, headers, checksumAlgorithm, begun: this.now(), parts: new Map() };
    this.uploads.set(id, upload);
    return upload;
  }

  addPart(upload: HeldUpload, number: number, bytes: Buffer): HeldPart {
    const part = { bytes, etag: `"${md5(bytes).toString("hex")}"` };
    upload.parts.set(number, part);
    return part;
  }

  complete(upload: HeldUpload, numbers: readonly number[]): HeldObject {
    const parts = numbers.flatMap((number) => upload.parts.get(number) ?? []);
    const digests = parts.map(({ etag }) => Buffer.from(etag.slice(1, -1), "hex"));
    const etag = `"${md5(Buffer.concat(digests)).toString("hex")}-${parts.length}"`;
    this.uploads.delete(upload.id);
    return this.#hold(upload.key, Buffer.concat(parts.map(({ bytes }) => bytes)), upload.headers, etag);
  }

  /** In the order of S3: by UTF-8 bytes. */
  keys(): string[] {
    return [...this.objects.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  #hold(key: string, bytes: Buffer, headers: Readonly<Record<string, string>>, etag: string): HeldObject {
    const held = { bytes, headers, etag, modified: this.now() };
    this.objects.set(key, held);
    return held;
  }
}
