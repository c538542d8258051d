import { all, check, equal, fails } from "../assertions.ts";
import type { Run } from "../conformance-case.ts";
import { keysOf, pagesOf, prefixesOf, stored, tree } from "../listed.ts";

type Cases = Readonly<Record<string, Run>>;

export const pageTerms: Cases = {
  "without a delimiter nothing is folded": async ({ backend }) => {
    await stored(backend, tree);
    const page = await backend.listPage();
    equal([keysOf([page]), page.prefixes], [tree, []], "the page");
  },
  "startAfter and a prefix hold for every page": async ({ backend }) => {
    await stored(backend, tree);
    const pages = await pagesOf(backend, { prefix: "dir1/", startAfter: "dir1/a.txt", limit: 1 });
    equal(keysOf(pages), tree.slice(1, 4), "the pages");
    const listed = await all(backend.list({ prefix: "dir", startAfter: "dir1/b", limit: 3 }));
    equal(
      listed.map(({ key }) => key),
      tree.slice(1, 4),
      "list",
    );
  },
  "a page is the caller's: what is changed in it changes no other": async ({ backend }) => {
    await stored(backend, tree);
    const page = await backend.listPage();
    page.entries.length = 1;
    for (const entry of page.entries) Reflect.set(entry, "key", "changed");
    equal(keysOf([await backend.listPage()]), tree, "the next page");
  },
};

/** Behind the capability `delimiter`. */
export const foldingTerms: Cases = {
  "a cursor of a listing folded otherwise is refused": async ({ backend }) => {
    await stored(backend, tree);
    const { cursor } = await backend.listPage({ limit: 1, delimiter: "/" });
    check(cursor !== undefined, "there is more");
    await fails(backend.listPage({ limit: 1, cursor }), "InvalidArgument");
    await fails(backend.listPage({ limit: 1, cursor, delimiter: "." }), "InvalidArgument");
  },
  "a limit of 0 folds nothing": async ({ backend }) => {
    await stored(backend, tree);
    const { entries, prefixes } = await backend.listPage({ limit: 0, delimiter: "/" });
    equal([entries, prefixes], [[], []], "the page");
  },
  "startAfter inside a folded prefix leaves it while more lies there": async ({ backend }) => {
    await stored(backend, tree);
    const page = await backend.listPage({ delimiter: "/", startAfter: "dir1/a.txt" });
    equal([keysOf([page]), page.prefixes], [["f.txt"], ["dir1/", "dir2/"]], "the page");
  },
  "pages of a folded listing begin behind startAfter": async ({ backend }) => {
    await stored(backend, [...tree, "g.txt", "h/x"]);
    const pages = await pagesOf(backend, { delimiter: "/", startAfter: "dir1/", limit: 1 });
    equal(
      [keysOf(pages), prefixesOf(pages)],
      [
        ["f.txt", "g.txt"],
        ["dir2/", "h/"],
      ],
      "the pages",
    );
  },
  "only what lies behind the prefix is folded": async ({ backend }) => {
    await stored(backend, ["a/b/c", "a/b/d/e", "a/bc", "a/b-c/d"]);
    const page = await backend.listPage({ delimiter: "/", prefix: "a/b" });
    equal([keysOf([page]), page.prefixes], [["a/bc"], ["a/b-c/", "a/b/"]], "the page");
    const inside = await backend.listPage({ delimiter: "b/", prefix: "a/b" });
    equal([keysOf([inside]), inside.prefixes.length], [["a/b-c/d", "a/b/c", "a/b/d/e", "a/bc"], 0], "inside");
  },
};
