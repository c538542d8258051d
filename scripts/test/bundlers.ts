import { promisify } from "node:util";
import { build as esbuild } from "esbuild";
import { build as vite } from "vite";
import webpack from "webpack";

/** One file that needs no other, for Node: `folder/bundle.mjs`. */
export type Bundle = (entry: string, folder: string) => Promise<unknown>;

/** As each of them does it by default, and with nothing left outside but Node's own modules. */
export const bundlers: Readonly<Record<string, Bundle>> = {
  esbuild: (entry, folder) =>
    esbuild({
      entryPoints: [entry],
      outfile: `${folder}/bundle.mjs`,
      bundle: true,
      format: "esm",
      platform: "node",
      // Packages of CommonJS ask for Node's modules by `require`, which a module does not have.
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      logLevel: "error",
    }),
  vite: (entry, folder) =>
    vite({
      configFile: false,
      logLevel: "error",
      ssr: { noExternal: true },
      build: {
        ssr: entry,
        outDir: folder,
        rollupOptions: { output: { entryFileNames: "bundle.mjs", format: "es" } },
      },
    }),
  webpack: async (entry, folder) => {
    const compiler = webpack({
      entry,
      mode: "production",
      target: "node22.12",
      experiments: { outputModule: true },
      output: { path: folder, filename: "bundle.mjs", module: true },
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    await promisify(compiler.close.bind(compiler))();
    if (stats?.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  },
};
