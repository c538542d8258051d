import { rename, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";

export interface FlipFolder {
  readonly basePath: string;
  readonly outside: string;
}

/** Flips names in the tree between what they are and links to the outside, until it is told to end. */
const { basePath, outside } = JSON.parse(process.argv[2] ?? "") as FlipFolder;
let isOver = false;
process.on("message", () => {
  isOver = true;
});
let flips = 0;

async function flip(name: string, away: string): Promise<void> {
  const [path, link] = [join(basePath, name), join(basePath, `.link-${name}`)];
  await symlink(away, link);
  await rename(path, join(basePath, `.real-${name}`)).catch(() => {});
  await rename(link, path).catch(() => {});
  await new Promise((resolve) => setImmediate(resolve));
  await rename(path, link).catch(() => {});
  await rename(join(basePath, `.real-${name}`), path).catch(() => {});
  await unlink(link).catch(() => {});
  flips++;
}

while (!isOver) {
  await flip("folder", outside);
  await flip("file", join(outside, "file"));
}
process.disconnect();
console.log(JSON.stringify(flips));
