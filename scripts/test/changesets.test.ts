import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { publicPackages, root, run } from "../public-packages.ts";

type Versions = Readonly<Record<string, string>>;

/** The versions after a release of that one changeset, in a copy of the workspace where every package is at 1.2.0. */
function release(name: string, bump: "patch" | "minor" | "major"): Versions {
  const copy = mkdtempSync(join(tmpdir(), "storage-changesets-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  for (const file of ["package.json", "pnpm-workspace.yaml"]) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(copy, ".changeset"));
  cpSync(join(root, ".changeset/config.json"), join(copy, ".changeset/config.json"));
  const manifests = publicPackages().map(({ folder, manifest }) => {
    const path = join(copy, "packages", basename(folder), "package.json");
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, JSON.stringify({ ...manifest, version: "1.2.0" }));
    return path;
  });
  writeFileSync(join(copy, ".changeset/one.md"), `---\n"${name}": ${bump}\n---\n\nA change.\n`);
  run("git", ["init", "--quiet"], copy);
  run("changeset", ["version"], copy);
  const after = manifests.map(
    (path) => JSON.parse(readFileSync(path, "utf8")) as { name: string; version: string },
  );
  return Object.fromEntries(after.map((manifest) => [manifest.name, manifest.version]));
}

/** Every package at 1.2.0 but those named. */
const expected = (changed: Versions): Versions => ({
  ...Object.fromEntries(publicPackages().map(({ manifest }) => [manifest.name, "1.2.0"])),
  ...changed,
});

test("a patch of one provider releases that provider alone", () => {
  expect(release("@storage/memory", "patch")).toEqual(expected({ "@storage/memory": "1.2.1" }));
});

test("a minor of a provider stays inside the range of its optional peer: that provider alone", () => {
  expect(release("@storage/memory", "minor")).toEqual(expected({ "@storage/memory": "1.3.0" }));
});

test.each(["patch", "minor"] as const)(
  "a %s of core stays inside its dependents' ranges: core alone",
  (bump) => {
    const version = bump === "patch" ? "1.2.1" : "1.3.0";
    expect(release("@storage/core", bump)).toEqual(expected({ "@storage/core": version }));
  },
);

test("a major of core leaves its dependents' ranges: they follow with a patch", () => {
  const dependents = publicPackages().filter(({ manifest }) => manifest.dependencies?.["@storage/core"]);
  const patched = Object.fromEntries(dependents.map(({ manifest }) => [manifest.name, "1.2.1"]));
  expect(release("@storage/core", "major")).toEqual(expected({ ...patched, "@storage/core": "2.0.0" }));
});
