import { unless } from "./files.ts";
import { closing, lastNameOf, openFolder, parentOf } from "./folders.ts";
import { reservedName, type Store } from "./store.ts";

/** How a key stands on a disk that takes several spellings for one name. */
export type Spelling = "same" | "other" | "absent";

/** Asks the folders themselves, name by name: a path says only what was asked for. */
export async function spellingOf(store: Store, key: string): Promise<Spelling> {
  if (key === "" || store.folds === false || !(await folds(store, key))) return "same";
  const above = await spellingOf(store, parentOf(key));
  if (above !== "same") return above;
  const name = lastNameOf(key);
  const asked = closing(openFolder(store, parentOf(key)), async ({ path }): Promise<Spelling> => {
    if ((await store.files.names(path)).includes(name)) return "same";
    return (await store.files.look(`${path}/${name}`)) ? "other" : "absent";
  });
  return (await unless(["ENOENT", "ENOTDIR"], asked)) ?? "absent";
}

/** Seen on our own folder, or, before anything was written, on the first part of a key. */
async function folds(store: Store, key: string): Promise<boolean> {
  const [first = ""] = key.split("/");
  store.folds ??= (await isFolded(store, reservedName)) ?? (await isFolded(store, first));
  return store.folds ?? false;
}

/** Undefined where the name is not there, or has no other spelling. */
async function isFolded({ files, root }: Store, name: string): Promise<boolean | undefined> {
  const upper = name.toUpperCase();
  const other = upper === name ? name.toLowerCase() : upper;
  if (other === name) return undefined;
  const [here, there] = await Promise.all([files.look(`${root}/${name}`), files.look(`${root}/${other}`)]);
  return here && there?.ino === here.ino;
}
