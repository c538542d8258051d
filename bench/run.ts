// Writes README.md and s3/README.md anew: every figure in a page is of one run of this program on one machine.
// `--page s3` writes that page alone, or `--page files`. `--quick` is a short run of small counts, `--rows put` one of
// the rows that have "put" in their title: both print and write nothing. Of S3 there is a page where the
// environment names a server, which `pnpm bench:s3` sees to.
import { statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { mebibyte } from "./bodies.ts";
import { askChild, keepCompiled } from "./child.ts";
import type { RowTask } from "./children/measure-row.ts";
import { type Counts, quickCounts, wholeCounts } from "./counts.ts";
import { inFolder } from "./in-folder.ts";
import type { Result } from "./measure.ts";
import { type Page, pages } from "./pages.ts";
import { peaks } from "./peaks.ts";
import { pageText } from "./report/page.ts";
import { peakTable } from "./report/peak-table.ts";
import { type MeasuredRow, sectionTable } from "./report/section-table.ts";
import type { Section } from "./sections.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rows: { type: "string", default: "" },
    page: { type: "string" },
  },
});
const counts = values.quick ? quickCounts : await withRoom(wholeCounts);

/** Servers that run here keep what is huge on this disk: three of a size are there at most, while one replaces another. */
async function withRoom({ hugeMebibytes = 0, ...others }: Counts): Promise<Counts> {
  const { bavail, bsize } = await statfs(tmpdir());
  const isThere = bavail * bsize > 3 * hugeMebibytes * mebibyte;
  return isThere ? { ...others, hugeMebibytes } : others;
}

function isWanted(title: string): boolean {
  const isIn = title.includes(values.rows);
  if (isIn) process.stderr.write(`${title}\n`);
  return isIn;
}

async function measured(section: Section): Promise<MeasuredRow[]> {
  const rows: MeasuredRow[] = [];
  for (const row of section.rows(counts)) {
    if (!isWanted(`${section.title}: ${row.name}`)) continue;
    const results = await section.lend(async (place) => {
      const task: RowTask = { section: section.title, row: row.name, place, counts };
      return await askChild<Result[]>("measure-row", task);
    });
    rows.push({ row, results });
  }
  return rows;
}

async function tables(page: Page): Promise<string[]> {
  const promises = await page.promises(counts);
  const found = [page.contenders(promises)];
  for (const section of page.sections) {
    const rows = await measured(section);
    if (rows.length > 0) found.push(sectionTable(section, rows, promises));
  }
  for (const plan of page.peaks(counts))
    if (isWanted(plan.title)) found.push(peakTable(plan, await peaks(plan), promises));
  return found;
}

const wanted = pages.filter(({ name }) => name === (values.page ?? name));
if (wanted.length === 0)
  throw new Error(`there is no page ${values.page}; or one of S3, and the environment names no server`);

await inFolder("tmpfs", async (compiled) => {
  keepCompiled(compiled);
  for (const page of wanted) {
    const text = pageText(page, await tables(page));
    if (values.quick || values.rows !== "") process.stdout.write(text);
    else await writeFile(`${import.meta.dirname}/${page.file}`, text);
  }
});
