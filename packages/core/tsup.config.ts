import { defineConfig } from "tsup";
import { packageBuild } from "../../tsup.base.ts";

export default defineConfig({
  ...packageBuild,
  entry: ["src/index.ts", "src/url-signer.ts"],
  // What the second entry takes from the first by the package's own name stays outside of it.
  external: ["@storage/core"],
});
