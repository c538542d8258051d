import type { Counts } from "./counts.ts";
import { importRow } from "./local/import-row.ts";
import { localRows } from "./local/rows.ts";
import { memoryRows } from "./memory/rows.ts";
import type { Row } from "./row.ts";
import type { Durability } from "./store.ts";

/** A table of the page, and where its rows find their folders. */
export interface Section {
  readonly title: string;
  readonly kind: "local" | "memory";
  readonly durability: Durability;
  readonly place: "tmpfs" | "disk";
  rows(counts: Counts): Row[];
}

const none = 'durability: "none"';
const fsync = 'durability: "fsync"';

/** The first three carry the targets: in memory the file system itself costs least, and our share shows most. */
export const sections: readonly Section[] = [
  { title: "Memory", kind: "memory", durability: "none", place: "tmpfs", rows: memoryRows },
  localSection(`Local, \`${none}\`, tmpfs`, "none", "tmpfs"),
  {
    title: "Import",
    kind: "local",
    durability: "none",
    place: "tmpfs",
    rows: (counts) => [importRow(counts)],
  },
  localSection(`Local, \`${none}\`, disk`, "none", "disk"),
  localSection(`Local, \`${fsync}\`, tmpfs`, "fsync", "tmpfs"),
  localSection(`Local, \`${fsync}\`, disk`, "fsync", "disk"),
];

/** Whether the targets are meant for this table. */
export function isJudged({ durability, place }: Section): boolean {
  return durability === "none" && place === "tmpfs";
}

function localSection(title: string, durability: Durability, place: Section["place"]): Section {
  return { title, kind: "local", durability, place, rows: (counts) => localRows(counts, durability, place) };
}
