import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { application, easily } from "./application.ts";

const failing = `${easily} tell(await failure(easyStorage(quiet)));`;

const gcs = { STORAGE_BACKEND: "gcs", STORAGE_GCS_BUCKET: "media" };

/** A package as the real one will be, which tells what it was made with. */
const standInFor = (name: string): string => `export class ${name} {
  name = ${JSON.stringify(name)};
  constructor(options) { this.options = options; }
}`;

const told = `${easily}
  const lines = [];
  const { name, options } = await easyStorage({ log: (line) => lines.push(line) });
  tell({ name, options, lines });`;

describe("a provider's package that is not installed", () => {
  test.each([
    ["local", { STORAGE_BACKEND: "local" }, "STORAGE_BACKEND is local"],
    ["s3", { STORAGE_S3_BUCKET: "media" }, "STORAGE_S3_BUCKET is set"],
    ["gcs", gcs, "STORAGE_BACKEND is gcs"],
    ["cloudinary", { CLOUDINARY_URL: "cloudinary://key:hush@demo" }, "CLOUDINARY_URL is set"],
    ["memory", {}, "no variable chooses a backend"],
  ])("%s: the error holds the command", async (name, env, reason) => {
    const { run, folder } = await application();
    const error = await run(failing, env);
    expect(error).toEqual({
      name: "MissingDependencyError",
      code: "MissingDependency",
      message: `${reason}, and @storage/${name} is not installed: npm install @storage/${name}`,
    });
    expect(JSON.stringify(error)).not.toContain(folder);
  });

  test.each([
    ["npm/11.4.2 node/v24.21.0 linux x64 workspaces/false", "npm install"],
    ["pnpm/12.21.0 npm/? node/v24.21.0 linux x64", "pnpm add"],
    ["yarn/4.9.1 npm/? node/v24.21.0 linux x64", "yarn add"],
    ["bun/1.3.0 npm/? node/v24.3.0 linux x64", "bun add"],
  ])("the command is that of the package manager that runs the process: %s", async (agent, command) => {
    const { run, folder } = await application();
    await writeFile(join(folder, "yarn.lock"), "");
    expect(await run(failing, { ...gcs, npm_config_user_agent: agent })).toMatchObject({
      message: expect.stringContaining(`: ${command} @storage/gcs`),
    });
  });

  test.each([
    ["pnpm-lock.yaml", "pnpm add"],
    ["yarn.lock", "yarn add"],
    ["bun.lock", "bun add"],
    ["bun.lockb", "bun add"],
    ["package-lock.json", "npm install"],
  ])("without one, it is told by the nearest lockfile: %s", async (lockfile, command) => {
    const { run, folder } = await application();
    await writeFile(join(folder, lockfile), "");
    const below =
      'const { mkdirSync } = await import("node:fs"); mkdirSync("a/b", { recursive: true }); process.chdir("a/b");';
    expect(await run(`${below}${failing}`, gcs)).toMatchObject({
      message: expect.stringContaining(`: ${command} @storage/gcs`),
    });
  });
});

describe("a provider's package that is installed, and does not work", () => {
  test("one that misses a package of its own fails with that", async () => {
    const { run } = await application([], { "@storage/gcs": 'import "@google-cloud/storage";' });
    expect(await run(failing, gcs)).toMatchObject({
      code: "ERR_MODULE_NOT_FOUND",
      message: expect.stringContaining("Cannot find package '@google-cloud/storage'"),
    });
  });

  test("one that throws while it is loaded fails with what it throws", async () => {
    const { run } = await application([], { "@storage/gcs": 'throw new TypeError("broken");' });
    expect(await run(failing, gcs)).toEqual({ name: "TypeError", message: "broken" });
  });

  test("one whose files are not all there is not called missing", async () => {
    const { run, folder } = await application([], { "@storage/gcs": "" });
    const manifest = join(folder, "node_modules/@storage/gcs/package.json");
    await writeFile(manifest, '{ "type": "module", "exports": "./dist/index.js" }');
    expect(await run(failing, gcs)).toMatchObject({ name: "Error", code: "ERR_MODULE_NOT_FOUND" });
  });

  test("one of another version, without the class, is told so", async () => {
    const { run } = await application([], { "@storage/gcs": "export const other = 1;" });
    expect(await run(failing, gcs)).toMatchObject({
      code: "Configuration",
      message: "@storage/gcs has no GCSBackend: install the version that fits this one",
    });
  });
});

describe("a stand-in in place of a package that an app was bundled without", () => {
  test.each([
    ["Vite", 'throw new Error(`Could not resolve "@storage/gcs" imported by "@storage/auto".`);'],
    [
      "webpack",
      `const error = new Error("Cannot find module '@storage/gcs'"); error.code = "MODULE_NOT_FOUND"; throw error;`,
    ],
    [
      "Jest",
      `const error = new Error("Cannot find module '@storage/gcs' from 'src/app.js'"); error.code = "MODULE_NOT_FOUND"; throw error;`,
    ],
  ])("%s's is known as an absent package", async (_, statements) => {
    const { run } = await application([], { "@storage/gcs": statements });
    expect(await run(failing, gcs)).toMatchObject({ code: "MissingDependency" });
  });
});

describe("gcs", () => {
  test.each([
    [
      "all of its variables",
      {
        ...gcs,
        STORAGE_GCS_PROJECT: "p",
        GOOGLE_APPLICATION_CREDENTIALS: "/key.json",
        STORAGE_URL_EXPIRATION: "60",
      },
      { bucket: "media", projectId: "p", keyFilename: "/key.json", urlExpiresIn: 60 },
    ],
    [
      "its bucket alone",
      { ...gcs, STORAGE_GCS_PROJECT: "", GOOGLE_APPLICATION_CREDENTIALS: " " },
      { bucket: "media" },
    ],
  ])("gets %s", async (_, env, options) => {
    const { run } = await application([], { "@storage/gcs": standInFor("GCSBackend") });
    const lines = ['storage: GCSBackend (bucket "media") since STORAGE_BACKEND is gcs'];
    expect(await run(told, env)).toEqual({ name: "GCSBackend", options, lines });
  });

  test("with credentials from the code reads no file of the environment", async () => {
    const { run } = await application([], { "@storage/gcs": standInFor("GCSBackend") });
    const given = `${easily} tell((await easyStorage("gcs", { credentials: {} }, quiet)).options);`;
    const env = { ...gcs, GOOGLE_APPLICATION_CREDENTIALS: "/key.json" };
    expect(await run(given, env)).toEqual({ credentials: {}, bucket: "media" });
  });
});

describe("cloudinary", () => {
  const account = { cloudName: "demo", apiKey: "123", apiSecret: "hush-hush_" };
  const triple = {
    STORAGE_CLOUDINARY_CLOUD_NAME: "demo",
    STORAGE_CLOUDINARY_API_KEY: "123",
    STORAGE_CLOUDINARY_API_SECRET: "hush-hush_",
  };
  const url = { CLOUDINARY_URL: "cloudinary://123:hush-hush_@demo" };

  test.each([
    ["its URL", url, "CLOUDINARY_URL is set"],
    ["its three variables", { ...triple, STORAGE_BACKEND: "cloudinary" }, "STORAGE_BACKEND is cloudinary"],
    [
      "its URL before half of the three",
      { ...url, STORAGE_CLOUDINARY_API_KEY: "9" },
      "CLOUDINARY_URL is set",
    ],
  ])("gets %s", async (_, env, reason) => {
    const { run } = await application([], { "@storage/cloudinary": standInFor("CloudinaryBackend") });
    const lines = [`storage: CloudinaryBackend (cloud "demo") since ${reason}`];
    expect(await run(told, env)).toEqual({ name: "CloudinaryBackend", options: account, lines });
  });
});
