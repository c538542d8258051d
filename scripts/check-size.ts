// What each entry of a package adds to a page: its own code, minified and gzipped, without its dependencies.
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publicPackages } from "./public-packages.ts";

interface Budget {
  /** What the entry is to weigh. */
  readonly goal: number;
  /** What it may weigh until it does, so that it cannot grow meanwhile. Default: the goal. */
  readonly ceiling?: number;
}

/** In KiB. */
const budgets: Readonly<Record<string, Budget>> = {
  "@storage/core": { goal: 14, ceiling: 15.3 },
  "@storage/core/url-signer": { goal: 2, ceiling: 2.4 },
  "@storage/memory": { goal: 4 },
  "@storage/local": { goal: 10, ceiling: 11.6 },
  "@storage/s3": { goal: 22 },
  "@storage/auto": { goal: 4 },
  "@storage/express": { goal: 2 },
  "@storage/fastify": { goal: 2 },
  "@storage/hono": { goal: 2 },
  "@storage/http": { goal: 10, ceiling: 13.5 },
  "@storage/browser": { goal: 4 },
  "@storage/testing": { goal: 36 },
  "@storage/testing/faults": { goal: 14 },
};

async function sizeInKiB(folder: string, file: string): Promise<number> {
  const result = await build({
    absWorkingDir: folder,
    entryPoints: [file],
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

function verdictOn(size: number, budget: Budget | undefined): string {
  if (budget === undefined) return "has no budget";
  const { goal, ceiling = goal } = budget;
  if (size > ceiling) return `EXCEEDS ${ceiling} KiB`;
  return size > goal ? `is over its goal of ${goal} KiB, and may not grow past ${ceiling}` : `of ${goal} KiB`;
}

for (const { folder, manifest } of publicPackages()) {
  for (const [path, { import: esm }] of Object.entries(manifest.exports)) {
    const entry = manifest.name + path.slice(1);
    const budget = budgets[entry];
    const size = await sizeInKiB(folder, esm.default);
    if (budget === undefined || size > (budget.ceiling ?? budget.goal)) process.exitCode = 1;
    console.log(`${entry}: ${size.toFixed(2)} KiB ${verdictOn(size, budget)}`);
  }
}
