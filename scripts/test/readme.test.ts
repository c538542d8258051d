import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { publicPackages, root, run } from "../public-packages.ts";

/** A folder as a reader has it: every package installed, and nothing else. */
const reader = mkdtempSync(join(tmpdir(), "storage-readme-"));
afterAll(() => rmSync(reader, { recursive: true, force: true }));
writeFileSync(join(reader, "package.json"), '{ "type": "module" }');
for (const { folder, manifest } of publicPackages()) {
  const link = join(reader, "node_modules", manifest.name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(folder, link);
}

const firstSnippet = (readme: string): string | undefined => /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];

describe("the first snippet of each README runs", () => {
  const folders = [root, ...publicPackages().map(({ folder }) => folder)];
  test.each(folders.map((folder) => [relative(root, join(folder, "README.md")), folder]))(
    "%s",
    (path, folder) => {
      expect(existsSync(join(folder, "README.md")), `${path} is missing`).toBe(true);
      const snippet = firstSnippet(readFileSync(join(folder, "README.md"), "utf8"));
      expect(snippet, `${path} has no \`\`\`ts block`).toBeDefined();
      writeFileSync(join(reader, "snippet.ts"), snippet ?? "");
      run(process.execPath, ["--conditions=@storage/source", "snippet.ts"], reader);
    },
  );
});
