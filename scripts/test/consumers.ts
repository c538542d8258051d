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

/** What one entry throws is an instance of the other's class: there is one copy of the errors. */
const oneCopyOfErrors = `
const { UrlSigner } = space1;
const backend = () => { throw new Error("not asked for"); };
let thrown;
try {
  new UrlSigner({ secret: "short", mount: "m", backend });
} catch (error) {
  thrown = error;
}
if (!(thrown instanceof ConfigurationError)) throw new Error("got " + thrown);`;

export const consumers: Readonly<Record<string, Consumer>> = {
  "@storage/core": { names: ["ConfigurationError"], body: oneCopyOfErrors },
  "@storage/memory": { names: ["MemoryBackend"], body: roundTrip("new MemoryBackend()") },
  "@storage/local": { names: ["LocalBackend"], body: roundTrip('new LocalBackend({ basePath: "uploads" })') },
};
