// Runs one scenario, under `crash-hook.ts`, and tells which calls it made.
import fs from "node:fs";
import { LocalBackend } from "@storage/local";
import { crashScenarios } from "../crash-scenarios.ts";
import type { CrashHook } from "./crash-hook.ts";

const [basePath = "", name = "", durability] = process.argv.slice(2);
const hook = Reflect.get(globalThis, Symbol.for("storage.crash")) as CrashHook;
const scenario = crashScenarios[name];
if (scenario === undefined) throw new Error(`there is no scenario "${name}"`);

const backend = new LocalBackend({
  basePath,
  secret: "a secret of this test",
  durability: durability === "none" ? "none" : "fsync",
});
if (!scenario.cold) await backend.checkHealth();
// A tracer sees these two, and counts what lies between.
fs.existsSync("/marker/begin");
hook.armed = true;
await scenario.run(backend);
hook.armed = false;
fs.existsSync("/marker/end");
console.log(JSON.stringify(hook.calls));
