import type { FileStats } from "./file-system.ts";
import { unless } from "./files.ts";
import { closing, isWithin, leadsNowhere, openFolder, parentOf, realPathOf } from "./folders.ts";
import type { Store } from "./store.ts";

/** Undefined for what went away meanwhile, or leads out of the tree by now; what cannot be read is an error. */
export function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return unless(["ENOENT", "ENOTDIR", "FileNotFound", "PermissionDenied"], work);
}

/** A folder's names; those of folders end in a slash, as inside keys, so that they sort as keys do. */
export async function readNames(store: Store, folder: string): Promise<string[]> {
  const names: string[] = [];
  const reading = closing(openFolder(store, folder.slice(0, -1)), async ({ path }) => {
    for (const entry of await store.files.entries(path)) {
      const { name } = entry;
      const isDoubtful = entry.isSymbolicLink() || name.includes("\ufffd");
      const kind = isDoubtful ? await closerLook(store, folder + name, `${path}/${name}`) : entry;
      if (kind?.isFile()) names.push(name);
      else if (kind?.isDirectory()) names.push(`${name}/`);
    }
  });
  await unlessGone(reading);
  return names;
}

/**
 * Undefined for a link that leads out, nowhere, or in a circle; and for a name that is no UTF-8, which is shown
 * with U+FFFD: nobody can open it by that.
 */
async function closerLook(store: Store, key: string, path: string): Promise<FileStats | undefined> {
  const seen = await store.files.look(path);
  if (!seen?.isSymbolicLink()) return seen;
  const real = await realPathOf(store, path);
  const stats = real === undefined ? undefined : await unless(leadsNowhere, store.files.look(real));
  return stats?.isDirectory() && !(await wayTo(store, key)) ? undefined : stats;
}

/** The real paths of the folders down to this one; undefined where a walk from the top does not come there, or would never end. */
export async function wayTo(store: Store, folder: string): Promise<readonly string[] | undefined> {
  if (folder === "") return [store.root || "/"];
  const above = await wayTo(store, parentOf(folder));
  const real = await unless(["ENOENT", "ENOTDIR", "ELOOP"], store.files.realpath(`${store.root}/${folder}`));
  if (real === undefined || above === undefined || above.some((path) => isWithin(path, real)))
    return undefined;
  return [...above, real];
}
