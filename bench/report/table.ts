export type Cells = readonly string[];

export function table(title: string, head: Cells, lines: readonly Cells[]): string {
  const rule = head.map(() => "---");
  return `## ${title}\n\n${[head, rule, ...lines].map(line).join("\n")}\n`;
}

function line(cells: Cells): string {
  return `| ${cells.join(" | ")} |`;
}

/** Three digits, in the unit that suits. */
export function time(microseconds: number): string {
  if (microseconds < 999.5) return `${microseconds.toPrecision(3)} µs`;
  const milliseconds = microseconds / 1000;
  return milliseconds < 999.5 ? `${milliseconds.toPrecision(3)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

export function range([low, high]: readonly [number, number], digits: number): string {
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
}
