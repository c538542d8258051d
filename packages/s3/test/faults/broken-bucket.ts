import { S3Backend, type S3BackendOptions } from "@storage/s3";
import { FaultProxy, type SeenRequest } from "@storage/testing/faults";
import { onTestFinished } from "vitest";
import type { S3ServiceName as ServerName } from "../../../../scripts/s3-service.ts";
import { withBucket } from "../buckets.ts";

export interface BrokenBucket {
  /** Past the proxy: what is stored is looked at, and prepared, through it. */
  readonly direct: S3Backend;
  readonly backend: S3Backend;
  readonly proxy: FaultProxy;
  /** What both backends are made of; the endpoint is the proxy's. */
  readonly options: S3BackendOptions;
}

/** Keys are told apart by the service alone, so that each write is one request. */
const oneRequest = { keyAndPrefix: "kept" } as const;

/** A bucket on a real server, and a backend that reaches it through a proxy. */
export async function brokenBucket(
  server: ServerName,
  more: Partial<S3BackendOptions> = {},
): Promise<BrokenBucket> {
  const { backend: direct, options: place, dispose } = await withBucket(server, { features: oneRequest });
  const proxy = await FaultProxy.start({ target: place.endpoint ?? "" });
  const options = { ...place, endpoint: proxy.url, ...more };
  const backend = new S3Backend(options);
  onTestFinished(async () => {
    await backend.close();
    await direct.close();
    await proxy.close();
    await dispose();
  });
  return { direct, backend, proxy, options };
}

/** A service that says what it is told to, and 502 to all else. */
export async function cannedService(
  more: Partial<S3BackendOptions> = {},
): Promise<{ backend: S3Backend; proxy: FaultProxy }> {
  const proxy = await FaultProxy.start({ target: "http://127.0.0.1:9" });
  const backend = new S3Backend({ ...cannedPlace, endpoint: proxy.url, ...more });
  onTestFinished(async () => {
    await backend.close();
    await proxy.close();
  });
  return { backend, proxy };
}

export const cannedPlace: S3BackendOptions = {
  bucket: "bucket",
  service: "minio",
  accessKeyId: "test",
  secretAccessKey: "testsecret",
  features: oneRequest,
};

/** One of each kind of request, of an object that may be missing. */
export const everyCall: Readonly<Record<string, (backend: S3Backend) => Promise<unknown>>> = {
  get: (backend) => backend.get("key"),
  getMetadata: (backend) => backend.getMetadata("key"),
  put: (backend) => backend.put("key", "text"),
  "put of a stream": (backend) => backend.put("key", new Blob(["text"]).stream()),
  delete: (backend) => backend.delete("key"),
  deleteMany: (backend) => backend.deleteMany(["key"]).then(({ failed }) => Promise.reject(failed[0]?.error)),
  copy: (backend) => backend.copy("key", "target"),
  listKeys: (backend) => backend.listKeys(),
  checkHealth: (backend) => backend.checkHealth(),
  sweep: (backend) => backend.sweep(),
};

/** "PUT", "GET bytes=10-", "POST uploads": the requests without what is the same in all of them. */
export function seen(proxy: FaultProxy): string[] {
  return proxy.requests.map(({ method, path, headers }) => {
    const query = path.split("?")[1]?.match(/\b(uploads|list-type|partNumber|uploadId|delete)\b/)?.[0];
    return [method, query, headers.range].filter(Boolean).join(" ");
  });
}

/** For plans: requests whose method and path begin, and whose query has, what is named. */
export function isOf(method: string, query: string = ""): (request: SeenRequest) => boolean {
  return (request) => request.method === method && (request.path.split("?")[1] ?? "").includes(query);
}

/** A document as S3 answers with it. */
export const document = (root: string, content: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root}>${content}</${root}>`;

export const errorDocument = (code: string, more: string = ""): string =>
  document("Error", `<Code>${code}</Code><Message>no</Message>${more}`);

/** Bytes that differ from place to place. */
export function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 7 + (at >> 8)) % 251;
  return bytes;
}

/** What a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => error,
  );
}
