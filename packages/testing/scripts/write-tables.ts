// Writes docs/conformance.md anew: what the suite says of every backend, S3's on the servers that are there
// (scripts/services/run.ts starts them), and which case kills which mutant.
import { writeFile } from "node:fs/promises";
import { type ConformanceResult, checkConformance, conformanceGroups } from "@storage/testing";
import { available } from "../../../scripts/requirements.ts";
import { s3ServiceNames } from "../../../scripts/s3-service.ts";
import { withBucket } from "../../s3/test/buckets.ts";
import { serverFaults } from "../../s3/test/server-faults.ts";
import { backends } from "../test/backends.ts";
import type { Mutant } from "../test/mutant.ts";
import { allMutants } from "../test/mutants/all.ts";

const count = conformanceGroups.reduce((sum, { cases }) => sum + cases.length, 0);
/** More would make timed cases wait for each other. */
const concurrency = 8;
/** Mutants at once. */
const together = 4;

function cell(results: readonly ConformanceResult[]): string {
  const failed = results.filter(({ failure }) => failure).length;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const passed = results.length - failed - skipped;
  return [
    passed || (skipped === 0 ? 0 : ""),
    skipped && `${skipped} skipped`,
    failed && `**${failed} failed**`,
  ]
    .filter((part) => part !== "" && part !== 0)
    .join(", ");
}

function reasonsOf(results: readonly ConformanceResult[]): string {
  const counts = new Map<string, number>();
  for (const { skipped } of results) if (skipped) counts.set(skipped, (counts.get(skipped) ?? 0) + 1);
  return [...counts].map(([reason, times]) => `${reason} (${times})`).join(", ");
}

function row(...cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

const runs = new Map<string, readonly ConformanceResult[]>();
for (const [name, open] of Object.entries(backends))
  runs.set(name, await checkConformance({ open, concurrency }));
for (const server of s3ServiceNames.filter(available)) {
  const results = await checkConformance({ open: () => withBucket(server), concurrency });
  // What a server does wrong by itself, from time to time, is no verdict on the backend.
  const named = results.map((result) => {
    const skipped = serverFaults[server][result.name] ?? result.skipped;
    return { ...result, skipped, failure: skipped === undefined ? result.failure : undefined };
  });
  runs.set(`S3Backend on ${server}`, named);
}

const names = [...runs.keys()];
const groupRows = conformanceGroups.map(({ name: group }) =>
  row(
    group,
    ...[...runs.values()].map((results) => cell(results.filter((result) => result.group === group))),
  ),
);
const reasons = [...runs].map(([name, results]) => `- ${name}: ${reasonsOf(results) || "none"}`);

async function mutantRow({ name, killedBy, open }: Mutant): Promise<string> {
  const failed = (await checkConformance({ open, concurrency })).filter(({ failure }) => failure);
  const verdict =
    failed.length === 1 && failed[0]?.name === killedBy ? "killed by it alone" : "**NOT AS IT SHOULD BE**";
  return row(name, killedBy, verdict);
}

const mutantRows: string[] = [];
for (let at = 0; at < allMutants.length; at += together)
  mutantRows.push(...(await Promise.all(allMutants.slice(at, at + together).map(mutantRow))));

const text = `# Conformance

${count} cases in ${conformanceGroups.length} groups, each a sentence of the contract. A case that is about something a backend does not claim to do is skipped, and the reverse is tried: that it says so, before anything is done. Written by \`pnpm conformance\`.

${[row("group", ...names), row("---", ...names.map(() => "---")), ...groupRows].join("\n")}

What was skipped, and why:

${reasons.join("\n")}

## Mutants

${allMutants.length} backends, each a correct one with one line changed; the case named beside it fails, and no other one does: without it the mutant would live.

${[row("a backend where", "breaks the promise", "the suite says"), row("---", "---", "---"), ...mutantRows].join("\n")}
`;
await writeFile(new URL("../../../docs/conformance.md", import.meta.url), text);
