import type { Figures, Result } from "../measure.ts";
import type { Promises } from "../promises/promises.ts";
import type { Row } from "../row.ts";
import type { Section } from "../sections.ts";
import { promiseText } from "./promise-text.ts";
import { type Cells, range, table, time } from "./table.ts";
import { verdict } from "./verdict.ts";

export interface MeasuredRow {
  readonly row: Row;
  readonly results: readonly Result[];
}

const head = ["row", "who", "time", "to raw", "spread", "promises", "target"];
const s3Head = ["row", "who", "time", "to raw", "spread", "CPU", "to raw", "spread", "target"];

export function sectionTable(section: Section, measured: readonly MeasuredRow[], promises: Promises): string {
  const { title, kind, isJudged } = section;
  const lines = measured.flatMap(({ row, results }) => {
    const target = isJudged ? row.target : undefined;
    return results.map((result, index): Cells => {
      const name = index === 0 ? row.name : "";
      const { contender, cpu } = result;
      const others = kind === "s3" ? figureCells(row, cpu) : [promiseText(promises, kind, contender)];
      const judged = verdict(result, { kind, promises, results, target });
      return [name, contender, ...figureCells(row, result), ...others, judged];
    });
  });
  return table(title, kind === "s3" ? s3Head : head, lines);
}

function figureCells(
  { figure: kind }: Row,
  { microseconds, figure, spread }: Figures & Pick<Result, "microseconds">,
): Cells {
  const texts =
    kind === undefined
      ? [figure.toFixed(2), range(spread, 2)]
      : [`${figure.toFixed(1)} ms above`, range(spread, 1)];
  return [time(microseconds), ...texts];
}
