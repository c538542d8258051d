import type { StorageBackend } from "@storage/core";

/** What an object says of itself, in one value to compare. */
export interface Shown {
  readonly body: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** By one `open`, so that body and metadata are of the same write; undefined where there is none. */
export async function shown(backend: StorageBackend, key: string): Promise<Shown | undefined> {
  if (!(await backend.exists(key))) return undefined;
  const object = await backend.open(key);
  const { contentType, metadata } = object;
  return { body: await object.text(), contentType, metadata };
}
