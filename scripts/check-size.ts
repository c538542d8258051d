// What each package adds to a page: its own code, minified and gzipped, without its dependencies.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publicPackages } from "./public-packages.ts";

const budgetsInKiB: Readonly<Record<string, number>> = {
  "@storage/core": 14,
  "@storage/memory": 4,
  "@storage/local": 10,
  "@storage/http": 10,
};

async function sizeInKiB(folder: string): Promise<number> {
  const result = await build({
    absWorkingDir: folder,
    entryPoints: ["dist/index.js"],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    packages: "external",
    write: false,
    logLevel: "error",
  });
  const gzipped = result.outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length);
  return gzipped.reduce((sum, bytes) => sum + bytes, 0) / 1024;
}

for (const { folder, manifest } of publicPackages()) {
  const budget = budgetsInKiB[manifest.name];
  const size = await sizeInKiB(folder);
  const fits = budget !== undefined && size <= budget;
  if (!fits) process.exitCode = 1;
  const verdict = budget === undefined ? "has no budget" : `of ${budget} KiB ${fits ? "" : "EXCEEDED"}`;
  console.log(`${manifest.name}: ${size.toFixed(2)} KiB ${verdict}`.trimEnd());
}
