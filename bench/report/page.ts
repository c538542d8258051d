import { cpus } from "node:os";
import type { Page } from "../pages.ts";

type PageHead = Pick<Page, "title" | "command" | "intro" | "notes">;

/** All that a run found, as it is written. */
export function pageText({ title, command, intro, notes }: PageHead, tables: readonly string[]): string {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  const day = new Date().toISOString().slice(0, 10);
  const head = `Written by \`pnpm --filter @storage/bench ${command}\` on ${day}: Node ${process.versions.node}, ${cpus().length} cores (${model}).`;
  return `# ${title}\n\n${intro}\n\n${head}\n\n${tables.join("\n")}\n## Notes\n\n${notes}\n`;
}
