import { describe, expect, test } from "vitest";
import { application, easily } from "./application.ts";

const providers = ["local", "memory", "s3"];

/** Before anything else: which packages' files are loaded from now on. */
const watched = `
  import { registerHooks } from "node:module";
  const loaded = new Set();
  registerHooks({
    load(url, context, next) {
      if (url.startsWith("file:")) loaded.add(/(?:@|packages\\/|\\/)(auto|core|local|memory|s3|client-s3)\\/(?!node_modules)/.exec(url)?.[1] ?? url);
      return next(url, context);
    },
  });`;

describe("importing @storage/auto", () => {
  test("loads core and nothing else, also where every provider is installed", async () => {
    const { run } = await application(providers);
    expect(await run(`${watched} await import("./auto/index.ts"); tell([...loaded].sort());`)).toEqual([
      "auto",
      "core",
    ]);
  });

  test("works where no provider is installed", async () => {
    const { run } = await application();
    const names = 'tell(Object.keys(await import("./auto/index.ts")));';
    expect(await run(names)).toEqual(["detectBackend", "easyStorage"]);
  });

  test("reads no variable; the first call does", async () => {
    const { run } = await application(["memory"]);
    const reading = `
      const ours = /^(STORAGE|AWS|GOOGLE|CLOUDINARY|RAILWAY|NODE_ENV|npm_)/;
      const asked = [];
      process.env = new Proxy({ ...process.env }, {
        get(target, name) { if (ours.test(String(name))) asked.push(name); return target[name]; },
        ownKeys(target) { asked.push("all"); return Reflect.ownKeys(target); },
      });
      ${easily}
      const imported = [...asked];
      await easyStorage(quiet);
      tell({ imported, called: asked.includes("STORAGE_BACKEND") });`;
    expect(await run(reading)).toEqual({ imported: [], called: true });
  });
});

describe("easyStorage", () => {
  test.each([
    ["local", { STORAGE_BACKEND: "local" }],
    ["memory", { STORAGE_BACKEND: "memory" }],
    ["s3", { STORAGE_S3_BUCKET: "media" }],
  ])("loads %s and no other provider, and no SDK", async (name, env) => {
    const { run } = await application(providers);
    const loading = `${watched} ${easily} await easyStorage(quiet); tell([...loaded].sort());`;
    expect(await run(loading, env)).toEqual(["auto", "core", name].sort());
  });
});
