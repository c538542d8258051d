import { ConfigurationError } from "@storage/core";
import type { EasyS3Options } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { type Picked, required, urlOf, wholeOf } from "./picked.ts";

/** A client brings its own region, endpoint and credentials; of a pair, what the code gives is all there is. */
export function s3Options(options: EasyS3Options, picked: Picked): EasyS3Options {
  const { client, accessKeyId, secretAccessKey, sessionToken, region, endpoint } = options;
  const bucket = required(picked, options.bucket, "STORAGE_S3_BUCKET");
  if (client !== undefined) return { ...options, bucket };
  const isGiven = [accessKeyId, secretAccessKey, sessionToken].some((part) => part !== undefined);
  return {
    ...options,
    bucket,
    region: region ?? regionOf(picked),
    endpoint: urlOf(picked, endpoint, "STORAGE_S3_ENDPOINT"),
    ...(isGiven ? {} : pairOf(picked)),
  };
}

function regionOf({ env }: Picked): string | undefined {
  const region = readVariable(env, "STORAGE_S3_REGION");
  if (region === undefined || /^[\w.-]+$/.test(region)) return region;
  throw new ConfigurationError("STORAGE_S3_REGION is the name of a region, such as eu-west-1");
}

/** From one place, whole; nothing where the SDK's own chain is to be asked. @throws ConfigurationError for half a pair. */
function pairOf(picked: Picked): Pick<EasyS3Options, "accessKeyId" | "secretAccessKey" | "sessionToken"> {
  const own = wholeOf(picked, ["STORAGE_S3_ACCESS_KEY", "STORAGE_S3_SECRET_KEY"]);
  const [accessKeyId, secretAccessKey] =
    own ?? wholeOf(picked, ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) ?? [];
  if (accessKeyId === undefined) return {};
  const sessionToken = own ? undefined : readVariable(picked.env, "AWS_SESSION_TOKEN");
  return { accessKeyId, secretAccessKey, sessionToken };
}
