import { type Files, ifThere } from "./files.ts";
import type { Tree } from "./tree.ts";

/** Removes folders that hold nothing any more, from this one upwards. */
export async function prune(tree: Tree, files: Files, folder: readonly string[]): Promise<void> {
  for (let segments = folder; segments.length > 0; segments = segments.slice(0, -1)) {
    try {
      await remove(tree, files, segments);
    } catch {
      return;
    }
  }
}

/** Removes a folder that holds nothing but empty folders. @throws ENOTEMPTY for any other. */
export async function clear(tree: Tree, files: Files, segments: readonly string[]): Promise<void> {
  const folder = await tree.folder(segments);
  try {
    const entries = await files.entries(folder.path);
    const inside = entries.every((entry) => entry.isDirectory()) ? entries : [];
    for (const { name } of inside) await ifThere(clear(tree, files, [...segments, name]));
  } finally {
    await folder.close();
  }
  await remove(tree, files, segments);
}

async function remove(tree: Tree, files: Files, segments: readonly string[]): Promise<void> {
  const parent = await tree.folder(segments.slice(0, -1));
  await files.rmdir(`${parent.path}/${segments.at(-1)}`).finally(() => parent.close());
}
