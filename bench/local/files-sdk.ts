import { Readable } from "node:stream";
import { Files } from "files-sdk";
import { fs } from "files-sdk/fs";
import type { Folder, Store } from "../store.ts";

export async function openStore({ folder }: Folder): Promise<Store> {
  const files = new Files({ adapter: fs({ root: folder }) });
  // It lists in pages, and has no way to ask for names alone: each item is a stat and a look for a sidecar.
  const page = async (limit: number): Promise<readonly unknown[]> => (await files.list({ limit })).items;
  const all = (): Promise<readonly unknown[]> => page(Number.MAX_SAFE_INTEGER);
  return {
    put: (key, bytes) => files.upload(key, bytes),
    get: async (key) => new Uint8Array(await (await files.download(key)).arrayBuffer()),
    described: {
      put: (key, bytes, metadata) => files.upload(key, bytes, { metadata }),
      async get(key) {
        const file = await files.download(key);
        return { bytes: new Uint8Array(await file.arrayBuffer()), author: file.metadata?.author };
      },
    },
    streams: {
      put: (key, source) => files.upload(key, Readable.toWeb(source) as ReadableStream<Uint8Array>),
      get: async (key) => (await files.download(key, { as: "stream" })).stream(),
    },
    entries: all,
    lists: { names: all, firstNames: page, firstEntries: page },
  };
}
