import {
  Backend,
  type Body,
  type Bytes,
  driverOf,
  type StorageBackend,
  type StorageDriver,
} from "@storage/core";
import { serveFiles, toFetchHandler } from "@storage/http";
import { MemoryBackend } from "@storage/memory";
import type { Open, Subject } from "@storage/testing";
import { local, poor } from "./subjects.ts";

/** A correct backend with one line changed, and the case that notices. */
export interface Mutant {
  readonly name: string;
  readonly killedBy: string;
  readonly open: Open;
}

const secret = "a secret of the tests";

/** A driver that has its own copy and move. */
interface WholeDriver extends StorageDriver {
  readonly copy: NonNullable<StorageDriver["copy"]>;
  readonly move: NonNullable<StorageDriver["move"]>;
}

/** In the driver of a memory backend. */
export function inDriver(change: (driver: WholeDriver) => Partial<StorageDriver>): Open {
  return () => {
    const whole = new MemoryBackend({ secret });
    const driver = driverOf(whole);
    const { copy, move } = driver;
    if (!copy || !move) throw new Error("the memory backend copies and moves by itself");
    const backend = new Backend({ ...driver, ...change({ ...driver, copy, move }) });
    return { backend, fetch: toFetchHandler(serveFiles(whole)) };
  };
}

/** In the methods that applications call, of a memory backend. */
export function inBackend(change: (backend: StorageBackend) => Partial<StorageBackend>): Open {
  return () => {
    const backend = new MemoryBackend({ secret });
    return { backend: changed(backend, change(backend)), fetch: toFetchHandler(serveFiles(backend)) };
  };
}

/** In those of a poor backend. */
export function inPoorBackend(change: (backend: StorageBackend) => Partial<StorageBackend>): Open {
  return () => {
    const backend = poor();
    return changed(backend, change(backend));
  };
}

/** In those of local files. */
export function inLocal(change: (backend: StorageBackend) => Partial<StorageBackend>): Open {
  return async (): Promise<Subject> => {
    const subject = await local();
    return { ...subject, backend: changed(subject.backend, change(subject.backend)) };
  };
}

/** In what reaches the handler of its links. */
export function inRequests(change: (request: Request) => Request): Open {
  return () => {
    const backend = new MemoryBackend({ secret });
    const answer = toFetchHandler(serveFiles(backend));
    return { backend, fetch: (request) => answer(change(request)) };
  };
}

/** Every handler takes the links of every other. */
export function sharingLinks(): Open {
  const handlers: ((request: Request) => Promise<Response>)[] = [];
  return () => {
    const backend = new MemoryBackend({ secret });
    handlers.unshift(toFetchHandler(serveFiles(backend)));
    const answer = async (request: Request): Promise<Response> => {
      for (const handler of handlers) {
        const found = await handler(request.clone());
        if (found.status !== 403) return found;
      }
      return new Response(null, { status: 403 });
    };
    return { backend, fetch: answer };
  };
}

function changed(backend: StorageBackend, changes: Partial<StorageBackend>): StorageBackend {
  return new Proxy(backend, {
    get(target, name) {
      const found: unknown = Reflect.get(name in changes ? changes : target, name, target);
      return typeof found === "function" && !(name in changes) ? found.bind(target) : found;
    },
  });
}

export async function bytesOf({ bytes, stream }: Body): Promise<Bytes> {
  if (bytes) return bytes;
  const chunks: Bytes[] = [];
  for await (const chunk of stream) chunks.push(chunk.slice());
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
