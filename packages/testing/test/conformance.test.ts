import { runConformance } from "@storage/testing";
import { describe, test } from "vitest";
import { local, memory, poor, prefixed } from "./subjects.ts";

const backends = {
  MemoryBackend: memory,
  "MemoryBackend, through withPrefix": () => prefixed(memory),
  LocalBackend: local,
  "LocalBackend, through withPrefix": () => prefixed(local),
  "a backend that can do nothing beside the least": poor,
};

for (const [name, open] of Object.entries(backends)) {
  describe(name, () => runConformance({ describe, test }, { open }));
}
