import { mkdtemp, rm } from "node:fs/promises";

const parents = {
  tmpfs: "/dev/shm",
  disk: import.meta.dirname,
} as const;

/** Lends a folder that is new and gone afterwards. */
export async function inFolder<Result>(
  place: keyof typeof parents,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(`${parents[place]}/storage-bench-`);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
