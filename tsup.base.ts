import { defineConfig, type Options } from "tsup";

/**
 * What is loaded on first use is required in CJS: a stock Jest knows no `import()`. Of a package of CommonJS
 * there is no `default` then. What is awaited is required in its place: an async function rejects with what
 * that throws, and a bundler sees the `try` around it, by which it knows a package that may be absent.
 */
const requireOnFirstUse: NonNullable<Options["plugins"]>[number] = {
  name: "require-on-first-use",
  renderChunk(code) {
    if (this.format !== "cjs") return;
    const awaited = code.replaceAll(/\bawait import\(("[^"]+")\)/g, "await require($1)");
    return {
      code: awaited.replaceAll(/\bimport\(("[^"]+")\)/g, "Promise.resolve().then(() => require($1))"),
    };
  },
};

/** ESM and CJS, each with its own types; sources and maps travel along, so nothing is minified. */
export const packageBuild = defineConfig({
  entry: ["src/index.ts"],
  format: ["esm", "cjs"],
  target: "node22.12",
  platform: "neutral",
  dts: true,
  sourcemap: true,
  // The sources are in the package: a second and third copy inside the maps would only weigh.
  esbuildOptions: (options) => {
    options.sourcesContent = false;
  },
  plugins: [requireOnFirstUse],
  clean: true,
  treeshake: true,
});
