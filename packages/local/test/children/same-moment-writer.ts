// Writes one key again and again, with bodies of one size, and looks at it after each write.
import { LocalBackend } from "@storage/local";

const [basePath = "", name = "", rounds = "0"] = process.argv.slice(2);
const backend = new LocalBackend({ basePath, secret: "a secret of this test", durability: "none" });
let written = 0;
for (let round = 0; round < Number(rounds); round++) {
  await backend.put("key", name, { metadata: { of: name } });
  const object = await backend.open("key");
  const body = await object.text();
  if (object.metadata.of !== body) throw new Error(`${body} has the metadata of ${object.metadata.of}`);
  written++;
}
console.log(`${written} written`);
