import type { Context } from "../context.ts";
import type { SweepOptions } from "../operation-options.ts";

const day = 24 * 60 * 60 * 1000;

/** A service that leaves nothing behind has nothing to sweep. */
export function sweep(context: Context, options: SweepOptions): Promise<{ removed: number }> {
  return context.run({ operation: "sweep" }, options, (operation) => async () => {
    if (!context.driver.sweep) return { removed: 0 };
    return await operation.run("sweep", [], { olderThan: options.olderThan ?? day });
  });
}
