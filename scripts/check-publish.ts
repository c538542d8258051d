// What a release would send to the registry: the files and the access of each package.
import { publicPackages, run } from "./public-packages.ts";

interface DryRun {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

const expected = /^(dist|src)\/|^(README|CHANGELOG)\.md$|^LICENSE$|^package\.json$/;
const owed = ["package.json", "LICENSE", "README.md", "dist/index.js", "dist/index.cjs"];

for (const { folder, manifest } of publicPackages()) {
  const report = run("pnpm", ["publish", "--dry-run", "--no-git-checks", "--json"], folder);
  const { name, version, size, files } = JSON.parse(report) as DryRun;
  const paths = files.map(({ path }) => path);
  const problems = [
    ...paths.filter((path) => !expected.test(path)).map((path) => `${path} should not be published`),
    ...owed.filter((path) => !paths.includes(path)).map((path) => `${path} is missing`),
    ...(manifest.publishConfig?.access === "public" ? [] : ["publishConfig.access is not public"]),
    ...(manifest.publishConfig?.provenance ? [] : ["publishConfig.provenance is not set"]),
  ];
  if (problems.length > 0) process.exitCode = 1;
  const verdict = problems.length === 0 ? "public access, with provenance" : problems.join("; ");
  console.log(`${name}@${version}: ${paths.length} files, ${Math.ceil(size / 1024)} KiB packed, ${verdict}`);
}
