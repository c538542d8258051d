// What an application does with a package; a package without an entry is imported and nothing more.

interface Consumer {
  readonly names: readonly string[];
  /** Statements that throw when it does not work, good both in TypeScript and in JavaScript. */
  readonly body: string;
}

const roundTrip = (construction: string): string => `
const backend = ${construction};
await backend.put("a.txt", "hi");
const text = new TextDecoder().decode(await backend.get("a.txt"));
if (text !== "hi") throw new Error("got " + text);`;

export const consumers: Readonly<Record<string, Consumer>> = {
  "@storage/memory": { names: ["MemoryBackend"], body: roundTrip("new MemoryBackend()") },
  "@storage/local": { names: ["LocalBackend"], body: roundTrip('new LocalBackend({ basePath: "uploads" })') },
};
