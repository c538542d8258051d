import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { driverOf, over, type StorageBackend, withPrefix } from "@storage/core";
import { serveFiles, toFetchHandler } from "@storage/http";
import { LocalBackend } from "@storage/local";
import { MemoryBackend } from "@storage/memory";
import type { Subject } from "@storage/testing";

const secret = "a secret of the tests";

export function memory(): Subject {
  const backend = new MemoryBackend({ secret });
  return { backend, fetch: toFetchHandler(serveFiles(backend)) };
}

/** With a folder in it that leads out, where nobody may look. */
export async function local(): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), "storage-conformance-"));
  const basePath = join(folder, "files");
  await mkdir(basePath);
  await mkdir(join(folder, "outside"));
  await writeFile(join(folder, "outside/secret"), "not to be read");
  await symlink("../outside", join(basePath, "outside"));
  const backend = new LocalBackend({ basePath, secret });
  return {
    backend,
    fetch: toFetchHandler(serveFiles(backend)),
    forbiddenKey: "outside/secret",
    dispose: () => rm(folder, { recursive: true }),
  };
}

/** The same, seen through `withPrefix`, with a neighbour whose keys begin alike. */
export async function prefixed(open: () => Subject | Promise<Subject>): Promise<Subject> {
  const { backend, fetch, dispose } = await open();
  await backend.put("tenant-10/neighbour", "not to be seen");
  return {
    backend: withPrefix(backend, "tenant-1/"),
    fetch,
    dispose: async () => {
      await backend.close();
      await dispose?.();
    },
  };
}

/** A backend that can do nothing but what every one has to. */
export function poor(): StorageBackend {
  const driver = driverOf(new MemoryBackend({ secret }));
  const { features } = driver;
  const no = Object.fromEntries(Object.keys(features).map((name) => [name, false]));
  return over(driver, "poor", {
    features: { ...features, ...no, orderedListing: true, keyAndPrefix: true, uploadMethods: [] },
    copy: undefined,
    move: undefined,
    signUrl: undefined,
    signUpload: undefined,
    removeMany: undefined,
  });
}
