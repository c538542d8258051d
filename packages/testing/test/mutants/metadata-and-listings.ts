import { inBackend, inDriver, type Mutant } from "../mutant.ts";

export const listingMutants: readonly Mutant[] = [
  {
    name: "the metadata of the write before stays",
    killedBy: "an overwrite replaces metadata by metadata",
    open: inDriver((d) => ({
      write: async (key, body, a, call) => {
        const old = await d.head(key, call).catch(() => undefined);
        return d.write(
          key,
          body,
          Object.keys(a.metadata).length > 0 && old?.metadata.key1
            ? { ...a, metadata: { ...old.metadata, ...a.metadata } }
            : a,
          call,
        );
      },
    })),
  },
  {
    name: "metadata values are trimmed",
    killedBy: "metadata values of blanks, at the ends too come back as they were",
    open: inDriver((d) => ({
      write: (key, body, a, call) =>
        d.write(
          key,
          body,
          {
            ...a,
            metadata: Object.fromEntries(
              Object.entries(a.metadata).map(([name, value]) => [name, value.trim()]),
            ),
          },
          call,
        ),
    })),
  },
  {
    name: "metadata that looks encoded is decoded",
    killedBy: "metadata values of what looks encoded come back as they were",
    open: inDriver((d) => ({
      head: async (key, call) => {
        const facts = await d.head(key, call);
        return {
          ...facts,
          metadata: Object.fromEntries(
            Object.entries(facts.metadata).map(([name, value]) => [
              name,
              value.replace(/^=\?UTF-8\?B\?.*/, "x"),
            ]),
          ),
        };
      },
    })),
  },
  {
    name: "an encoding is lost",
    killedBy: "aws-chunked is no encoding of what is stored",
    open: inDriver((d) => ({
      head: async (key, call) => {
        const { contentEncoding, ...facts } = await d.head(key, call);
        return { ...facts, contentEncoding: contentEncoding === "deflate, gzip" ? "gzip" : contentEncoding };
      },
    })),
  },
  {
    name: "a prefix is a folder",
    killedBy: "a prefix is a string, not a folder",
    open: inDriver((d) => ({
      list: async (call) => {
        const page = await d.list(call);
        return {
          ...page,
          entries: page.entries.filter(({ key }) => call.prefix !== "foo" || key.startsWith("foo/")),
        };
      },
    })),
  },
  {
    name: "keys are sorted by UTF-16",
    killedBy: "keys come in the order of their UTF-8 bytes",
    open: inDriver((d) => ({
      list: async (call) => {
        const page = await d.list(call);
        return page.entries.length === 22
          ? { ...page, entries: page.entries.toSorted((a, b2) => (a.key < b2.key ? -1 : 1)) }
          : page;
      },
    })),
  },
  {
    name: "a limit of 0 is none",
    killedBy: "a limit of 0 lists nothing",
    open: inBackend((b) => ({
      listKeys: (options) => b.listKeys(options?.limit === 0 ? { ...options, limit: undefined } : options),
    })),
  },
  {
    name: "a listing stops at 1000",
    killedBy: "more keys than a service lists at once are listed",
    open: inBackend((b) => ({ listKeys: async (options) => (await b.listKeys(options)).slice(0, 1000) })),
  },
  {
    name: "a cursor counts what it has passed",
    killedBy: "a cursor stays right when the key is deleted at which it stands",
    open: inDriver((d) => ({
      list: async (call) => {
        if (call.after !== "b" || call.limit !== 2) return d.list(call);
        const page = await d.list({ ...call, after: undefined, cursor: undefined, limit: 100 });
        return page.entries.some(({ key }) => key === "b")
          ? d.list(call)
          : { ...page, entries: page.entries.slice(2) };
      },
    })),
  },
  {
    name: "startAfter is inclusive",
    killedBy: "startAfter begins behind a key, whether or not it is there",
    open: inDriver((d) => ({
      list: async (call) =>
        call.after === "dir1/b.txt" && call.limit === 1000
          ? d.list({ ...call, after: "dir1/b" })
          : d.list(call),
    })),
  },
  {
    name: "folded prefixes do not count in the limit",
    killedBy: "folded prefixes stand among keys in order, and count in the limit",
    open: inBackend((b) => ({
      listPage: async (options) => {
        const page = await b.listPage(options);
        return options?.limit === 7 && options.delimiter
          ? { ...page, prefixes: page.prefixes.slice(1) }
          : page;
      },
    })),
  },
];
