import * as nodeFs from "node:fs";
import { readdirSync } from "node:fs";
import type { FileSystem } from "@storage/local";

/** The machine's file system, as a disk that takes `A` and `a` for one name, and keeps the first spelling. */
export function foldingFileSystem(basePath: string): FileSystem {
  /** The path as it is spelled on the disk, as far as it is there. */
  const onDisk = (path: string): string => {
    if (!path.startsWith(`${basePath}/`)) return path;
    return path
      .slice(basePath.length + 1)
      .split("/")
      .reduce((folder, name) => `${folder}/${spelled(folder, name)}`, basePath);
  };
  return new Proxy(nodeFs, {
    get(target, call) {
      const real: unknown = Reflect.get(target, call);
      if (typeof real !== "function" || call === "symlink") return real;
      return (...parameters: unknown[]) =>
        Reflect.apply(
          real,
          target,
          parameters.map((one) => (typeof one === "string" ? onDisk(one) : one)),
        );
    },
  });
}

function spelled(folder: string, name: string): string {
  try {
    const fold = name.toLowerCase();
    return readdirSync(folder).find((one) => one.toLowerCase() === fold) ?? name;
  } catch {
    return name;
  }
}
