import { mkdir, readdir, symlink } from "node:fs/promises";
import type { Folder, OpenStore } from "../store.ts";

/** "keys only": no key leads out by itself, and one through a symbolic link that stands in the folder does. */
export type Contained = "yes" | "keys only" | "no";

const bytes = new Uint8Array(1);

/** Tries to write out of the folder, and looks whether something came to stand beside it. */
export async function isContained(open: OpenStore<Folder>, folder: string): Promise<Contained> {
  const inside = `${folder}/outer/inside`;
  const outside = `${folder}/outside`;
  await mkdir(inside, { recursive: true });
  await mkdir(outside);
  const store = await open({ folder: inside, durability: "none" });
  const keys = ["../one", "../../outside/two", "folder/../../three", "..\\four", `${outside}/five`, "..:six"];
  for (const key of keys) await store.put(key, bytes).catch(() => undefined);
  const beside = [...(await readdir(`${folder}/outer`)), ...(await readdir(outside))];
  if (beside.length > 1) return "no";
  await symlink(outside, `${inside}/link`);
  await store.put("link/seven", bytes).catch(() => undefined);
  return (await readdir(outside)).length === 0 ? "yes" : "keys only";
}
