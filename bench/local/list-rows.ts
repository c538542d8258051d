import { folderOf, inOneFolder } from "../compete.ts";
import type { Counts } from "../counts.ts";
import { type List, listing } from "../listing.ts";
import type { Contenders, Row } from "../row.ts";
import type { Place, Store } from "../store.ts";
import { localStores, ours } from "./stores.ts";
import { flatNames, plant, treeNames } from "./tree.ts";

/** Undefined for a store that can't. */
type ListOf = (store: Store) => List | undefined;

/** What a listing gives: all of it, or its first page. */
interface Listed {
  readonly what: string;
  readonly all: ListOf;
  readonly first: (store: Store, limit: number) => List | undefined;
}

const compete = inOneFolder(localStores);

const namesOf: Listed = {
  what: "names",
  all: ({ lists }) => lists && (() => lists.names()),
  first: ({ lists }, limit) => lists && (() => lists.firstNames(limit)),
};
const entriesOf: Listed = {
  what: "entries",
  all: ({ entries }) => entries,
  first: ({ lists }, limit) => lists && (() => lists.firstEntries(limit)),
};

export function listRows({ rounds, tree, pagedTree, flat, page }: Counts): Row[] {
  const [folders, files] = tree;
  const [pagedFolders, pagedFiles] = pagedTree;
  const names = `${folders * files} names in ${folders} folders`;
  const paged = `${pagedFolders} folders of ${pagedFiles}`;
  return [
    listRow({
      name: `list ${names}`,
      rounds,
      target: 1,
      names: treeNames(tree),
      expected: folders * files,
      list: namesOf.all,
    }),
    listRow({
      name: `list ${names}, with size and date`,
      rounds,
      target: 1.2,
      names: treeNames(tree),
      expected: folders * files,
      list: entriesOf.all,
    }),
    ...[namesOf, entriesOf].flatMap(({ what, all, first }) => [
      shareRow(
        {
          name: `first ${page} ${what} of ${paged}, as a share of listing all`,
          rounds,
          target: 0.05,
          names: treeNames(pagedTree),
          expected: page,
          list: (store) => first(store, page),
        },
        all,
      ),
      listRow({
        name: `first ${page} ${what} of one folder of ${flat}`,
        rounds,
        target: 1.5,
        names: flatNames(flat),
        expected: page,
        list: (store) => first(store, page),
      }),
    ]),
  ];
}

interface ListPlan {
  readonly name: string;
  readonly rounds: number;
  readonly target: number;
  readonly names: readonly string[];
  readonly expected: number;
  readonly list: ListOf;
}

function listRow(plan: ListPlan): Row {
  return {
    name: plan.name,
    target: { figure: plan.target },
    rounds: plan.rounds,
    times: 1,
    inFlight: 1,
    contenders: async (place) => await listContenders(place, plan),
  };
}

/** Not to the raw way but to our own listing of all, which comes first. */
function shareRow(plan: ListPlan, all: ListOf): Row {
  return {
    ...listRow(plan),
    contenders: async (place) => {
      const contenders = await listContenders(place, plan);
      const store = await localStores[ours]?.(folderOf(place));
      const run = store && all(store);
      if (run === undefined) throw new Error("ours lists");
      return [{ name: `${ours}, all of them`, run }, ...contenders];
    },
  };
}

async function listContenders(place: Place, { names, list, expected }: ListPlan): Promise<Contenders> {
  await plant(folderOf(place), names);
  return await compete(place, { work: (store) => listing(list(store), expected) });
}
