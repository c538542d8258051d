import { ConfigurationError, utf8Length } from "@storage/core";
import type { EasyLocalOptions, EasyMemoryOptions } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { type Picked, urlOf } from "./picked.ts";

/** Bytes. */
const shortestSecret = 16;

/** What signs the links of a backend whose service has none. @throws ConfigurationError */
export function ownLinks(
  { baseUrl, secret }: EasyMemoryOptions,
  picked: Picked,
): Pick<EasyLocalOptions, "baseUrl" | "secret"> {
  return { baseUrl: urlOf(picked, baseUrl, "STORAGE_BASE_URL"), secret: secret ?? secretOf(picked) };
}

function secretOf({ env }: Picked): string | undefined {
  const secret = readVariable(env, "STORAGE_URL_SECRET");
  if (secret === undefined || utf8Length(secret) >= shortestSecret) return secret;
  throw new ConfigurationError(
    `STORAGE_URL_SECRET is too short to sign links: it has ${shortestSecret} bytes or more`,
  );
}
