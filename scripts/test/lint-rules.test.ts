import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { root, run } from "../public-packages.ts";

/** What the linter says to a file at that path with that text; nothing when it is content. */
function lint(path: string, text: string): string {
  const copy = mkdtempSync(join(tmpdir(), "storage-lint-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const part of ["biome.json", ".gitignore", "scripts/lint"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  mkdirSync(join(copy, dirname(path)), { recursive: true });
  writeFileSync(join(copy, path), text);
  try {
    run("biome", ["lint", "--error-on-warnings", path], copy);
    return "";
  } catch (error) {
    return String(error);
  }
}

const source = "packages/core/src/example.ts";
const syncMessage = "stops every other request";

describe("a *Sync call in a src folder is refused", () => {
  test.each([
    [
      "on the module",
      'import fs from "node:fs";\nexport const text: string = fs.readFileSync("a", "utf8");\n',
    ],
    [
      "imported by name",
      'import { readFileSync } from "node:fs";\nexport const read: unknown = readFileSync;\n',
    ],
    ["under another name", 'import { statSync as stat } from "node:fs";\nexport const is: unknown = stat;\n'],
    ["taken out of the module", 'import fs from "node:fs";\nexport const { rmSync }: typeof fs = fs;\n'],
    ["by a computed name", 'import fs from "node:fs";\nexport const made: unknown = fs["mkdirSync"]("a");\n'],
    [
      "through getBuiltinModule",
      'export const is: boolean = process.getBuiltinModule("fs").existsSync("a");\n',
    ],
  ])("%s", (_case, text) => {
    expect(lint(source, text)).toContain(syncMessage);
    expect(lint("examples/upload-app/src/example.ts", text)).toContain(syncMessage);
  });
});

test("what only looks like a *Sync call is allowed", () => {
  const text = `export const flush = async (file: { sync(): Promise<void> }): Promise<void> => file.sync();
export const crypto: unknown = process.getBuiltinModule("node:crypto");
export const close: symbol = Symbol.asyncDispose;
`;
  expect(lint(source, text)).toBe("");
});

test("tests may call *Sync functions", () => {
  const text = 'import { readFileSync } from "node:fs";\n\nreadFileSync("a");\n';
  expect(lint("packages/core/test/example.test.ts", text)).toBe("");
});

test.each([
  ["noReExportAll", 'export * from "./other.ts";\n'],
  ["noDefaultExport", "export default 1;\n"],
  ["noExplicitAny", "export const value: any = 1;\n"],
  ["noNonNullAssertion", "export const first = (list: string[]): string => list[0]!;\n"],
  ["useImportType", 'import { Stats } from "node:fs";\nexport const of = (stats: Stats): Stats => stats;\n'],
  ["noExcessiveLinesPerFile", "export const value: number = 1;\n".repeat(251)],
  ["noExcessiveLinesPerFunction", `export function long(): void {\n${"  console.log();\n".repeat(41)}}\n`],
])("%s is on in src", (rule, text) => {
  expect(lint(source, text)).toContain(rule);
});

test("file names are in kebab-case", () => {
  const path = "packages/core/src/storageError.ts";
  expect(lint(path, "export const value: number = 1;\n")).toContain("useFilenamingConvention");
});
