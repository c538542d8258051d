import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LocalBackend } from "@storage/local";
import type { Row } from "./measure.ts";

const body = new Uint8Array(1024).fill(7);
const keys = 500;
const big = 256 * 1024 * 1024;
const names = 20_000;

/** Against `node:fs/promises`, which promises nothing: not atomic, nothing checked, nothing beside the bytes. */
export async function localRows(folder: string, durability: "none" | "fsync"): Promise<Row[]> {
  const raw = `${folder}/raw`;
  await mkdir(`${raw}/many`, { recursive: true });
  const local = new LocalBackend({
    basePath: `${folder}/ours`,
    durability,
    secret: "a secret for the bench",
  });
  const keyOf = (index: number): string => `key-${index % keys}`;
  const times = durability === "none" ? 2000 : 100;
  const rows = [1, 32].flatMap((inFlight): Row[] => [
    {
      name: `put 1 KiB, ${inFlight} in flight`,
      times,
      inFlight,
      contenders: [
        { name: "node:fs", run: (index) => writeFile(`${raw}/${keyOf(index)}`, body) },
        { name: "LocalBackend", run: (index) => local.put(keyOf(index), body) },
        { name: "LocalBackend, in a folder", run: (index) => local.put(`folder/${keyOf(index)}`, body) },
        {
          name: "LocalBackend, with metadata",
          run: (index) => local.put(`described/${keyOf(index)}`, body, { metadata: { author: "ada" } }),
        },
      ],
    },
    {
      name: `get 1 KiB, ${inFlight} in flight`,
      times,
      inFlight,
      contenders: [
        { name: "node:fs", run: (index) => readFile(`${raw}/${keyOf(index)}`) },
        { name: "LocalBackend", run: (index) => local.get(keyOf(index)) },
        { name: "LocalBackend, in a folder", run: (index) => local.get(`folder/${keyOf(index)}`) },
        { name: "LocalBackend, with metadata", run: (index) => local.get(`described/${keyOf(index)}`) },
      ],
    },
  ]);
  return durability === "fsync" ? rows : [...rows, ...streamRows(raw, local), await listRow(raw, local)];
}

function streamRows(raw: string, local: LocalBackend): Row[] {
  const chunk = new Uint8Array(64 * 1024).fill(7);
  const source = function* (): Generator<Uint8Array> {
    for (let sent = 0; sent < big; sent += chunk.length) yield chunk;
  };
  const drained = async (stream: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of stream);
  };
  return [
    {
      name: "put a stream of 256 MiB",
      times: 1,
      inFlight: 1,
      contenders: [
        { name: "node:fs", run: () => pipeline(Readable.from(source()), createWriteStream(`${raw}/big`)) },
        { name: "LocalBackend", run: () => local.put("big", Readable.from(source())) },
      ],
    },
    {
      name: "get a stream of 256 MiB",
      times: 1,
      inFlight: 1,
      contenders: [
        { name: "node:fs", run: () => drained(createReadStream(`${raw}/big`)) },
        { name: "LocalBackend", run: async () => await drained((await local.open("big")).body) },
      ],
    },
  ];
}

async function listRow(raw: string, local: LocalBackend): Promise<Row> {
  for (let index = 0; index < names; index++) {
    const name = `many/${index % 200}/${index}`;
    if (index < 200) await mkdir(`${raw}/many/${index}`);
    await Promise.all([writeFile(`${raw}/${name}`, ""), local.put(name, "")]);
  }
  return {
    name: `list ${names} names`,
    times: 1,
    inFlight: 1,
    contenders: [
      { name: "node:fs", run: () => readdir(`${raw}/many`, { recursive: true }) },
      { name: "LocalBackend", run: () => local.listKeys({ prefix: "many/", limit: names }) },
    ],
  };
}
