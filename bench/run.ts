// Writes README.md anew: every figure in it is of one run of this program on one machine.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { localRows } from "./local.ts";
import { measure, type Result, type Row } from "./measure.ts";
import { memoryRows } from "./memory.ts";

/** Memory, where the file system itself costs least and so our share shows most. */
const tmpfs = "/dev/shm";
const disk = import.meta.dirname;

async function inFolder(parent: string, work: (folder: string) => Promise<Result[]>): Promise<Result[]> {
  const folder = await mkdtemp(`${parent}/storage-bench-`);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(rows: readonly Row[]): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) results.push(...(await measure(row)));
  return results;
}

function table(title: string, results: readonly Result[]): string {
  const lines = results.map(({ row, contender, microseconds, ratio, spread }) => {
    const [low, high] = spread;
    return `| ${row} | ${contender} | ${microseconds.toFixed(1)} | ${ratio.toFixed(2)} | ${low.toFixed(2)} to ${high.toFixed(2)} |`;
  });
  return [
    `## ${title}`,
    "",
    "| row | who | µs | ratio to raw | spread |",
    "|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

const sections = [
  table("Memory", await measured(memoryRows())),
  table(
    'Local, `durability: "none"`, tmpfs',
    await inFolder(tmpfs, async (folder) => await measured(await localRows(folder, "none"))),
  ),
  table(
    'Local, `durability: "fsync"`, disk, against a raw write without fsync',
    await inFolder(disk, async (folder) => await measured(await localRows(folder, "fsync"))),
  ),
];

const head = `# Bench

Medians of ratios to the raw way of the same round, interleaved in one process. Run it with \`pnpm --filter @storage/bench bench\` on a machine that does nothing else.

${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores (${cpus()[0]?.model ?? "unknown"}).
`;
await writeFile(`${import.meta.dirname}/README.md`, `${[head, ...sections].join("\n")}\n`);
