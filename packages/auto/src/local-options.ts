import { resolve, sep } from "node:path";
import type { EasyLocalOptions } from "./easy-options.ts";
import { readVariable } from "./environment.ts";
import { ownLinks } from "./own-links.ts";
import type { Picked } from "./picked.ts";
import { warn } from "./warn.ts";

const mountVariable = "RAILWAY_VOLUME_MOUNT_PATH";

/** In Railway's volume where there is one, which then has to be mounted: what lies beside it is lost. */
export function localOptions(options: EasyLocalOptions, picked: Picked): EasyLocalOptions {
  const { env, variable } = picked;
  const mount = readVariable(env, mountVariable);
  const chosen = options.basePath ?? readVariable(env, "STORAGE_BASE_PATH");
  const basePath = chosen ?? (variable === mountVariable ? mount : undefined) ?? "/data/uploads";
  const isInMount = mount !== undefined && isIn(basePath, mount);
  if (mount !== undefined && !isInMount) {
    const lost = `outside of ${mountVariable}, so that a new deployment loses all files`;
    const subject = chosen === undefined ? "the default of STORAGE_BASE_PATH" : "the base path";
    warn(`${subject} lies ${lost}: set STORAGE_BASE_PATH to a folder in it`, "STORAGE_OUTSIDE_MOUNT");
  }
  const mountPoint = options.mountPoint ?? (isInMount ? mount : undefined);
  return { ...options, ...ownLinks(options, picked), basePath, mountPoint };
}

/** By segments: /data2 does not lie in /data. */
function isIn(path: string, folder: string): boolean {
  const whole = resolve(folder);
  return `${resolve(path)}${sep}`.startsWith(whole.endsWith(sep) ? whole : whole + sep);
}
