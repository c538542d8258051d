// node scripts/services/run.ts COMMAND...: starts the S3 servers that are installed, runs the command with
// the variables that say where they are (STORAGE_TEST_MINIO_ENDPOINT and so on), and stops them.
import { delimiter, join } from "node:path";
import { root } from "../public-packages.ts";
import { endingSignals, runCommand } from "../run-command.ts";
import { startServers } from "./servers.ts";

const [command, ...parameters] = process.argv.slice(2);
if (command === undefined) throw new Error("node scripts/services/run.ts COMMAND...");

const ending = new AbortController();
for (const signal of endingSignals) process.on(signal, () => ending.abort());

const servers = await startServers(ending.signal);
try {
  const PATH = `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH ?? ""}`;
  const environment = { ...process.env, PATH, ...servers.environment };
  process.exitCode = ending.signal.aborted ? 1 : await runCommand(command, parameters, environment);
} finally {
  await servers.stop();
}
