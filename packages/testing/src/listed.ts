import type { ListPage, ListPageOptions, StorageBackend } from "@storage/core";
import { check } from "./assertions.ts";

export async function stored(backend: StorageBackend, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => backend.put(key, key)));
}

/** Every page of a listing, from the first to the last. */
export async function pagesOf(backend: StorageBackend, options: ListPageOptions): Promise<ListPage[]> {
  const pages: ListPage[] = [];
  let cursor: string | undefined;
  do {
    const page = await backend.listPage({ ...options, cursor });
    pages.push(page);
    cursor = page.cursor;
    check(pages.length < 5000, "a listing ends");
  } while (cursor !== undefined);
  return pages;
}

export const keysOf = (pages: readonly ListPage[]): string[] =>
  pages.flatMap(({ entries }) => entries.map(({ key }) => key));
export const prefixesOf = (pages: readonly ListPage[]): string[] => pages.flatMap(({ prefixes }) => prefixes);

export const tree: readonly string[] = [
  "dir1/a.txt",
  "dir1/b.txt",
  "dir1/subdir/c.txt",
  "dir1/subdir/d.txt",
  "dir2/e.txt",
  "f.txt",
];
export const numbers = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `n/${String(index).padStart(4, "0")}`);
