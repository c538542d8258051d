import { MemoryBackend } from "@storage/memory";
import type { Row } from "./measure.ts";

const body = new Uint8Array(1024).fill(7);
const keys = 1000;

/** Against a `Map` with a copy each way: the least that a store in memory can do. */
export function memoryRows(): Row[] {
  const map = new Map<string, Uint8Array>();
  const memory = new MemoryBackend({ secret: "a secret for the bench" });
  const keyOf = (index: number): string => `key-${index % keys}`;
  return [
    {
      name: "memory: put 1 KiB",
      times: 20_000,
      inFlight: 1,
      contenders: [
        { name: "Map", run: async (index) => map.set(keyOf(index), new Uint8Array(body)) },
        { name: "MemoryBackend", run: (index) => memory.put(keyOf(index), body) },
      ],
    },
    {
      name: "memory: get 1 KiB",
      times: 20_000,
      inFlight: 1,
      contenders: [
        { name: "Map", run: async (index) => new Uint8Array(map.get(keyOf(index)) ?? body) },
        { name: "MemoryBackend", run: (index) => memory.get(keyOf(index)) },
      ],
    },
  ];
}
