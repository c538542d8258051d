import { type StorageBackend, StorageError } from "@storage/core";
import type { HttpAnswer } from "./http-answer.ts";
import type { HttpHandler } from "./http-handler.ts";
import { jsonAnswer } from "./json-answer.ts";

/**
 * 200 while the storage does what a real call needs, else 503 with the code of what such a call would
 * meet, and nothing more: the answer may be seen by anybody.
 */
export function health(backend: StorageBackend): HttpHandler {
  return async ({ signal }) => {
    try {
      await backend.checkHealth({ signal });
      return report(200, "healthy", { backend: backend.name, status: "connected" });
    } catch (error) {
      const code = StorageError.is(error) ? error.code : "Unknown";
      return report(503, "unhealthy", { backend: backend.name, status: "disconnected", error: code });
    }
  };
}

function report(status: number, word: string, storage: Readonly<Record<string, string>>): HttpAnswer {
  return jsonAnswer(status, JSON.stringify({ status: word, storage }));
}
