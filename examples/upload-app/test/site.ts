import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackendOptions, StorageBackend } from "@storage/core";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import { onTestFinished } from "vitest";
import { withBucket } from "../../../packages/s3/test/buckets.ts";
import { letPagesIn } from "../../../packages/s3/test/let-pages-in.ts";
import { available } from "../../../scripts/requirements.ts";
import { type App, type Framework, startApp } from "../app.ts";

export const frameworks: readonly Framework[] = ["express", "fastify", "hono"];

/** What the app is tried on; those that have servers only where they run. */
export type Place = "memory" | "local" | "minio" | "radosgw";
export const places: readonly Place[] = ["memory", "local", "minio", "radosgw"];

export const isHere = (place: Place): boolean => place === "memory" || place === "local" || available(place);

interface SiteOptions extends Pick<BackendOptions, "urlExpiresIn" | "onEvent"> {
  readonly framework?: Framework | undefined;
  readonly place?: Place | undefined;
  /** Puts a layer over the storage. */
  readonly layer?: ((storage: StorageBackend) => StorageBackend) | undefined;
  /** Of a site before. Default: an empty folder. */
  readonly basePath?: string | undefined;
}

export interface Site extends App {
  /** Of a local backend. */
  readonly basePath: string;
  /** Ends the app and removes what it kept. */
  dispose(): Promise<void>;
}

/** The app with nothing in it; whoever opens it disposes of it. */
export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const { framework = "express", place = "local", basePath: given, layer = (it) => it, ...rest } = options;
  const basePath = given ?? (await mkdtemp(join(tmpdir(), "upload-app-")));
  const bucket = place === "memory" || place === "local" ? undefined : await withBucket(place, rest);
  const plain = (origin: string): StorageBackend => {
    if (bucket !== undefined) return bucket.backend;
    const ours = { ...rest, baseUrl: `${origin}/files`, secret: "of this test and no other" };
    return place === "memory" ? new MemoryBackend(ours) : new LocalBackend({ ...ours, basePath });
  };
  const app = await startApp({ framework, port: 0, storageFor: (origin) => layer(plain(origin)) });
  if (bucket !== undefined && place === "radosgw") await letPagesIn(bucket, app.origin);
  const dispose = async (): Promise<void> => {
    await app.close();
    await bucket?.dispose();
    await rm(basePath, { recursive: true, force: true });
  };
  return { ...app, basePath, dispose };
}

/** The same, gone when the test ends. */
export async function site(options: SiteOptions = {}): Promise<Site> {
  const opened = await openSite(options);
  onTestFinished(() => opened.dispose());
  return opened;
}

/** A folder that is gone when the test ends. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "upload-app-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
