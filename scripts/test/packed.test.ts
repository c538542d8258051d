// Each package from its tarball, in an empty project, as an application meets it.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packAll, publicPackages, root, run } from "../public-packages.ts";
import { bundlers } from "./bundlers.ts";
import { consumers, sdks } from "./consumers.ts";
import { npmInstall } from "./empty-project.ts";

const work = mkdtempSync(join(tmpdir(), "storage-consumers-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** The oldest Node that `engines` promises, brought by npm like the newest. */
function oldestNode(): string {
  const version = /^>=(\d+\.\d+)$/.exec(publicPackages()[0]?.manifest.engines.node ?? "")?.[1];
  const program = ["exec", "--yes", `--package=node@${version}.0`, "--", "node", "-p", "process.execPath"];
  return run("npm", program, work).trim();
}

let tarballs: ReadonlyMap<string, string>;
let nodes: Readonly<Record<string, string>>;
beforeAll(() => {
  tarballs = packAll(join(work, "tarballs"));
  nodes = { newest: process.execPath, oldest: oldestNode() };
}, 240_000);

test("one oldest Node is promised by all, and it is the one that is tried", () => {
  expect(new Set(publicPackages().map(({ manifest }) => manifest.engines.node))).toEqual(
    new Set([">=22.12"]),
  );
  expect(run(nodes.oldest ?? "", ["--version"]).trim()).toBe("v22.12.0");
});

const compilers = {
  nodenext: { module: "nodenext", files: ["consumer.mts", "consumer.cts"] },
  node16: { module: "node16", files: ["consumer.mts", "consumer.cts"] },
  bundler: { module: "esnext", moduleResolution: "bundler", files: ["consumer.mts"] },
};

function writeProject(project: string, name: string, specifiers: readonly string[]): void {
  const { names = [], body = "" } = consumers[name] ?? {};
  const list = `{ ${names.join(", ")} }`;
  const spaces = specifiers.map((specifier, index) => [`space${index}`, specifier] as const);
  const imports = [
    `import ${list} from "${name}";`,
    ...spaces.map(([space, specifier]) => `import * as ${space} from "${specifier}";`),
  ].join("\n");
  const requires = [
    `const ${list} = require("${name}");`,
    ...spaces.map(([space, specifier]) => `const ${space} = require("${specifier}");`),
  ].join("\n");
  const checks = spaces.map(
    ([space, specifier]) =>
      `if (Object.keys(${space}).length === 0) throw new Error("nothing in ${specifier}");`,
  );
  const all = `${checks.join("\n")}\n${body}\n`;
  const write = (file: string, text: string): void => writeFileSync(join(project, file), text);
  write("consumer.mts", `${imports}\n${all}`);
  write("consumer.cts", `${imports}\nexport const done = (async () => {\n${all}})();\n`);
  write("consumer.mjs", `${imports}\n${all}`);
  write("consumer.cjs", `${requires}\n(async () => {\n${all}})();\n`);
  write("consumer.test.js", `${requires}\ntest("works", async () => {\n${all}});\n`);
  for (const [compiler, { files, ...options }] of Object.entries(compilers)) {
    const types = { types: ["node"], typeRoots: [join(root, "node_modules/@types")] };
    const compilerOptions = { ...options, ...types, target: "es2023", strict: true, noEmit: true };
    write(`tsconfig.${compiler}.json`, JSON.stringify({ compilerOptions, files }));
  }
}

function install(project: string, name: string): void {
  const wanted = [name, ...(consumers[name]?.beside ?? [])];
  const others = [...tarballs].filter(([other]) => !wanted.includes(other));
  const overrides = Object.fromEntries(others.map(([other, tarball]) => [other, `file:${tarball}`]));
  const dependencies = Object.fromEntries(wanted.map((it) => [it, `file:${tarballs.get(it)}`]));
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, dependencies, overrides }));
  npmInstall(project);
}

/** The names of all that is installed, as npm tells them. */
function installed(project: string): readonly string[] {
  const paths = run("npm", ["ls", "--all", "--parseable", "--loglevel=error"], project).trim().split("\n");
  return paths.flatMap(
    (path) =>
      path
        .split(/[\\/]node_modules[\\/]/)
        .slice(1)
        .at(-1) ?? [],
  );
}

/** Packages whose files are loaded by these statements of a module. */
function loadedBy(project: string, statements: string): readonly string[] {
  const watch = `import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const name = url.split("/node_modules/").slice(1).at(-1);
        if (name) loaded.add(name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/"));
        return next(url, context);
      },
    });
    ${statements}
    console.log(JSON.stringify([...loaded]));`;
  return JSON.parse(run(process.execPath, ["--input-type=module", "-e", watch], project)) as string[];
}

const isAnySdk = (name: string): boolean => Object.values(sdks).some((form) => form.test(name));

/** Size on disk of what the install brought, and how many packages that is. */
function tellInstallSize(project: string, name: string): void {
  const modules = join(project, "node_modules");
  const files = readdirSync(modules, { recursive: true }).map((file) =>
    statSync(join(modules, String(file))),
  );
  const bytes = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
  const lock = JSON.parse(readFileSync(join(modules, ".package-lock.json"), "utf8")) as { packages: object };
  const count = Object.keys(lock.packages).length;
  console.log(`installing ${name}: ${(bytes / 2 ** 20).toFixed(2)} MiB in ${count} packages`);
}

describe.each(publicPackages().map(({ manifest }) => [manifest.name, manifest] as const))(
  "%s",
  (name, manifest) => {
    const project = join(work, name);
    beforeAll(() => {
      install(project, name);
      writeProject(
        project,
        name,
        Object.keys(manifest.exports).map((path) => name + path.slice(1)),
      );
      tellInstallSize(project, name);
    }, 400_000);

    test.each(Object.keys(compilers))("its types resolve with %s", (compiler) => {
      expect(run("tsc", ["-p", `tsconfig.${compiler}.json`], project)).toBe("");
    });

    describe.each(["newest", "oldest"])("on the %s Node", (age) => {
      test.each(["consumer.mjs", "consumer.cjs"])("%s runs", (file) => {
        run(nodes[age] ?? "", [file], project);
      });
    });

    test("it brings no SDK of a provider that is not its own", () => {
      const all = installed(project);
      expect(all).toContain(name);
      const foreign = Object.entries(sdks).filter(([owner]) => !all.includes(owner));
      expect(all.filter((other) => foreign.some(([, form]) => form.test(other)))).toEqual([]);
    });

    test("importing it loads no SDK", () => {
      const imports = Object.keys(manifest.exports).map((path) => `await import("${name}${path.slice(1)}");`);
      const loaded = loadedBy(project, imports.join("\n"));
      expect(loaded).toContain(name);
      expect(loaded.filter(isAnySdk)).toEqual([]);
    });

    describe.skipIf(!(name in consumers))("bundled", () => {
      const entries = ["consumer.mjs", "consumer.cjs"];
      const ways = Object.keys(bundlers).flatMap((bundler) =>
        entries.map((entry) => [bundler, entry] as const),
      );
      test.each(ways)("by %s, %s runs where nothing is installed", async (bundler, entry) => {
        const folder = join(work, "bundles", name, bundler, entry);
        await bundlers[bundler]?.(join(project, entry), folder);
        run(process.execPath, ["bundle.mjs"], folder);
      });
    });

    test("it works in a stock Jest test", () => {
      run(process.execPath, [join(root, "node_modules/jest/bin/jest.js"), "--rootDir", project], project);
    });
  },
);

describe("@storage/s3", () => {
  const project = join(work, "@storage/s3");
  const made = `const { S3Backend } = await import("@storage/s3");
    const backend = new S3Backend({ bucket: "bucket", accessKeyId: "test", secretAccessKey: "test" });
    await backend.getUrl("key", { mustExist: false });
    await backend.getUploadUrl("key");`;

  test("construction and links load no SDK either", () => {
    expect(loadedBy(project, made)).toEqual(["@storage/s3", "@storage/core"]);
  });

  test("the first request does", () => {
    expect(loadedBy(project, `${made}\nawait backend.client();`)).toContain("@aws-sdk/client-s3");
  });
});
