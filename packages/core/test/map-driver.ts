import {
  type Attributes,
  type Body,
  type Bytes,
  type Classified,
  checkRead,
  checkWrite,
  compareKeys,
  type DriverEntry,
  type DriverPage,
  allFeatures as everyFeature,
  type Features,
  type Limits,
  type ListCall,
  type ObjectFacts,
  type ReadCall,
  type ReadResult,
  type RemoveCall,
  resolveRange,
  type StorageDriver,
  type StorageErrorCode,
  type WriteCall,
  type WriteFacts,
} from "@storage/core";

/** What the pretended service fails with; `classify` reads it. */
export class ServiceFailure extends Error {
  readonly verdict: Classified;

  constructor(code: StorageErrorCode, more: Omit<Classified, "code"> = {}, message: string = code) {
    super(message);
    this.verdict = { code, ...more };
  }
}

export interface SeenRequest {
  readonly method: string;
  readonly key: string | undefined;
  readonly call: ReadCall & Partial<ListCall> & { readonly provider?: unknown };
}

export interface StoredThing {
  readonly bytes: Bytes;
  readonly facts: ObjectFacts;
}

export const allFeatures: Features = { ...everyFeature, provider: "map" };

/** A driver over a Map, with no shortcuts, whose requests can be watched, delayed and failed. */
export class MapDriver implements StorageDriver {
  readonly name: string = "MapBackend";
  features: Features;
  limits: Limits = { keyBytes: 1024, segmentBytes: 255, metadataBytes: 2048, objectBytes: 1e15 };
  readonly objects: Map<string, StoredThing> = new Map();
  readonly requests: SeenRequest[] = [];
  /** Runs at the start of every request: what it throws, the request fails with. */
  onRequest: ((request: SeenRequest) => unknown) | undefined;
  /** Runs after a request took effect: what it throws hides the answer. */
  onAnswer: ((request: SeenRequest) => unknown) | undefined;
  /** Makes the body of a read; default: one stream of small pieces. */
  bodyOf: (bytes: Bytes, request: SeenRequest) => Body = (bytes) => ({ stream: pieces(bytes) });
  pageSize: number = 1000;
  #writes = 0;

  constructor(features: Partial<Features> = {}) {
    this.features = { ...allFeatures, ...features };
  }

  count(method: string): number {
    return this.requests.filter((request) => request.method === method).length;
  }

  async #request<T>(
    method: string,
    key: string | undefined,
    call: object,
    work: () => T,
  ): Promise<Awaited<T>> {
    const request = { method, key, call: call as SeenRequest["call"] };
    this.requests.push(request);
    await this.onRequest?.(request);
    const answer = await work();
    await this.onAnswer?.(request);
    return answer;
  }

  write(key: string, body: Body, attributes: Attributes, call: WriteCall): Promise<WriteFacts> {
    return this.#request("write", key, call, async () => {
      const bytes = body.bytes === undefined ? await joined(body.stream) : body.bytes.slice();
      call.signal.throwIfAborted();
      checkWrite(this.objects.get(key)?.facts.etag, call);
      return this.hold(key, bytes, attributes);
    });
  }

  hold(key: string, bytes: Bytes, attributes: Attributes): ObjectFacts {
    const etag = `etag-${++this.#writes}`;
    const facts = { ...attributes, size: bytes.length, etag, lastModified: new Date(1_700_000_000_000) };
    this.objects.set(key, { bytes, facts });
    return facts;
  }

  read(key: string, call: ReadCall): Promise<ReadResult> {
    return this.#request("read", key, call, () => {
      const { bytes, facts } = this.#find(key);
      checkRead(facts, call);
      const range = call.range && resolveRange(call.range, bytes.length);
      const { start, end } = range ?? { start: 0, end: bytes.length };
      const request = { method: "read", key, call };
      return { facts, range, body: this.bodyOf(bytes.slice(start, end), request) };
    });
  }

  head(key: string, call: object): Promise<ObjectFacts> {
    return this.#request("head", key, call, () => this.#find(key).facts);
  }

  remove(key: string, call: RemoveCall): Promise<boolean> {
    return this.#request("remove", key, call, () => {
      const held = this.objects.get(key);
      if (held !== undefined) checkWrite(held.facts.etag, call);
      return this.objects.delete(key);
    });
  }

  list(call: ListCall): Promise<DriverPage> {
    return this.#request("list", undefined, call, () => {
      const entries: DriverEntry[] = [];
      const prefixes: string[] = [];
      const limit = Math.min(call.limit, this.pageSize);
      for (const key of [...this.objects.keys()].sort(compareKeys)) {
        if (!key.startsWith(call.prefix)) continue;
        const folded = foldedPrefix(key, call);
        const name = folded ?? key;
        const { after } = call;
        if (after !== undefined && (compareKeys(name, after) <= 0 || inside(key, after, call))) continue;
        if (prefixes.at(-1) === folded && folded !== undefined) continue;
        if (entries.length + prefixes.length === limit) return { entries, prefixes, more: true };
        if (folded === undefined) entries.push({ key, ...this.#find(key).facts });
        else prefixes.push(folded);
      }
      return { entries, prefixes, more: false };
    });
  }

  classify(cause: unknown): Classified {
    return cause instanceof ServiceFailure ? cause.verdict : { code: "Unknown" };
  }

  #find(key: string): StoredThing {
    const held = this.objects.get(key);
    if (held === undefined) throw new ServiceFailure("FileNotFound");
    return held;
  }
}

function foldedPrefix(key: string, { prefix, delimiter }: ListCall): string | undefined {
  const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + (delimiter?.length ?? 0));
}

function inside(key: string, after: string, call: ListCall): boolean {
  return call.delimiter !== undefined && foldedPrefix(after, call) === after && key.startsWith(after);
}

export async function joined(stream: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk.slice());
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

export async function* pieces(bytes: Bytes, size: number = 4): AsyncGenerator<Bytes> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size);
}
