import type * as NodeFs from "node:fs";

/** An `import` of it takes 3 ms, since that loads Node's streams and promises of files too. */
export const nodeFs: typeof NodeFs = process.getBuiltinModule("node:fs");
