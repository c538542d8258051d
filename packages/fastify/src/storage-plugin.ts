import type { StorageBackend } from "@storage/core";
import { type AddStorageOptions, AppStorage } from "@storage/http";
import type { FastifyInstance, FastifyPluginAsync } from "fastify";
import { fastifyPlugin } from "fastify-plugin";
import { getStorage } from "./get-storage.ts";
import { takeOver } from "./take-over.ts";
import { unreadBody } from "./unread-body.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** Of this context, or of the one around it. Throws a ConfigurationError before `addStorage`. */
    readonly storage: StorageBackend;
  }
  interface FastifyRequest {
    /** That of the route's context. */
    readonly storage: StorageBackend;
  }
}

/** What `addStorage` registers: `app.storage`, `request.storage`, health, signed links, and closing with the app. */
export const storagePlugin: FastifyPluginAsync<AddStorageOptions> = fastifyPlugin(
  async (app: FastifyInstance, options: AddStorageOptions) => {
    const storage = AppStorage.of(app);
    storage.connect(() => prepare(app, storage));
    await installIn(app, options);
  },
  { fastify: "5.x", name: "@storage/fastify" },
);

export interface Logging {
  readonly log: { error(error: unknown): void };
}

export function installIn(
  app: Logging,
  { onError = (error) => app.log.error(error), ...options }: AddStorageOptions,
): Promise<StorageBackend> {
  // Fastify sets the server's limit by an option of its own, none by default: it is left alone.
  return AppStorage.of(app).install({ onError, ...options }, { detect });
}

async function detect(): Promise<StorageBackend> {
  const { easyStorage } = await import("@storage/auto");
  return await easyStorage();
}

/**
 * A pattern, and not the name: a parser that the app has for the name, such as @fastify/multipart's, goes
 * before it, in whatever order they are registered.
 */
const multipart = /^multipart\/form-data/;

function prepare(app: FastifyInstance, storage: AppStorage): void {
  storage.meets(app.server);
  // A context inside one that has a storage finds these there; what they give is then its own.
  if (!app.hasRequestDecorator("storage")) {
    app.decorate("storage", {
      getter(this: FastifyInstance) {
        return getStorage({ server: this });
      },
    });
    app.decorateRequest("storage", {
      getter() {
        return getStorage(this);
      },
    });
  }
  if (!app.hasContentTypeParser(multipart)) app.addContentTypeParser(multipart, unreadBody);
  app.addHook("onRequest", (request, reply, done) => {
    if (storage.takes(request.raw, reply.raw)) takeOver(reply);
    else done();
  });
  app.addHook("onClose", () => storage.close());
}
