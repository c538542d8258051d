import {
  type Attributes,
  allFeatures,
  Backend,
  type BackendOptions,
  type Body,
  type Bytes,
  type Call,
  type Classified,
  type CopyCall,
  checkRead,
  checkWrite,
  copiedAttributes,
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
import { sweepParts, UrlSigner } from "@storage/core/url-signer";
import { joined, pieces, smallBody } from "./bodies.ts";
import { Copies } from "./copies.ts";
import { OrderedKeys } from "./ordered-keys.ts";
import { pageOf } from "./page-of.ts";
import type { Room } from "./room.ts";

export interface MemoryDriverOptions {
  readonly room: Room;
  /** Of the backend in which parts of uploads wait; a store of parts has none itself. */
  readonly withParts?: BackendOptions | undefined;
  readonly baseUrl?: string | undefined;
  readonly secret?: string | readonly string[] | undefined;
  readonly backend: () => StorageBackend;
}

/** Never changed once it is held: a write puts another one in its place. */
interface HeldObject {
  readonly bytes: Bytes;
  readonly facts: ObjectFacts;
}

const features: Features = { ...allFeatures, uploadParts: true, provider: "memory" };

/** Conditions hold because nothing is awaited between a check and its commit. */
export class MemoryDriver implements StorageDriver {
  readonly name = "MemoryBackend";
  readonly features: Features = features;
  readonly limits: Limits = widestLimits;
  readonly signer: UrlSigner;
  readonly #room: Room;
  readonly #objects = new Map<string, HeldObject>();
  readonly #keys = new OrderedKeys();
  readonly #copies = new Copies();
  readonly #instance: string = crypto.randomUUID().slice(0, 8);
  #parts: { readonly driver: MemoryDriver; readonly backend: Backend } | undefined;
  #bytes = 0;
  #writes = 0;

  constructor({ room, baseUrl, secret, backend, withParts }: MemoryDriverOptions) {
    this.#room = room;
    const parts = withParts && ((): StorageBackend => this.#partStore(withParts));
    const mount = `memory:${crypto.randomUUID()}`;
    this.signer = new UrlSigner({ baseUrl, secret, mount, backend, parts });
  }

  async write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts> {
    checkWrite(this.#objects.get(key)?.facts.etag, call);
    if (body.bytes !== undefined) return this.#hold(key, this.#copies.of(body.bytes), attributes);
    const bytes = await joined(body.stream, (size) => this.#checkRoom(key, size));
    call.signal.throwIfAborted();
    checkWrite(this.#objects.get(key)?.facts.etag, call);
    return this.#hold(key, bytes, attributes);
  }

  async read(key: string, call: ReadCall): Promise<ReadResult> {
    const { bytes, facts } = this.#find(key);
    checkRead(facts, call);
    const range = call.range && resolveRange(call.range, bytes.length);
    const { start, end } = range ?? { start: 0, end: bytes.length };
    if (end - start <= smallBody) return { facts, range, body: { bytes: bytes.slice(start, end) } };
    return { facts, range, body: { stream: pieces(bytes, start, end), size: end - start } };
  }

  async head(key: string): Promise<ObjectFacts> {
    return this.#find(key).facts;
  }

  async remove(key: string, call: RemoveCall): Promise<boolean> {
    const held = this.#objects.get(key);
    if (held === undefined) return false;
    checkWrite(held.facts.etag, { ifMatch: call.ifMatch });
    this.#drop(key, held);
    return true;
  }

  async list(call: ListCall): Promise<DriverPage> {
    return pageOf(this.#keys, call, (key) => {
      const { size, etag, lastModified } = this.#find(key).facts;
      return { key, size, etag, lastModified };
    });
  }

  /** Shares the bytes with its source, since neither of them ever changes them. */
  async copy(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    const { bytes, facts } = this.#source(source, target, call);
    return this.#hold(target, bytes, { ...copiedAttributes(facts), ...call.replace });
  }

  async move(source: string, target: string, call: CopyCall): Promise<ObjectFacts> {
    const held = this.#source(source, target, call);
    this.#drop(source, held);
    return this.#hold(target, held.bytes, { ...copiedAttributes(held.facts), ...call.replace });
  }

  #source(source: string, target: string, call: CopyCall): HeldObject {
    const held = this.#find(source);
    checkRead(held.facts, { ifMatch: call.ifMatch });
    checkWrite(this.#objects.get(target)?.facts.etag, { ifNoneMatch: call.ifNoneMatch });
    return held;
  }

  signUrl(key: string, link: Link): string | (() => Promise<string>) {
    return this.signer.signUrl(key, link);
  }

  signUpload(key: string, link: UploadLink): Promise<SignedUpload> {
    return this.signer.signUpload(key, link);
  }

  async checkHealth(): Promise<void> {}

  /** Nothing is left behind but uploads in parts that nobody ended. */
  async sweep(call: Call & { readonly olderThan: number }): Promise<{ removed: number }> {
    return { removed: this.#parts ? await sweepParts(this.#parts.backend, call) : 0 };
  }

  /** Who sends a part can send it again: it is not waited for. */
  async close(): Promise<void> {
    await this.signer.parts?.close({ timeout: 0 });
  }

  classify(): Classified {
    return { code: "Unknown", outcome: "not-applied" };
  }

  clear(): void {
    this.#parts?.driver.clear();
    this.#room.take(-this.#bytes);
    this.#objects.clear();
    this.#keys.clear();
    this.#bytes = 0;
  }

  stats(): { objects: number; bytes: number } {
    return { objects: this.#objects.size, bytes: this.#bytes };
  }

  #partStore(options: BackendOptions): StorageBackend {
    if (this.#parts === undefined) {
      const driver = new MemoryDriver({ room: this.#room, backend: () => backend });
      const backend: Backend = new Backend(driver, { ...options, onEvent: undefined });
      this.#parts = { driver, backend };
    }
    return this.#parts.backend;
  }

  #find(key: string): HeldObject {
    const held = this.#objects.get(key);
    if (held === undefined) throw new FileNotFoundError("there is no object under this key");
    return held;
  }

  #checkRoom(key: string, size: number): void {
    this.#room.check(size, this.#objects.get(key)?.bytes.length ?? 0);
  }

  #take(bytes: number): void {
    this.#bytes += bytes;
    this.#room.take(bytes);
  }

  #drop(key: string, held: HeldObject): void {
    this.#objects.delete(key);
    this.#keys.remove(key);
    this.#take(-held.bytes.length);
  }

  #hold(key: string, bytes: Bytes, attributes: Attributes): ObjectFacts {
    this.#checkRoom(key, bytes.length);
    const before = this.#objects.get(key);
    if (before === undefined) this.#keys.add(key);
    this.#take(bytes.length - (before?.bytes.length ?? 0));
    this.#writes++;
    const etag = `${this.#instance}-${this.#writes.toString(36)}`;
    const facts: ObjectFacts = { ...attributes, size: bytes.length, etag, lastModified: new Date() };
    this.#objects.set(key, { bytes, facts });
    return facts;
  }
}
