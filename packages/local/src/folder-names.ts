import { compareKeys } from "@storage/core";
import { unless } from "./files.ts";
import { isWithin, leadsNowhere, openFolder, parentOf, realPathOf, withFolder } from "./folders.ts";
import { reservedName, type Store } from "./store.ts";

/** Undefined for what went away meanwhile, or leads out of the tree by now; what cannot be read is an error. */
export function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  return unless(["ENOENT", "ENOTDIR", "FileNotFound", "PermissionDenied"], work);
}

const beyondPlain = /[\ud800-\uffff]/;

/** A folder's names, in order; those of folders end in a slash, as inside keys, so that they sort as keys do. */
export async function readNames(store: Store, folder: string): Promise<string[]> {
  const names: string[] = [];
  const reading = withFolder(openFolder(store, folder.slice(0, -1)), async ({ path }) => {
    for (const entry of await store.files.entries(path)) {
      const { name } = entry;
      // One that is no UTF-8 is shown with U+FFFD, and nobody can open it by that.
      if (name.includes("\ufffd") && (await store.files.look(`${path}/${name}`)) === undefined) continue;
      if (entry.isFile()) names.push(name);
      else if (entry.isDirectory() && folder + name !== reservedName) names.push(`${name}/`);
      else if (entry.isSymbolicLink()) names.push(...(await namesOfLink(store, folder, name)));
    }
  });
  await unlessGone(reading);
  // The order of UTF-16, which is fast, is that of UTF-8 up to U+D7FF.
  return names.sort(names.some((name) => beyondPlain.test(name)) ? compareKeys : undefined);
}

/** None where it leads out, nowhere, or in a circle. */
async function namesOfLink(store: Store, folder: string, name: string): Promise<readonly string[]> {
  const real = await realPathOf(store, `${store.root}/${folder}${name}`);
  const stats = real === undefined ? undefined : await unless(leadsNowhere, store.files.look(real));
  if (stats?.isFile()) return [name];
  return stats?.isDirectory() && (await wayTo(store, folder + name)) ? [`${name}/`] : [];
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
