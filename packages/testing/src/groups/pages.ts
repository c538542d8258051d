import { all, check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group } from "../conformance-case.ts";
import { keysOf, pagesOf, stored, tree } from "../listed.ts";
import { pageTerms } from "./listing-terms.ts";

export const pages: ConformanceGroup = group("Pages of a listing", {
  ...pageTerms,
  "the pages of a listing make up the whole, whatever their size": async ({ backend }) => {
    await stored(backend, tree);
    for (let limit = 1; limit <= 7; limit++) {
      const pages = await pagesOf(backend, { limit });
      equal(keysOf(pages), tree, `pages of ${limit}`);
      check(
        pages.every(({ entries }) => entries.length <= limit),
        "no page is longer than its limit",
      );
    }
  },
  "the last page has no cursor, also when it is full": async ({ backend }) => {
    await stored(backend, tree);
    equal((await backend.listPage({ limit: 6 })).cursor, undefined, "the cursor of all");
    check((await backend.listPage({ limit: 5 })).cursor !== undefined, "there is more");
  },
  "startAfter begins behind a key, whether or not it is there": async ({ backend }) => {
    await stored(backend, tree);
    equal(
      await backend.listPage({ startAfter: "dir1/b.txt" }).then((page) => keysOf([page])),
      tree.slice(2),
      "behind a key",
    );
    equal(
      (await all(backend.list({ startAfter: "dir1/c" }))).map(({ key }) => key),
      tree.slice(2),
      "behind no key",
    );
    equal(
      (await all(backend.list({ startAfter: "dir1/subdir/" }))).map(({ key }) => key),
      tree.slice(2),
      "behind a folder",
    );
    equal(await all(backend.list({ startAfter: "zzz" })), [], "behind all");
    equal((await all(backend.list({ startAfter: "!" }))).length, 6, "before all");
  },
  "startAfter and prefix go together": async ({ backend }) => {
    await stored(backend, tree);
    const listed = async (prefix: string, startAfter: string): Promise<string[]> =>
      (await all(backend.list({ prefix, startAfter }))).map(({ key }) => key);
    equal(await listed("dir1/", "dir1/a.txt"), tree.slice(1, 4), "inside");
    equal(await listed("dir1/", "a"), tree.slice(0, 4), "before the prefix");
    equal(await listed("dir1/", "dir2"), [], "behind the prefix");
  },
  "a cursor stays right when a key comes in behind it": async ({ backend }) => {
    await stored(backend, ["a", "b", "d"]);
    const { cursor } = await backend.listPage({ limit: 2 });
    await stored(backend, ["aa", "c"]);
    equal(keysOf([await backend.listPage({ limit: 2, cursor })]), ["c", "d"], "the next page");
  },
  "a cursor stays right when the key is deleted at which it stands": async ({ backend }) => {
    await stored(backend, ["a", "b", "c", "d"]);
    const { cursor } = await backend.listPage({ limit: 2 });
    await backend.delete("b");
    await backend.delete("c");
    equal(keysOf([await backend.listPage({ limit: 2, cursor })]), ["d"], "the next page");
  },
  "a cursor of another listing is refused": async ({ backend }) => {
    await stored(backend, tree);
    const { cursor } = await backend.listPage({ limit: 1, prefix: "dir1/" });
    await fails(backend.listPage({ limit: 1, cursor }), "InvalidArgument");
    await fails(backend.listPage({ prefix: "dir2/", cursor }), "InvalidArgument");
    await fails(backend.listPage({ prefix: "dir1/", startAfter: "dir1/b", cursor }), "InvalidArgument");
  },
  "what is no cursor is refused": async ({ backend }) => {
    for (const cursor of ["", "x", "[]", "%", "%5B%5D", "null"])
      await fails(backend.listPage({ cursor }), "InvalidArgument");
  },
  "a cursor serves a page of any size": async ({ backend }) => {
    await stored(backend, tree);
    const { cursor } = await backend.listPage({ limit: 1 });
    equal(keysOf([await backend.listPage({ limit: 100, cursor })]), tree.slice(1), "the rest");
  },
});
