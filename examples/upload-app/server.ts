import { join } from "node:path";
import { startServer } from "./app.ts";

const port = Number(process.env.PORT || 8000);
const basePath = process.env.STORAGE_BASE_PATH || join(import.meta.dirname, "data");

try {
  const { origin, close } = await startServer({ port, basePath });
  console.log(`Upload files at ${origin} - they are kept in ${basePath}`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, close);
} catch (error) {
  const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  console.error(taken ? `Port ${port} is taken: choose another one, PORT=8001 for example.` : error);
  process.exitCode = 1;
}
