// Runs one call and tells each change that it made to the disk, in order, with the paths that it concerned.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { LocalBackend } from "@storage/local";

const [basePath = "", work = "", durability] = process.argv.slice(2);
const told: Change[] = [];
let moment = 0;
let underWay = true;

/** A call that succeeded: what it did, and between which moments. */
export interface Change {
  readonly line: string;
  readonly began: number;
  readonly ended: number;
}

type Call = (...parameters: unknown[]) => void;

/** A descriptor, or a path through one, as the path that it stands for. */
function resolved(value: unknown): string {
  if (typeof value === "number") return fs.readlinkSync(`/proc/self/fd/${value}`);
  return String(value).replace(/^\/proc\/self\/fd\/\d+/, (link) => fs.readlinkSync(link));
}

function shortened(path: string): string {
  const inside = path.startsWith(basePath) ? path.slice(basePath.length) || "/" : "above";
  return inside
    .replace(/^\/\.storage\/tmp\/.+/, "TEMP")
    .replace(/^\/\.storage\/meta\/[^/]+\/.+/, "SIDECAR")
    .replace(/^\/\.storage\/meta\/[^/]+$/, "SIDECAR'S FOLDER")
    .replace(/^\/\.storage\/lock\/.+/, "LOCK");
}

const concerned = {
  fsync: [0],
  rename: [0, 1],
  link: [0, 1],
  unlink: [0],
  mkdir: [0],
  rmdir: [0],
  write: [0],
};

for (const [name, places] of Object.entries(concerned)) {
  const real = Reflect.get(fs, name) as Call;
  Reflect.set(fs, name, (...parameters: unknown[]) => {
    if (!underWay) return real(...parameters);
    const line = [name, ...places.map((place) => shortened(resolved(parameters[place])))].join(" ");
    const done = parameters.at(-1) as Call;
    const began = moment++;
    real(...parameters.slice(0, -1), (...results: unknown[]) => {
      if (results[0] === null || results[0] === undefined) told.push({ line, began, ended: moment++ });
      done(...results);
    });
  });
}
syncBuiltinESMExports();

const terms = {
  basePath,
  secret: "a secret of this test",
  durability: durability === "none" ? ("none" as const) : ("fsync" as const),
};
const described = { contentType: "text/x-of-this-test", metadata: { of: "new" } };
const backend = new LocalBackend(terms);
const works: Record<string, () => Promise<unknown>> = {
  "first put": () => backend.put("a/b/key", "body", described),
  put: () => backend.put("a/b/key", "body", described),
  "put without metadata": () => backend.put("key", "body"),
  "create-only put": () => backend.put("a/key", "body", { ...described, ifNoneMatch: "*" }),
  "compare-and-swap": async () => {
    const { etag } = await backend.getMetadata("old/key");
    await backend.put("old/key", "body", { ...described, ifMatch: etag });
  },
  copy: () => backend.copy("old/key", "a/copy"),
  move: () => backend.move("old/key", "a/moved"),
  delete: () => backend.delete("old/key"),
};
const run = works[work];
if (run === undefined) throw new Error(`there is no work "${work}"`);
if (work !== "first put") {
  underWay = false;
  await backend.checkHealth();
  underWay = true;
}
await run();
underWay = false;
console.log(JSON.stringify(told));
