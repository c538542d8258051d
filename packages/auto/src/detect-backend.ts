import { type BackendName, backendNamed } from "./backend-name.ts";
import { type Environment, readVariable } from "./environment.ts";

export interface DetectedBackend {
  readonly backend: BackendName;
  /** "STORAGE_S3_BUCKET is set": for people, and without a secret. */
  readonly reason: string;
  /** The variable that decided; undefined where none is set that does, and memory is what is left. */
  readonly variable?: string | undefined;
}

/** Without `STORAGE_BACKEND` the first that is set decides. */
const triggers: readonly (readonly [variable: string, backend: BackendName])[] = [
  ["RAILWAY_VOLUME_MOUNT_PATH", "local"],
  ["AWS_ACCESS_KEY_ID", "s3"],
  ["STORAGE_S3_BUCKET", "s3"],
  ["GOOGLE_APPLICATION_CREDENTIALS", "gcs"],
  ["CLOUDINARY_URL", "cloudinary"],
];

/**
 * Which backend the variables ask for, and why. Reads nothing but what it is given, and does not look
 * whether that backend has all that it needs.
 *
 * @throws ConfigurationError where `STORAGE_BACKEND` names no backend.
 */
export function detectBackend(env: Environment): DetectedBackend {
  const chosen = readVariable(env, "STORAGE_BACKEND")?.trim();
  if (chosen !== undefined) {
    const backend = backendNamed(chosen.toLowerCase(), "STORAGE_BACKEND");
    return { backend, reason: `STORAGE_BACKEND is ${backend}`, variable: "STORAGE_BACKEND" };
  }
  for (const [variable, backend] of triggers)
    if (readVariable(env, variable) !== undefined) return { backend, reason: `${variable} is set`, variable };
  return { backend: "memory", reason: "no variable chooses a backend" };
}
