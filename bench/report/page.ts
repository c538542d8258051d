import { cpus } from "node:os";

const intro = `What we put on top of the raw way, and what others put there. Contenders of a row take turns in one
process, which is fresh for each row; figures are medians of the ratios to the raw one of the same round, and
the spread is the lowest and the highest of them. Ratios count on tmpfs, where the file system itself costs
least; the disk is for show. The targets are of ours, on tmpfs with \`durability: "none"\`; ours is held against
the peers that promise the same, and the last column names those ahead of it.`;

const notes = `## Notes

- Raw is \`writeFile\`, \`readFile\`, \`readdir({ recursive: true })\`, and \`pipeline\` with \`createWriteStream\` and
  \`createReadStream\` as they are by default; with fsync, the same with \`flush: true\`, which does not wait for
  the folder's entry as ours does. In memory it is a \`Map\` with a copy each way. Entries are names with a
  \`stat\` each, 32 at once. A page is what stands first in the order of the keys.
- Raw stores no metadata: the rows with metadata are to a raw put of the bytes alone. A peer is in them if it
  can store pairs of the caller's: unstorage does it by a second call, files-sdk in a file beside each object.
  flystorage and flydrive take such options on this driver and drop them.
- Streams come in chunks of 1 MiB, made once. unstorage says nothing of streams; a put of one works because
  its driver hands what it gets to \`writeFile\`. files-sdk collects a stream in memory before it writes.
- Trees are planted by ours, and all list the same one. flystorage, flydrive and unstorage have no pages and no
  order on files: they list all, sort and cut. files-sdk stats each item of a page, also where only names are
  wanted.
- The rows "as a share of listing all" are to our own listing of all, not to raw.
- None of the peers has an fsync: they are absent from those tables. flydrive has no store in memory.
- Peak RSS is \`maxRSS\` of a process that loads one library and moves one stream, all of Node included.
- Import is of what is built, by a fresh process, above the start of one that imports nothing.
- Promises were seen in this run (\`promises/\`), not read. Atomic: while bodies of two lengths are put in turn
  on one key, each read gives one of them, whole; "bytes only" where the metadata beside it was at times of the other.
  Contained: keys such as \`../x\`, \`..\\\\x\` and an absolute path put nothing beside the folder; "keys only" where
  a symbolic link in the folder is written through. Copies: bytes changed after a put or a get leave what is
  stored as it was.`;

/** All that a run found, as it is written. */
export function page(tables: readonly string[]): string {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  const day = new Date().toISOString().slice(0, 10);
  const head = `Written by \`pnpm --filter @storage/bench bench\` on ${day}: Node ${process.versions.node}, ${cpus().length} cores (${model}).`;
  return `# Bench\n\n${intro}\n\n${head}\n\n${tables.join("\n")}\n${notes}\n`;
}
