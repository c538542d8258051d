import type { Open } from "@storage/testing";
import { local, memory, poor, prefixed } from "./subjects.ts";

/** Every backend that the suite runs on. */
type Name =
  | "MemoryBackend"
  | "MemoryBackend, through withPrefix"
  | "LocalBackend"
  | "LocalBackend, through withPrefix"
  | "a backend that can do nothing beside the least";

export const backends: Readonly<Record<Name, Open>> = {
  MemoryBackend: memory,
  "MemoryBackend, through withPrefix": () => prefixed(memory),
  LocalBackend: local,
  "LocalBackend, through withPrefix": () => prefixed(local),
  "a backend that can do nothing beside the least": poor,
};
