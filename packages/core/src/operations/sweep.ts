import type { Context } from "../context.ts";
import type { SweepOptions } from "../operation-options.ts";
import { checkOptions } from "../option-checks.ts";

const day = 24 * 60 * 60 * 1000;

/** A service that leaves nothing behind has nothing to sweep. */
export function sweep(context: Context, options: SweepOptions): Promise<{ removed: number }> {
  return context.run({ operation: "sweep" }, async (operation) => {
    checkOptions("sweep", options);
    operation.begin(options.signal);
    const { olderThan = day } = options;
    return (await context.driver.sweep?.(operation.call({ olderThan }))) ?? { removed: 0 };
  });
}
