export { S3Backend, type S3BackendOptions } from "./s3-backend.ts";
export type { S3Features } from "./s3-features.ts";
export type { S3PutOptions } from "./s3-options.ts";
export type { S3ServiceName } from "./services.ts";
