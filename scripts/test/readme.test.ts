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
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { withBucket } from "../../packages/s3/test/buckets.ts";
import { publicPackages, root, run } from "../public-packages.ts";
import { available } from "../requirements.ts";

/** A folder as a reader has it: every package installed, and nothing else. */
const reader = mkdtempSync(join(tmpdir(), "storage-readme-"));
afterAll(() => rmSync(reader, { recursive: true, force: true }));
writeFileSync(join(reader, "package.json"), '{ "type": "module" }');
for (const { folder, manifest } of publicPackages()) {
  const link = join(reader, "node_modules", manifest.name);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(folder, link);
}

/** What a framework's package is for, as its tests have it. */
const beside: Readonly<Record<string, readonly string[]>> = {
  "packages/express": ["express", "@types/express"],
  "packages/fastify": ["fastify"],
  "packages/hono": ["hono", "@hono/node-server"],
};
for (const [folder, names] of Object.entries(beside)) {
  for (const name of names) {
    const link = join(reader, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, folder, "node_modules", name), link);
  }
}

const firstSnippet = (readme: string): string | undefined => /^```ts\n(.*?)^```$/ms.exec(readme)?.[1];

/** The variables that the first snippet reads stand in `environment`. */
function runFirstSnippet(folder: string, environment: Readonly<Record<string, string>> = {}): void {
  const path = relative(root, join(folder, "README.md"));
  expect(existsSync(join(folder, "README.md")), `${path} is missing`).toBe(true);
  const snippet = firstSnippet(readFileSync(join(folder, "README.md"), "utf8"));
  expect(snippet, `${path} has no \`\`\`ts block`).toBeDefined();
  writeFileSync(join(reader, "snippet.ts"), snippet ?? "");
  run(process.execPath, ["--conditions=@storage/source", "snippet.ts"], reader, environment);
}

const folders = [root, ...publicPackages().map(({ folder }) => folder)];
const ofS3 = join(root, "packages/s3");

describe("the first snippet of each README runs", () => {
  const alone = folders.filter((folder) => folder !== ofS3);
  test.each(alone.map((folder) => [relative(root, join(folder, "README.md")), folder]))(
    "%s",
    (_path, folder) => runFirstSnippet(folder),
  );

  test.skipIf(!available("minio"))("packages/s3/README.md, on minio", async () => {
    const { options, dispose } = await withBucket("minio");
    onTestFinished(dispose);
    runFirstSnippet(ofS3, {
      STORAGE_S3_BUCKET: options.bucket,
      STORAGE_S3_ENDPOINT: options.endpoint ?? "",
      AWS_ACCESS_KEY_ID: options.accessKeyId ?? "",
      AWS_SECRET_ACCESS_KEY: options.secretAccessKey ?? "",
    });
  });
});

test("the first snippet of each README compiles in a strict application", () => {
  const options = { isolatedDeclarations: false, declaration: false, rootDir: "/", types: ["node"] };
  const typeRoots = [join(root, "node_modules/@types")];
  const files = folders.map((folder, at) => {
    const snippet = firstSnippet(readFileSync(join(folder, "README.md"), "utf8"));
    writeFileSync(join(reader, `compiled-${at}.ts`), `${snippet}\nexport {};\n`);
    return `compiled-${at}.ts`;
  });
  const tsconfig = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { ...options, typeRoots },
    files,
  };
  writeFileSync(join(reader, "tsconfig.json"), JSON.stringify(tsconfig));
  expect(run("tsc", ["-p", reader])).toBe("");
});
