import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What lies under `.storage`, save for the folders that hold temp files, locks and sidecars. */
export async function ownFiles(basePath: string, folder = ""): Promise<string[]> {
  const path = join(basePath, ".storage", folder);
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const own = join(basePath, ".storage");
  const names = entries.map((entry) => join(entry.parentPath, entry.name).slice(own.length + 1));
  return names.filter((name) => !/^(tmp|lock|meta)$|^meta\/[^/]*$/.test(name)).sort();
}
