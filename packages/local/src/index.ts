export type { FileSystem } from "./file-system.ts";
export { LocalBackend, type LocalBackendOptions } from "./local-backend.ts";
