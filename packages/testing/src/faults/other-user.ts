import { ObstacleError } from "./obstacle-error.ts";
import { runCommand, type ScriptEnd, type ScriptOptions, scriptCommand } from "./run-script.ts";

const nobody = 65534;

export interface OtherUserOptions extends ScriptOptions {
  /** Default: 65534, which owns nothing. */
  readonly uid?: number | undefined;
  /** Default: as uid. It has no other groups. */
  readonly gid?: number | undefined;
}

/** Why this process cannot run a script as another user; undefined where it can. */
export async function otherUserObstacle(uid: number = nobody): Promise<string | undefined> {
  try {
    const { code } = await runCommand([process.execPath, "--eval", "0"], {}, { uid, gid: uid });
    return code === 0 ? undefined : `user ${uid} cannot run ${process.execPath}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EACCES"
      ? `user ${uid} may not run ${process.execPath}: every folder above it has to let that user in`
      : `this process may not become user ${uid} (${code}): run it as root`;
  }
}

/**
 * Runs a script as a user to whom nothing belongs, for whom mode bits count; root meets no PermissionDenied. That
 * user needs to read the script and all that it imports. ObstacleError where this process cannot change its user.
 */
export async function asOtherUser(script: string | URL, options: OtherUserOptions = {}): Promise<ScriptEnd> {
  const { uid = nobody, gid = uid } = options;
  const obstacle = await otherUserObstacle(uid);
  if (obstacle !== undefined) throw new ObstacleError(obstacle);
  return await runCommand(scriptCommand(script, options), options, { uid, gid });
}
