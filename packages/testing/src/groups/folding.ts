import { check, equal, fails } from "../assertions.ts";
import { type ConformanceGroup, group, has } from "../conformance-case.ts";
import { keysOf, numbers, pagesOf, prefixesOf, stored, tree } from "../listed.ts";
import { foldingTerms } from "./listing-terms.ts";

const marked = ["b.ar", "b.az", "c.ab", "cab", "foo%x", "foo%y", "one two", "oneabcx", "oneabcy"];

/** Into what a delimiter folds these keys. */
const marks: Readonly<Record<string, readonly string[]>> = {
  ".": ["b.", "c."],
  "%": ["foo%"],
  abc: ["oneabc"],
  " ": ["one "],
  "\\": [],
  ar: ["b.ar"],
};

export const folding: ConformanceGroup = group(
  "Folded listings",
  {
    ...foldingTerms,
    "a delimiter folds keys into prefixes": async ({ backend }) => {
      await stored(backend, tree);
      const top = await backend.listPage({ delimiter: "/" });
      equal([keysOf([top]), top.prefixes], [["f.txt"], ["dir1/", "dir2/"]], "the top");
      const inside = await backend.listPage({ delimiter: "/", prefix: "dir1/" });
      equal(
        [keysOf([inside]), inside.prefixes],
        [["dir1/a.txt", "dir1/b.txt"], ["dir1/subdir/"]],
        "a folder",
      );
      const cut = await backend.listPage({ delimiter: "/", prefix: "dir" });
      equal([keysOf([cut]), cut.prefixes], [[], ["dir1/", "dir2/"]], "a prefix that ends inside a name");
    },
    "a delimiter may be any text": async ({ backend }) => {
      await stored(backend, marked);
      for (const [delimiter, prefixes] of Object.entries(marks)) {
        const page = await backend.listPage({ delimiter });
        const left = marked.filter((key) => !prefixes.some((prefix) => key.startsWith(prefix)));
        equal([keysOf([page]), page.prefixes], [left, prefixes], `the listing folded at "${delimiter}"`);
      }
    },
    "folded prefixes stand among keys in order, and count in the limit": async ({ backend }) => {
      await stored(backend, ["d", "dir1/x", "dir2/y", "t-/t.", "t/t/t", "testFile1"]);
      for (let limit = 1; limit <= 7; limit++) {
        const pages = await pagesOf(backend, { delimiter: "/", limit });
        const merged = pages.map((page) => [...keysOf([page]), ...page.prefixes].sort());
        equal(merged.flat(), ["d", "dir1/", "dir2/", "t-/", "t/", "testFile1"], `pages of ${limit}`);
        check(
          pages.every(({ entries, prefixes }) => entries.length + prefixes.length <= limit),
          "no page is too long",
        );
      }
    },
    "a folded prefix comes once, however much lies inside": async ({ backend }) => {
      await stored(backend, [
        ...numbers(999).map((key) => key.replace("n/", "0/")),
        "1999",
        "1999#",
        "1999+",
        "2000",
      ]);
      const pages = await pagesOf(backend, { delimiter: "/" });
      equal([keysOf(pages), prefixesOf(pages)], [["1999", "1999#", "1999+", "2000"], ["0/"]], "the listing");
    },
    "startAfter a folded prefix passes all of it": async ({ backend }) => {
      await stored(backend, tree);
      const page = await backend.listPage({ delimiter: "/", startAfter: "dir1/" });
      equal([keysOf([page]), page.prefixes], [["f.txt"], ["dir2/"]], "the page");
    },
    "an empty delimiter is refused": async ({ backend }) => {
      await fails(backend.listPage({ delimiter: "" }), "InvalidArgument");
    },
  },
  has("delimiter"),
);
