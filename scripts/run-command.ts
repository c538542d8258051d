import { spawn } from "node:child_process";
import { constants } from "node:os";

export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs a program on our terminal and gives its exit code. Signals are passed on to it, and this process
 * lives until it has ended, so that what the caller has to tidy up is tidied up.
 */
export async function runCommand(
  command: string,
  parameters: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  // "node" is the Node that runs us, also where the PATH has another one.
  const child = spawn(command === "node" ? process.execPath : command, parameters, { stdio: "inherit", env });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of endingSignals) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of endingSignals) process.off(signal, pass);
  }
}
