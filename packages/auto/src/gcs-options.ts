import { ConfigurationError, checkOptionNames } from "@storage/core";
import type { EasyGCSOptions } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { type Picked, required } from "./picked.ts";

const optionNames: readonly string[] = ["bucket", "projectId", "keyFilename", "credentials", "apiEndpoint"];

/** @throws ConfigurationError */
export function gcsOptions(options: EasyGCSOptions, picked: Picked): EasyGCSOptions {
  checkOptionNames(options, optionNames);
  const { credentials, keyFilename } = options;
  return {
    ...options,
    bucket: required(picked, options.bucket, "STORAGE_GCS_BUCKET"),
    projectId: options.projectId ?? readVariable(picked.env, "STORAGE_GCS_PROJECT"),
    keyFilename: keyFilename ?? (credentials ? undefined : keyFileOf(picked)),
  };
}

/** What is no path is not handed on: an error over a file that is not there would show it. */
function keyFileOf({ env }: Picked): string | undefined {
  const path = readVariable(env, "GOOGLE_APPLICATION_CREDENTIALS");
  if (!path?.trim().startsWith("{")) return path;
  throw new ConfigurationError(
    "GOOGLE_APPLICATION_CREDENTIALS is the path of a JSON key, and no key itself: write it to a file",
  );
}
