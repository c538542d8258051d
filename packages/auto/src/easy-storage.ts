import { ConfigurationError, type StorageBackend } from "@storage/core";
import { announcement } from "./announcement.ts";
import { type BackendName, backendNamed } from "./backend-name.ts";
import { detectBackend } from "./detect-backend.ts";
import type { EasyOptions } from "./easy-options.ts";
import type { Environment } from "./environment.ts";
import { loadProvider } from "./load-provider.ts";
import { warnOfMemory } from "./memory-warning.ts";
import { optionsOf } from "./options-of.ts";
import type { Picked } from "./picked.ts";

export interface EasyStorageSettings {
  /** Default: `process.env`, read when this is called. */
  readonly env?: Environment | undefined;
  /** Gets one line: which backend, and why. Default: `console.info`. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * The backend that the environment asks for; nothing is sent to it yet.
 *
 * @throws ConfigurationError for a variable that is missing or makes no sense; MissingDependencyError
 * where the package of the backend is not installed.
 */
export async function easyStorage(settings?: EasyStorageSettings): Promise<StorageBackend>;
/**
 * The backend of that name. What the options leave out is read from its variables; a pair of credentials
 * as a whole, or not at all.
 *
 * @throws ConfigurationError for an option or a variable that is missing, unknown or makes no sense;
 * MissingDependencyError where the package of the backend is not installed.
 */
export async function easyStorage<Name extends BackendName>(
  name: Name,
  options?: EasyOptions[Name],
  settings?: EasyStorageSettings,
): Promise<StorageBackend>;
export async function easyStorage(
  first: BackendName | EasyStorageSettings = {},
  options: EasyOptions[BackendName] = {},
  last: EasyStorageSettings = {},
): Promise<StorageBackend> {
  const settings = checkedSettings(typeof first === "string" ? last : first);
  const { env = process.env, log = console.info } = settings;
  const picked: Picked = typeof first === "string" ? byCode(first, env) : { ...detectBackend(env), env };
  const completed = optionsOf(picked, options);
  const Provider = await loadProvider(picked);
  const backend = new Provider(completed);
  if (picked.variable === undefined && typeof first !== "string") warnOfMemory(env);
  log(announcement(picked, backend, completed));
  return backend;
}

function byCode(name: string, env: Environment): Picked {
  const backend = backendNamed(name, "easyStorage");
  return { backend, reason: `easyStorage("${backend}") asks for it`, env };
}

const settingNames: readonly string[] = ["env", "log"];

/** Options in the place of settings would be passed over without a word. */
function checkedSettings(settings: EasyStorageSettings): EasyStorageSettings {
  const unknown = Object.keys(Object(settings)).find((name) => !settingNames.includes(name));
  if (unknown === undefined) return settings;
  throw new ConfigurationError(
    `unknown setting ${JSON.stringify(unknown)}: known are ${settingNames.join(", ")}; options go with a name, easyStorage("s3", { ... })`,
  );
}
