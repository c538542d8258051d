import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Bucket, Store } from "../store.ts";
import { bestClient } from "./client.ts";
import { partConcurrency, partSize } from "./parts.ts";
import { rangesOf } from "./ranges.ts";

/** The SDK as one would call it by hand. */
export async function openStore(place: Bucket): Promise<Store> {
  const client = bestClient(place);
  const { bucket: Bucket } = place;
  return {
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket, Key, Body })),
    async get(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToByteArray()) ?? new Uint8Array();
    },
    head: (Key) => client.send(new HeadObjectCommand({ Bucket, Key })),
    url: (Key) => getSignedUrl(client, new GetObjectCommand({ Bucket, Key }), { expiresIn: 3600 }),
    entries: () => entriesOf(client, Bucket),
    streams: {
      async put(Key, Body) {
        const params = { Bucket, Key, Body };
        await new Upload({ client, params, partSize, queueSize: partConcurrency }).done();
      },
      async get(Key) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
        return chunksOf(Body);
      },
    },
  };
}

/** Large bodies in ranges of a part's size, so many at once: more work by hand, and what it can bring. */
export async function openRangedStore(place: Bucket): Promise<Store> {
  const client = bestClient(place);
  const { bucket: Bucket } = place;
  const range = async (Key: string, start: number, end: number): Promise<Uint8Array> => {
    const command = new GetObjectCommand({ Bucket, Key, Range: `bytes=${start}-${end - 1}` });
    return (await (await client.send(command)).Body?.transformToByteArray()) ?? new Uint8Array();
  };
  const plain = await openStore(place);
  return {
    ...plain,
    streams: {
      put: async (key, source, size) => await plain.streams?.put(key, source, size),
      async get(Key) {
        const { ContentLength = 0 } = await client.send(new HeadObjectCommand({ Bucket, Key }));
        return rangesOf((start, end) => range(Key, start, end), ContentLength);
      },
    },
  };
}

async function entriesOf(client: S3Client, Bucket: string): Promise<unknown[]> {
  const entries: unknown[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    entries.push(...(page.Contents ?? []));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return entries;
}

/** In Node, a body is its `IncomingMessage`; its type is of all platforms. */
function chunksOf(body: unknown): AsyncIterable<Uint8Array> {
  return body as AsyncIterable<Uint8Array>;
}
