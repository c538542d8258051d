import { unless } from "./files.ts";
import type { Store } from "./store.ts";

/** How a key stands on a disk that takes several spellings for one name. */
export type Spelling = "same" | "other" | "absent";

/** Asks the folders themselves, name by name: a path says only what was asked for. */
export async function spellingOf(store: Store, key: string): Promise<Spelling> {
  if (!(await store.folds(key))) return "same";
  const segments = key.split("/");
  for (const [index, name] of segments.entries()) {
    const folder = await unless(["ENOENT", "ENOTDIR"], store.tree.folder(segments.slice(0, index)));
    if (folder === undefined) return "absent";
    try {
      const names = await store.files.names(folder.path);
      if (names.includes(name)) continue;
      const other = await store.files.look(`${folder.path}/${name}`);
      return other === undefined ? "absent" : "other";
    } finally {
      await folder.close();
    }
  }
  return "same";
}
