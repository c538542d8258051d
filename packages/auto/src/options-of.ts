import { ConfigurationError } from "@storage/core";
import type { BackendName } from "./backend-name.ts";
import { cloudinaryOptions } from "./cloudinary-options.ts";
import type { EasyOptions } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { gcsOptions } from "./gcs-options.ts";
import { localOptions } from "./local-options.ts";
import { ownLinks } from "./own-links.ts";
import type { Picked } from "./picked.ts";
import { s3Options } from "./s3-options.ts";

type Completers = {
  readonly [Name in BackendName]: (options: EasyOptions[Name], picked: Picked) => EasyOptions[Name];
};

const completers: Completers = {
  local: localOptions,
  s3: s3Options,
  gcs: gcsOptions,
  cloudinary: cloudinaryOptions,
  memory: (options, picked) => ({ ...options, ...ownLinks(options, picked) }),
};

/** Seconds: the longest that a link may live. */
const longest = 604_800;

/**
 * The options of a backend, with what they leave out from its variables.
 *
 * @throws ConfigurationError that names the variable.
 */
export function optionsOf<Name extends BackendName>(
  picked: Picked<Name>,
  options: EasyOptions[Name],
): EasyOptions[Name] {
  const completed = completers[picked.backend](options, picked);
  return { ...completed, urlExpiresIn: options.urlExpiresIn ?? expirationOf(picked) };
}

function expirationOf({ env }: Picked): number | undefined {
  const value = readVariable(env, "STORAGE_URL_EXPIRATION")?.trim();
  if (value === undefined) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : 0;
  if (seconds >= 1 && seconds <= longest) return seconds;
  throw new ConfigurationError(`STORAGE_URL_EXPIRATION is a whole number of seconds from 1 to ${longest}`);
}
