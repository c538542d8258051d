// Writes README.md anew: every figure in it is of one run of this program on one machine. `--quick` is a short
// run of small counts, `--rows put` one of the rows that have "put" in their title: both print and write nothing.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { askChild, keepCompiled } from "./child.ts";
import type { RowTask } from "./children/measure-row.ts";
import type { PromisesTask } from "./children/see-promises.ts";
import { quickCounts, wholeCounts } from "./counts.ts";
import { inFolder } from "./in-folder.ts";
import type { Result } from "./measure.ts";
import manifest from "./package.json" with { type: "json" };
import { peaks } from "./peaks.ts";
import type { Promises } from "./promises/promises.ts";
import { page } from "./report/page.ts";
import { peakTable, peakTitle } from "./report/peak-table.ts";
import { promiseTable } from "./report/promise-table.ts";
import { type MeasuredRow, sectionTable } from "./report/section-table.ts";
import { type Section, sections } from "./sections.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, rows: { type: "string", default: "" } },
});
const counts = values.quick ? quickCounts : wholeCounts;

function isWanted(title: string): boolean {
  return title.includes(values.rows);
}

async function measured(section: Section, index: number): Promise<MeasuredRow[]> {
  const rows: MeasuredRow[] = [];
  for (const [number, row] of section.rows(counts).entries()) {
    const title = `${section.title}: ${row.name}`;
    if (!isWanted(title)) continue;
    process.stderr.write(`${title}\n`);
    const results = await inFolder(section.place, async (folder) => {
      const task: RowTask = { section: index, row: number, folder, counts };
      return await askChild<Result[]>("measure-row", task);
    });
    rows.push({ row, results });
  }
  return rows;
}

async function tables(): Promise<string[]> {
  const promises = await inFolder("tmpfs", async (folder) => {
    const task: PromisesTask = { folder, torn: counts.torn };
    return await askChild<Promises>("see-promises", task);
  });
  const found = [promiseTable(promises, manifest.devDependencies)];
  for (const [index, section] of sections.entries()) {
    const rows = await measured(section, index);
    if (rows.length > 0) found.push(sectionTable(section, rows, promises));
  }
  if (isWanted(peakTitle)) found.push(peakTable(await peaks(counts), promises, counts));
  return found;
}

const text = await inFolder("tmpfs", async (compiled) => {
  keepCompiled(compiled);
  return page(await tables());
});
if (values.quick || values.rows !== "") process.stdout.write(text);
else await writeFile(`${import.meta.dirname}/README.md`, text);
