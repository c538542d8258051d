import type { Result } from "../measure.ts";
import type { Promises } from "../promises/promises.ts";
import type { Row } from "../row.ts";
import { isJudged, type Section } from "../sections.ts";
import { promiseText } from "./promise-text.ts";
import { type Cells, range, table, time } from "./table.ts";
import { verdict } from "./verdict.ts";

export interface MeasuredRow {
  readonly row: Row;
  readonly results: readonly Result[];
}

const head = ["row", "who", "time", "to raw", "spread", "promises", "target"];

export function sectionTable(section: Section, measured: readonly MeasuredRow[], promises: Promises): string {
  const { title, kind } = section;
  const lines = measured.flatMap(({ row, results }) => {
    const target = isJudged(section) ? row.target : undefined;
    return results.map((result, index): Cells => {
      const { contender, microseconds } = result;
      const name = index === 0 ? row.name : "";
      const judged = verdict(result, { kind, promises, results, target });
      const promise = promiseText(promises, kind, contender);
      return [name, contender, time(microseconds), ...figureCells(row, result), promise, judged];
    });
  });
  return table(title, head, lines);
}

function figureCells({ figure: kind }: Row, { figure, spread }: Result): Cells {
  if (kind === undefined) return [figure.toFixed(2), range(spread, 2)];
  return [`${figure.toFixed(1)} ms above`, range(spread, 1)];
}
