// Gets the S3 servers that are missing: radosgw by apt, the others by building them (minutes, the first
// time). Whatever cannot be had is named at the end, with what would help.
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { findProgram, isProgram } from "../programs.ts";
import { runCommand } from "../run-command.ts";
import { radosgw } from "./radosgw.ts";
import { folderOf, type GoProgramName, goPrograms, goToolchain } from "./versions.ts";

const cephPackages = ["ceph-common", "ceph-mon", "ceph-osd", "radosgw"];

/** What to tell somebody who has to help, or nothing where the server is there. */
type Outcome = string | undefined;

async function installCeph(): Promise<Outcome> {
  if (radosgw.isInstalled()) return;
  const hint = `radosgw: install ${cephPackages.join(", ")}`;
  if (!findProgram("apt-get")) return hint;
  const apt = async (...parameters: readonly string[]) => {
    const command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", ...parameters];
    const [program = "env", ...others] = process.getuid?.() === 0 ? command : ["sudo", ...command];
    return (await runCommand(program, others)) === 0;
  };
  if (await apt("update")) await apt("install", "-y", "--no-install-recommends", ...cephPackages);
  return radosgw.isInstalled() ? undefined : hint;
}

async function build(name: GoProgramName): Promise<Outcome> {
  const folder = folderOf(name);
  if (isProgram(join(folder, name))) return;
  if (!findProgram("go")) return `${name}: install Go 1.21 or later (https://go.dev/dl)`;
  // Built beside its place and moved there whole: several checkouts may be at it.
  const building = `${folder}.${process.pid}`;
  const { module, version } = goPrograms[name];
  console.log(`Building ${name} ${version} with ${goToolchain} ...`);
  mkdirSync(dirname(folder), { recursive: true });
  try {
    const environment = { ...process.env, GOBIN: building, GOTOOLCHAIN: goToolchain };
    const code = await runCommand("go", ["install", `${module}@${version}`], environment);
    if (code !== 0) return `${name}: it could not be built; the reason stands above`;
    rmSync(folder, { recursive: true, force: true });
    renameSync(building, folder);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return undefined;
}

const outcomes = await Promise.allSettled([installCeph(), build("minio"), build("versitygw")]);
const missing = outcomes.map((outcome) =>
  outcome.status === "rejected" ? `${outcome.reason}` : outcome.value,
);
for (const hint of missing.filter(Boolean)) console.error(hint);
process.exitCode = missing.some(Boolean) ? 1 : 0;
