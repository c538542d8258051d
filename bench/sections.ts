import { endpointVariable, type S3ServiceName } from "../scripts/s3-service.ts";
import type { Counts } from "./counts.ts";
import { inFolder } from "./in-folder.ts";
import { importRow } from "./local/import-row.ts";
import { localRows } from "./local/rows.ts";
import { memoryRows } from "./memory/rows.ts";
import type { Row } from "./row.ts";
import { s3Rows } from "./s3/rows.ts";
import type { Durability, Place } from "./store.ts";

/** A table of a page. */
export interface Section {
  readonly title: string;
  readonly kind: "local" | "memory" | "s3";
  /** Whether the targets are meant for this table. */
  readonly isJudged: boolean;
  /** Lends a place to a row, or to one store whose memory is measured. */
  readonly lend: <Result>(work: (place: Place) => Promise<Result>) => Promise<Result>;
  rows(counts: Counts): Row[];
}

const none = 'durability: "none"';
const fsync = 'durability: "fsync"';
const tmpfs = folders("none", "tmpfs");

/** The first three carry the targets: in memory the file system itself costs least, and our share shows most. */
export const fileSections: readonly Section[] = [
  { title: "Memory", kind: "memory", isJudged: true, lend: tmpfs, rows: memoryRows },
  localSection(`Local, \`${none}\`, tmpfs`, "none", "tmpfs"),
  { title: "Import", kind: "local", isJudged: true, lend: tmpfs, rows: (counts) => [importRow(counts)] },
  localSection(`Local, \`${none}\`, disk`, "none", "disk"),
  localSection(`Local, \`${fsync}\`, tmpfs`, "fsync", "tmpfs"),
  localSection(`Local, \`${fsync}\`, disk`, "fsync", "disk"),
];

/** Of the servers that the environment names. */
export const s3Sections: readonly Section[] = [s3Section("MinIO", "minio"), s3Section("radosgw", "radosgw")]
  .filter(({ isThere }) => isThere)
  .map(({ section }) => section);

function localSection(title: string, durability: Durability, place: "tmpfs" | "disk"): Section {
  const isJudged = durability === "none" && place === "tmpfs";
  const rows = (counts: Counts): Row[] => localRows(counts, durability, place);
  return { title, kind: "local", isJudged, lend: folders(durability, place), rows };
}

function s3Section(title: string, name: S3ServiceName): { section: Section; isThere: boolean } {
  const section: Section = {
    title,
    kind: "s3",
    isJudged: true,
    // The SDK is for those who measure it.
    lend: async (work) => (await import("./s3/in-bucket.ts")).inBucket(name, work),
    rows: s3Rows,
  };
  return { section, isThere: Boolean(process.env[endpointVariable(name)]) };
}

function folders(durability: Durability, place: "tmpfs" | "disk"): Section["lend"] {
  return (work) => inFolder(place, (folder) => work({ folder, durability }));
}
