export type { BackendName } from "./backend-name.ts";
export { type DetectedBackend, detectBackend } from "./detect-backend.ts";
export type {
  EasyCloudinaryOptions,
  EasyGCSOptions,
  EasyLocalOptions,
  EasyMemoryOptions,
  EasyOptions,
  EasyS3Features,
  EasyS3Options,
} from "./easy-options.ts";
export { type EasyStorageSettings, easyStorage } from "./easy-storage.ts";
export type { Environment } from "./environment.ts";
