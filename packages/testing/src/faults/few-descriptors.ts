import { ObstacleError } from "./obstacle-error.ts";
import { runCommand, type ScriptEnd, type ScriptOptions, scriptCommand } from "./run-script.ts";

export interface FewDescriptorsOptions extends ScriptOptions {
  /** Files and sockets that may be open at once. Default: 64; Node itself needs about 30. */
  readonly descriptors?: number | undefined;
}

/** Why a script cannot be given so few descriptors here; undefined where it can. */
export async function fewDescriptorsObstacle(descriptors: number = 64): Promise<string | undefined> {
  try {
    const { code, complaints } = await runCommand(limited(descriptors, ["true"]), {});
    return code === 0 ? undefined : `ulimit -n ${descriptors} failed: ${complaints.trim()}`;
  } catch {
    return "there is no sh, whose ulimit sets the limit";
  }
}

/** Runs a script that meets EMFILE soon. ObstacleError where the limit cannot be set. */
export async function withFewDescriptors(
  script: string | URL,
  options: FewDescriptorsOptions = {},
): Promise<ScriptEnd> {
  const { descriptors = 64 } = options;
  const obstacle = await fewDescriptorsObstacle(descriptors);
  if (obstacle !== undefined) throw new ObstacleError(obstacle);
  return await runCommand(limited(descriptors, scriptCommand(script, options)), options);
}

function limited(descriptors: number, command: readonly string[]): string[] {
  return ["sh", "-c", 'ulimit -n "$1" && shift && exec "$@"', "sh", String(descriptors), ...command];
}
