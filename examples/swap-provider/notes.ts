import { type StorageBackend, StorageError } from "@storage/core";

/** Stores a few notes, shows what is there, and clears up. What it says is the same on every provider. */
export async function keepNotes(storage: StorageBackend, say: (line: string) => void): Promise<void> {
  await write(storage);
  await read(storage, say);
  await list(storage, say);
  await rearrange(storage, say);
  await clear(storage, say);
}

async function write(storage: StorageBackend): Promise<void> {
  await storage.put("2026/january.txt", "Snow again.\n", { metadata: { author: "Ada", mood: "schläfrig" } });
  await storage.put("2026/february.csv", "day,degrees\n1,-4\n2,-7\n", { cacheControl: "max-age=60" });
  await storage.put("2026/Größe & mehr?.txt", days(), { contentType: "text/plain; charset=utf-8" });
}

async function* days(): AsyncGenerator<Uint8Array> {
  for (let day = 1; day <= 31; day++) yield new TextEncoder().encode(`Day ${day}.\n`);
}

async function read(storage: StorageBackend, say: (line: string) => void): Promise<void> {
  await using note = await storage.open("2026/january.txt");
  say(`${note.key}: ${note.contentType}, by ${note.metadata.author}, ${note.metadata.mood}`);
  say(`it says ${JSON.stringify(await note.text())}`);
  const { contentType, cacheControl } = await storage.getMetadata("2026/february.csv");
  say(`2026/february.csv: ${contentType}, ${cacheControl}`);
  const lastDay = await storage.get("2026/Größe & mehr?.txt", { range: { suffix: 8 } });
  say(`the month ends with ${JSON.stringify(new TextDecoder().decode(lastDay))}`);
}

async function list(storage: StorageBackend, say: (line: string) => void): Promise<void> {
  for await (const { key, size } of storage.list({ prefix: "2026/" })) say(`${key}, ${size} bytes`);
  const { entries, prefixes } = await storage.listPage({ delimiter: "/" });
  say(`at the top: ${entries.length} notes, folders ${prefixes.join(", ")}`);
}

async function rearrange(storage: StorageBackend, say: (line: string) => void): Promise<void> {
  const copy = await storage.copy("2026/january.txt", "archive/january.txt");
  say(`the copy is by ${copy.metadata.author}, too`);
  await storage.move("2026/february.csv", "archive/february.csv");
  say(`left: ${(await storage.listKeys({ prefix: "2026/" })).join(", ")}`);
  try {
    await storage.get("2026/february.csv");
  } catch (error) {
    if (!StorageError.is(error, "FileNotFound")) throw error;
    say(`${error.key} is gone: ${error.code}`);
  }
}

async function clear(storage: StorageBackend, say: (line: string) => void): Promise<void> {
  const { deleted, failed } = await storage.deleteMany(await storage.listKeys());
  say(`deleted ${deleted.length}, failed ${failed.length}`);
}
