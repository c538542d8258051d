import { ConfigurationError } from "@storage/core";
import type { Credentials } from "./signing.ts";

/** As the options give them: both of a pair, with its token where it has one, or none of them. */
export interface GivenCredentials {
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly sessionToken?: string | undefined;
}

/**
 * The pair of the options, else that of the environment: whole, each with its own token, and never one
 * half of each. Undefined where the SDK's own chain is asked (profiles, SSO, web identity, IMDS).
 *
 * @throws ConfigurationError for half a pair.
 */
export function pairOf(given: GivenCredentials): Credentials | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = given;
  const isGiven = [accessKeyId, secretAccessKey, sessionToken].some((part) => part !== undefined);
  if (isGiven) {
    if (accessKeyId && secretAccessKey) return pair(accessKeyId, secretAccessKey, sessionToken);
    throw new ConfigurationError(
      "accessKeyId and secretAccessKey go together, and sessionToken with them: give all of them, or none",
    );
  }
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return undefined;
  return pair(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN);
}

function pair(accessKeyId: string, secretAccessKey: string, sessionToken: string | undefined): Credentials {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
