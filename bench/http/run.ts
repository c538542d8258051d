// Signed links against the frameworks' own middlewares for files. `--seconds` is how long each server is under
// load with each file: from 30 on the run is a whole one, and writes README.md anew; a shorter one prints.
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { inFolder } from "../in-folder.ts";
import { pageText } from "../report/page.ts";
import { type Asked, type Measured, measureFramework } from "./measure.ts";
import { httpPage, httpTable } from "./page-text.ts";
import type { Framework } from "./site.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "6" } } });
const seconds = Number(values.seconds);

const frameworks: readonly Framework[] = ["express", "fastify", "hono"];
const small: Asked = { key: "small.bin", unit: "responses", target: 0.8 };
const large: Asked = { key: "large.bin", unit: "bytes", target: 0.95 };

const text = await inFolder("tmpfs", async (folder) => {
  await writeFile(`${folder}/${small.key}`, Buffer.alloc(4 * 1024, "a small file "));
  await writeFile(`${folder}/${large.key}`, Buffer.alloc(100 * 1024 * 1024, "a large file "));
  const found: Measured[] = [];
  for (const framework of frameworks) {
    process.stderr.write(`${framework}\n`);
    found.push(...(await measureFramework(framework, folder, [small, large], seconds)));
  }
  const rowsOf = (file: Asked): Measured[] => found.filter(({ asked }) => asked === file);
  return pageText(httpPage, [
    httpTable("4 KiB, answers", rowsOf(small)),
    httpTable("100 MiB, bytes", rowsOf(large)),
  ]);
});
if (seconds < 30) process.stdout.write(text);
else await writeFile(`${import.meta.dirname}/README.md`, text);
