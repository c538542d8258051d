import { ConfigurationError, type StorageBackend } from "@storage/core";
import type { BackendName } from "./backend-name.ts";
import { missingPackage } from "./missing-package.ts";
import type { Picked } from "./picked.ts";

export type BackendClass = new (options: object) => StorageBackend;

const classNames: Readonly<Record<BackendName, string>> = {
  local: "LocalBackend",
  s3: "S3Backend",
  gcs: "GCSBackend",
  cloudinary: "CloudinaryBackend",
  memory: "MemoryBackend",
};

/**
 * The class of the one provider that was picked. Its package is loaded now, and no other.
 *
 * @throws MissingDependencyError where it is not installed; what it throws itself while it is loaded.
 */
export async function loadProvider(picked: Picked): Promise<BackendClass> {
  const { backend } = picked;
  const name = classNames[backend];
  const found: unknown = Reflect.get(await load(picked), name);
  if (isClass(found)) return found;
  throw new ConfigurationError(`@storage/${backend} has no ${name}: install the version that fits this one`);
}

/** Each by an import of its own literal, in a `try`: so bundlers see a package that may be absent. */
async function load(picked: Picked): Promise<object> {
  try {
    switch (picked.backend) {
      case "local":
        return await import("@storage/local");
      case "s3":
        return await import("@storage/s3");
      case "gcs":
        // @ts-expect-error: it is not in this workspace, and the compiler says when it is.
        return await import("@storage/gcs");
      case "cloudinary":
        // @ts-expect-error: as above.
        return await import("@storage/cloudinary");
      case "memory":
        return await import("@storage/memory");
    }
  } catch (error) {
    throw (await missingPackage(error, picked)) ?? error;
  }
}

/** As far as that can be seen before it is called. */
function isClass(value: unknown): value is BackendClass {
  return typeof value === "function";
}
