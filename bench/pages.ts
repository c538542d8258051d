import { askChild } from "./child.ts";
import type { PromisesTask } from "./children/see-promises.ts";
import type { Counts } from "./counts.ts";
import { inFolder } from "./in-folder.ts";
import manifest from "./package.json" with { type: "json" };
import type { PeakPlan } from "./peaks.ts";
import type { Promises } from "./promises/promises.ts";
import { filesIntro, filesNotes, s3Intro, s3Notes } from "./report/page-texts.ts";
import { promiseTable } from "./report/promise-table.ts";
import { versionTable } from "./report/version-table.ts";
import { fileSections, type Section, s3Sections } from "./sections.ts";

/** What one run writes into one file: the other page stays as another run has left it. */
export interface Page {
  /** As `--page` has it. */
  readonly name: string;
  readonly file: string;
  /** What writes it. */
  readonly command: string;
  readonly title: string;
  readonly intro: string;
  readonly notes: string;
  readonly sections: readonly Section[];
  readonly peaks: (counts: Counts) => readonly PeakPlan[];
  readonly promises: (counts: Counts) => Promise<Promises>;
  /** The table of the contenders. */
  readonly contenders: (promises: Promises) => string;
}

const { devDependencies: versions } = manifest;

const files: Page = {
  name: "files",
  file: "README.md",
  command: "bench",
  title: "Bench",
  intro: filesIntro,
  notes: filesNotes,
  sections: fileSections,
  peaks: ({ peaks: times, streamMebibytes: mebibytes }) => [
    {
      title: "Peak RSS of a fresh process, tmpfs",
      kind: "local",
      target: 110,
      mebibytes,
      times,
      lend: (work) => inFolder("tmpfs", (folder) => work({ folder, durability: "none" })),
    },
  ],
  promises: ({ torn }) =>
    inFolder("tmpfs", async (folder) => {
      const task: PromisesTask = { folder, torn };
      return await askChild<Promises>("see-promises", task);
    }),
  contenders: (promises) => promiseTable(promises, versions),
};

const s3: Page = {
  name: "s3",
  file: "s3/README.md",
  command: "bench:s3",
  title: "Bench of S3",
  intro: s3Intro,
  notes: s3Notes,
  sections: s3Sections,
  peaks: ({ peaks: times, largeMebibytes, hugeMebibytes }) =>
    s3Sections.map(({ title, lend }) => ({
      title: `Peak RSS of a fresh process, ${title}`,
      kind: "s3",
      target: 150,
      mebibytes: hugeMebibytes ?? largeMebibytes,
      times,
      lend,
    })),
  promises: async () => ({ local: {}, memory: {} }),
  contenders: () => versionTable(versions),
};

/** Those of which there is something to measure: S3 where the environment names a server. */
export const pages: readonly Page[] = [files, s3].filter(({ sections }) => sections.length > 0);
