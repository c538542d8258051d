import { mkdtemp, rm } from "node:fs/promises";
import type { Section } from "./sections.ts";

const parents: Readonly<Record<Section["place"], string>> = {
  tmpfs: "/dev/shm",
  disk: import.meta.dirname,
};

/** Lends a folder that is new and gone afterwards. */
export async function inFolder<Result>(
  place: Section["place"],
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(`${parents[place]}/storage-bench-`);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
