import { checkOptionNames } from "@storage/core";
import type { EasyGCSOptions } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { type Picked, required } from "./picked.ts";

const optionNames: readonly string[] = ["bucket", "projectId", "keyFilename", "credentials", "apiEndpoint"];

/** @throws ConfigurationError */
export function gcsOptions(options: EasyGCSOptions, picked: Picked): EasyGCSOptions {
  checkOptionNames(options, optionNames);
  const { env } = picked;
  const { credentials, keyFilename } = options;
  return {
    ...options,
    bucket: required(picked, options.bucket, "STORAGE_GCS_BUCKET"),
    projectId: options.projectId ?? readVariable(env, "STORAGE_GCS_PROJECT"),
    keyFilename:
      keyFilename ?? (credentials ? undefined : readVariable(env, "GOOGLE_APPLICATION_CREDENTIALS")),
  };
}
