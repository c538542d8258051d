import { ConfigurationError } from "@storage/core";
import { type BackendName, backendNames } from "./backend-name.ts";
import type { DetectedBackend } from "./detect-backend.ts";
import { type Environment, readVariable } from "./environment.ts";

/** A backend that was picked, by the variables or by the code, and where its settings are read. */
export interface Picked<Name extends BackendName = BackendName> extends DetectedBackend {
  readonly backend: Name;
  readonly env: Environment;
}

/** What a backend cannot do without; the option, else the variable. @throws ConfigurationError for none. */
export function required(picked: Picked, option: string | undefined, variable: string): string {
  const value = option ?? readVariable(picked.env, variable);
  if (value === undefined) throw lacking(picked, variable);
  return value;
}

/** Says what to set, and how to come to another backend. */
export function lacking({ backend, reason, variable }: Picked, needed: string): ConfigurationError {
  const others = backendNames.filter((name) => name !== backend).join(", ");
  const otherwise =
    variable === undefined
      ? `set it or give it as an option, or name another backend (${others})`
      : `set it, or choose another backend with STORAGE_BACKEND (${others})`;
  return new ConfigurationError(`${reason}, and the ${backend} backend needs ${needed}: ${otherwise}`);
}

/** Printable ASCII, as it stands in a request. */
const serviceForm = /^(?=[!-~]+$)https?:\/\/[^/?#@]+(?:\/[^?#]*)?$/i;

/** The option, else a variable that has to be an http(s) URL. @throws ConfigurationError */
export function urlOf({ env }: Picked, option: string | undefined, variable: string): string | undefined {
  const value = option ?? readVariable(env, variable);
  if (option !== undefined || value === undefined) return value;
  if (serviceForm.test(value) && URL.canParse(value)) return value;
  throw new ConfigurationError(
    `${variable} is https:// or http:// and a host, with or without a path: no query, no credentials`,
  );
}

/** Of one credential, all parts from one place; undefined where none of them is set. @throws ConfigurationError for some. */
export function wholeOf(
  { env }: Picked,
  variables: readonly [string, string, ...string[]],
): readonly string[] | undefined {
  const values = variables.map((variable) => readVariable(env, variable));
  const found = values.filter((value) => value !== undefined);
  if (found.length === variables.length) return found;
  if (found.length === 0) return undefined;
  const isSet = variables.filter((_, index) => values[index] !== undefined);
  const absent = variables.filter((variable) => !isSet.includes(variable));
  throw new ConfigurationError(
    `${isSet.join(" and ")} ${isSet.length > 1 ? "are" : "is"} set without ${absent.join(" and ")}: set all of them, or none`,
  );
}
