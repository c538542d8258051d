import type { Promises } from "../promises/promises.ts";
import { table } from "./table.ts";

const head = ["who", "version", "atomic", "contained", "copies in memory"];

/** The packages of a contender, where it has another name than its package; one version speaks for them. */
const packages: Readonly<Record<string, string>> = { flystorage: "@flystorage/local-fs" };

export function promiseTable(
  { local, memory }: Promises,
  versions: Readonly<Record<string, string>>,
): string {
  const names = new Set([...Object.keys(local), ...Object.keys(memory)]);
  const lines = Array.from(names, (name) => {
    const files = local[name];
    const version = versions[packages[name] ?? name] ?? "";
    return [name, version, files?.atomic ?? "", files?.contained ?? "", memory[name] ?? ""];
  });
  return table("Promises", head, lines);
}
