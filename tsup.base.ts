import { defineConfig } from "tsup";

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
  clean: true,
  treeshake: true,
});
