import type { S3Client } from "@aws-sdk/client-s3";
import type { SignedUpload } from "@storage/core";
import { S3Backend, type S3BackendOptions, type S3ServiceName } from "@storage/s3";
import { expect, onTestFinished } from "vitest";
import type { Quirk } from "./quirk.ts";
import { ShapeServer } from "./shape-server.ts";
import { accessKeyId, secretAccessKey } from "./signature.ts";

export interface ShapedBucket {
  readonly server: ShapeServer;
  /** As an application opens it; the options of a test come last, so that they can take an answer of ours out. */
  open(options?: Partial<S3BackendOptions>): S3Backend;
}

const mebibyte = 2 ** 20;
const met = new Set<string>();

/** A service with its quirks, gone when the test ends. */
export async function shapedBucket(
  service: S3ServiceName,
  rules: readonly Quirk[] = [],
  ahead: number = 0,
): Promise<ShapedBucket> {
  const bucket = "shapes";
  const server = new ShapeServer(bucket, rules, ahead);
  const endpoint = await server.listen();
  onTestFinished(() => {
    for (const { quirk } of server.seen) if (quirk !== undefined) met.add(quirk);
    server.close();
  });
  const open = (options: Partial<S3BackendOptions> = {}): S3Backend => {
    const backend = new S3Backend({
      bucket,
      endpoint,
      service,
      accessKeyId,
      secretAccessKey,
      forcePathStyle: true,
      partSize: 5 * mebibyte,
      ...options,
    });
    onTestFinished(() => backend.close());
    return backend;
  };
  return { server, open };
}

/** A stream of so many bytes in chunks of odd sizes, none of which ends where a part does. */
export async function* oddChunks(size: number): AsyncGenerator<Uint8Array, undefined, undefined> {
  for (let left = size, next = 300_007; left > 0; next = next > mebibyte ? 70_001 : next + 99_991) {
    const length = Math.min(left, next);
    yield new Uint8Array(length).fill(left % 251);
    left -= length;
  }
}

/** Larger than a part, so that it goes up in two. */
export const twoParts: number = 6 * mebibyte;

/** PutObject by the client that a backend hands out, as our options have set it up. */
export async function putByClient(backend: S3Backend): Promise<string> {
  const { PutObjectCommand } = await import("@aws-sdk/client-s3");
  const client = await backend.client();
  return await codeOf(client.send(new PutObjectCommand({ Bucket: "shapes", Key: "by client", Body: "x" })));
}

/** Amazon's SDK without us, as it is when it adds nothing that it need not. */
export async function plainClient(backend: S3Backend): Promise<S3Client> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const { config } = await backend.client();
  const client = new S3Client({
    region: config.region,
    credentials: config.credentials,
    endpoint: config.endpoint ?? "",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  onTestFinished(() => client.destroy());
  return client;
}

/** What a browser's form gets for it. */
export async function statusOfForm({ url, fields = {} }: SignedUpload): Promise<number> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", new Blob(["x"]));
  return (await fetch(url, { method: "POST", body: form })).status;
}

/** What the service's own client is told when our backend is gone around: its code, or "" where it is content. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "",
    (error: Error) => error.name,
  );
}

/** For the last test of a file: a quirk that no test meets proves nothing. */
export function expectAllMet(quirks: readonly Quirk[]): void {
  expect(quirks.map(({ name }) => name).filter((name) => !met.has(name))).toEqual([]);
}
