import { StorageError } from "@storage/core";
import { inBackend, inDriver, type Mutant } from "../mutant.ts";

export const copyMutants: readonly Mutant[] = [
  {
    name: "a copy takes the type of its target's key",
    killedBy: "copy carries over the attributes",
    open: inDriver((d) => ({
      copy: async (source, target, call) => {
        const facts = await d.copy(source, target, call);
        return target.endsWith(".png") ? { ...facts, contentType: "image/png" } : facts;
      },
    })),
  },
  {
    name: "a copy onto itself deletes it",
    killedBy: "move onto itself keeps the object",
    open: inBackend((b) => ({
      move: async (source, target, options) => {
        const told = await b.move(source, target, options);
        if (source === target && source === "key" && !options?.replace) await b.delete(source);
        return told;
      },
    })),
  },
  {
    name: "a copy onto an object is not refused",
    killedBy: "copy onto an object may be refused",
    open: inDriver((d) => ({
      copy: (source, target, call) =>
        d.copy(source, target, source === "source" ? { ...call, ifNoneMatch: undefined } : call),
    })),
  },
  {
    name: "a move leaves its source",
    killedBy: "a copy leaves its source, and a move does not",
    open: inDriver((d) => ({
      move: (source, target, call) =>
        source === "b" && target === "c" ? d.copy(source, target, call) : d.move(source, target, call),
    })),
  },
  {
    name: "a stale etag moves all the same",
    killedBy: "move with a stale etag of the source changes nothing",
    open: inDriver((d) => ({
      move: (source, target, call) =>
        d.move(source, target, source === "source" ? { ...call, ifMatch: undefined } : call),
    })),
  },
  {
    name: "create-only looks, and then writes",
    killedBy: "of many that create one key, one wins",
    open: inDriver((d) => ({
      write: async (key, body, a, call) => {
        if (!body.bytes || !call.ifNoneMatch) return d.write(key, body, a, call);
        const there = await d.head(key, call).catch(() => undefined);
        return d.write(key, body, a, there ? call : { ...call, ifNoneMatch: undefined });
      },
    })),
  },
  {
    name: "create-only of a stream looks only before",
    killedBy: "create-only holds for a stream, at its end",
    open: inDriver((d) => ({
      write: async (key, body, a, call) => {
        if (!body.stream || !call.ifNoneMatch) return d.write(key, body, a, call);
        const there = await d.head(key, call).catch(() => undefined);
        return d.write(key, body, a, there ? call : { ...call, ifNoneMatch: undefined });
      },
    })),
  },
  {
    name: "an etag in quotes does not match",
    killedBy: "a put with an etag takes it in quotes, too",
    open: inBackend((b) => ({
      put: (key, data, options) =>
        b.put(
          key,
          data,
          String(options?.ifMatch).startsWith('"') ? { ...options, ifMatch: "stale" } : options,
        ),
    })),
  },
  {
    name: "a swap onto nothing creates",
    killedBy: "a put with an etag onto nothing stores nothing",
    open: inDriver((d) => ({
      write: async (key, body, a, call) => {
        const there = await d.head(key, call).catch(() => undefined);
        return d.write(key, body, a, there || key !== "missing" ? call : { ...call, ifMatch: undefined });
      },
    })),
  },
  {
    name: "NotModified does not say what is there",
    killedBy: "a read of what the reader has already is NotModified, and tells what it is",
    open: inDriver((d) => ({
      read: (key, call) =>
        d.read(key, call).catch((error) => {
          if (StorageError.is(error, "NotModified")) delete (error as { etag?: string }).etag;
          throw error;
        }),
    })),
  },
];
