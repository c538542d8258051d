import type { Counts } from "../counts.ts";
import type { Contender, Contenders, Row } from "../row.ts";
import type { Place, Store } from "../store.ts";
import { storeContenders } from "../store-contenders.ts";
import { localStores, ours } from "./stores.ts";
import { flatNames, plant, treeNames } from "./tree.ts";

type Lists = NonNullable<Store["lists"]>;
type List = (lists: Lists) => Promise<readonly unknown[]>;

/** What a listing gives: all of it, or its first page. */
interface Listed {
  readonly what: string;
  readonly all: List;
  readonly first: (lists: Lists, limit: number) => Promise<readonly unknown[]>;
}

const namesOf: Listed = {
  what: "names",
  all: (lists) => lists.names(),
  first: (lists, limit) => lists.firstNames(limit),
};
const entriesOf: Listed = {
  what: "entries",
  all: (lists) => lists.entries(),
  first: (lists, limit) => lists.firstEntries(limit),
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
          list: (lists) => first(lists, page),
        },
        all,
      ),
      listRow({
        name: `first ${page} ${what} of one folder of ${flat}`,
        rounds,
        target: 1.5,
        names: flatNames(flat),
        expected: page,
        list: (lists) => first(lists, page),
      }),
    ]),
  ];
}

interface ListPlan {
  readonly name: string;
  readonly rounds: number;
  readonly target: number;
  readonly names: readonly string[];
  /** So many are found, or more: some list our own folder too. */
  readonly expected: number;
  readonly list: List;
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
function shareRow(plan: ListPlan, all: List): Row {
  return {
    ...listRow(plan),
    contenders: async (place) => {
      const contenders = await listContenders(place, plan);
      const backend = await localStores[ours]?.(place);
      const lists = backend?.lists;
      if (lists === undefined) throw new Error("ours lists");
      return [{ name: `${ours}, all of them`, run: () => all(lists) }, ...contenders];
    },
  };
}

async function listContenders(place: Place, { names, list, expected }: ListPlan): Promise<Contenders> {
  await plant(place, names);
  const work = ({ lists }: Store): Contender["run"] | undefined =>
    lists &&
    (async () => {
      const { length } = await list(lists);
      if (length < expected) throw new Error(`${length} of ${expected} were listed`);
    });
  return await storeContenders(place, { stores: localStores, work, shared: true });
}
