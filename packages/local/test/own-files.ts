import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** The files and links that lie under `.storage`, without the folders that hold them. */
export async function ownFiles(basePath: string, folder = ""): Promise<string[]> {
  const path = join(basePath, ".storage", folder);
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => !entry.isDirectory());
  return files
    .map((entry) => join(entry.parentPath, entry.name).slice(join(basePath, ".storage").length + 1))
    .sort();
}
