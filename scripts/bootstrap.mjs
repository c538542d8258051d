// Installs what is missing, then runs `node <arguments>` on the workspace's own Node.
// Runs with nothing installed, on any Node from 20 on, so: plain JavaScript and no packages.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const windows = process.platform === "win32";
const modules = join(root, "node_modules");
const stamp = join(modules, ".installed");
const node = join(modules, "node", "bin", windows ? "node.exe" : "node");

function wantedStamp() {
  const hash = createHash("sha256");
  for (const file of ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

function isInstalled() {
  return existsSync(stamp) && existsSync(node) && readFileSync(stamp, "utf8") === wantedStamp();
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  console.log(`Installing dependencies with ${packageManager} ...`);
  const pnpm = [
    "pnpm",
    "install",
    "--frozen-lockfile",
    "--loglevel=error",
    "--config.confirmModulesPurge=false",
  ];
  const { status } = spawnSync("npm", ["exec", "--yes", `--package=${packageManager}`, "--", ...pnpm], {
    cwd: root,
    // Standard output belongs to the program that runs afterwards.
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  if (status !== 0) fail("The dependencies could not be installed; the reason stands above.");
  if (!existsSync(node)) fail("npm's `node` package has not brought its Node: see allowBuilds.");
  writeFileSync(stamp, wantedStamp());
}

if (!isInstalled()) install();

const environment = {
  ...process.env,
  PATH: `${join(modules, ".bin")}${delimiter}${process.env.PATH ?? ""}`,
  TURBO_TELEMETRY_DISABLED: "1",
};
const child = spawn(node, process.argv.slice(2), { stdio: "inherit", env: environment });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGINT" || signal === "SIGTERM" ? 0 : 1);
});
