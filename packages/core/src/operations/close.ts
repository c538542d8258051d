import type { Context } from "../context.ts";
import type { CloseOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";

/** Once; whoever calls it again waits for the same end. */
export async function close(context: Context, options: CloseOptions): Promise<void> {
  checkOptions("close", options);
  const { timeout = 10_000 } = options;
  await context.close(timeout);
}
