// publint and are-the-types-wrong on the tarballs, as they would be published.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packAll, publicPackages, run } from "./public-packages.ts";

async function problemsOf(tarball: string): Promise<readonly string[]> {
  const file = readFileSync(tarball);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes as ArrayBuffer },
    strict: true,
  });
  const problems = messages.map((message) => formatMessage(message, pkg) ?? message.code);
  try {
    // Without node10: a resolution from before `exports`, which no supported Node needs.
    run("attw", [tarball, "--profile", "node16", "--format", "ascii"]);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  return problems;
}

const target = mkdtempSync(join(tmpdir(), "storage-packed-"));
try {
  const tarballs = packAll(target);
  for (const { manifest } of publicPackages()) {
    const problems = await problemsOf(tarballs.get(manifest.name) ?? "");
    console.log(`${manifest.name}: ${problems.length === 0 ? "clean" : problems.join("\n")}`);
    if (problems.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(target, { recursive: true, force: true });
}
