/** Loaded by the first signature: it takes longer than all that is loaded with this package. */
export const nodeCrypto = (): typeof import("node:crypto") => process.getBuiltinModule("node:crypto");

export const nodeZlib = (): typeof import("node:zlib") => process.getBuiltinModule("node:zlib");
