import type { INestApplication } from "@nestjs/common";
import { HttpAdapterHost } from "@nestjs/core";
import { addStorage } from "@storage/express";
import { STORAGE } from "./storage";
import { StorageErrorFilter } from "./storage-error.filter";

/** Before `listen` or `init`: what stands before the routes sees a request before any body parser does. */
export async function configure(app: INestApplication): Promise<void> {
  const backend = app.get(STORAGE);
  await addStorage(app, { backend, serveFiles: backend.signer !== undefined });
  app.useGlobalFilters(new StorageErrorFilter(app.get(HttpAdapterHost).httpAdapter));
}
