import type { MultipartError, PartInfo } from "multipasta";
import type { AcceptOptions } from "./accept-options.ts";
import { fileNameOf, headerParameters } from "./header-parameters.ts";
import { brokenOff, invalid } from "./refusals.ts";

/** What a form holds, in its order: text fields, and one file between them. */
export type FormEvent =
  | { readonly kind: "field"; readonly name: string; readonly value: string }
  | { readonly kind: "file"; readonly fileName: string; readonly claimedType: string }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  readonly isFile: boolean;
  readonly type: string;
}

type FormLimits = Pick<AcceptOptions, "field" | "maxFields" | "maxFieldBytes">;

const mostFields = 32;
const mostFieldBytes = 16 * 1024;
/** That the parser takes for the headers of one part. */
const partHeaders = 16 * 1024;

/** The bytes of a form beside its file: fields, headers, and a little before the first and after the last. */
export function roomBesideFile({
  maxFields = mostFields,
  maxFieldBytes = mostFieldBytes,
}: FormLimits): number {
  return 64 * 1024 + (maxFields + 1) * (maxFieldBytes + partHeaders);
}

/** Feeds a form to the parser, and gives what was found in each chunk. */
export interface FormReader {
  write(chunk: Uint8Array): readonly FormEvent[];
  /** What the end still brings. @throws HttpError for a form that broke off. */
  end(): readonly FormEvent[];
}

/** @throws HttpError 400, from `write` and `end`, for a form that is malformed, too large, or has two files. */
export async function formReader(boundary: string, limits: FormLimits): Promise<FormReader> {
  const { make } = await import("multipasta");
  const form = new Form(limits);
  const parser = make({
    headers: { "content-type": `multipart/form-data; boundary="${boundary}"` },
    maxFieldSize: limits.maxFieldBytes ?? mostFieldBytes,
    isFile: (info) => form.begin(info),
    onField: (_info, value) => form.field(value),
    onFile: () => form.file(),
    onDone: () => form.close(),
    onError: (error) => form.fail(error),
  });
  const parse = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return;
    try {
      parser.write(bytes);
    } catch (error) {
      // The parser decodes `filename*` before it asks anybody, and so throws where it can't.
      throw error instanceof URIError ? malformed() : error;
    }
  };
  let held = new Uint8Array();
  return {
    write(chunk) {
      form.count(chunk.length);
      const { whole, dashes } = withoutDashes(joined(held, chunk));
      held = dashes;
      parse(whole);
      return form.taken();
    },
    end() {
      parse(held);
      parser.end();
      if (!form.isClosed) throw brokenOff();
      return form.taken();
    },
  };
}

/** What the parser finds, checked. It calls back while it is written to, so that a throw ends the form. */
class Form {
  isClosed = false;
  readonly #limits: FormLimits;
  #events: FormEvent[] = [];
  #part: Part | undefined;
  #fields = 0;
  #files = 0;
  #besideFile = 0;

  constructor(limits: FormLimits) {
    this.#limits = limits;
  }

  taken(): readonly FormEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Also before the first part and after the last, where the parser counts nothing. */
  count(bytes: number): void {
    // What was last written may still be found to be the file's.
    if (this.#besideFile > roomBesideFile(this.#limits))
      throw invalid("The form has too much beside its file.");
    this.#besideFile += bytes;
  }

  begin(info: PartInfo): boolean {
    // What follows the end is nobody's, and goes where a file would be.
    if (this.isClosed) return true;
    this.#part = partOf(info);
    if (!this.#part.isFile && ++this.#fields > (this.#limits.maxFields ?? mostFields)) {
      throw invalid("The form has too many fields.");
    }
    return this.#part.isFile;
  }

  field(bytes: Uint8Array): void {
    const { name } = this.#ended();
    if (name.length + bytes.length > (this.#limits.maxFieldBytes ?? mostFieldBytes)) throw tooLargeField();
    this.#events.push({ kind: "field", name, value: new TextDecoder().decode(bytes) });
  }

  file(): (chunk: Uint8Array | null) => void {
    const part = this.#part;
    let hasBegun = false;
    return (bytes) => {
      if (this.isClosed || part === undefined) return;
      // A browser sends an empty part without a name where no file was chosen.
      if (!hasBegun && (bytes !== null || part.fileName !== "")) this.#begun(part);
      hasBegun = true;
      if (bytes === null) this.#ended();
      else this.#bytes(bytes);
    };
  }

  #begun({ name, fileName = "", type }: Part): void {
    const { field } = this.#limits;
    if (field !== undefined && name !== field) throw invalid(`The file has to be in the field "${field}".`);
    if (++this.#files > 1) throw invalid("The form has more than one file.");
    this.#events.push({ kind: "file", fileName, claimedType: type });
  }

  #bytes(bytes: Uint8Array): void {
    this.#besideFile -= bytes.length;
    this.#events.push({ kind: "bytes", bytes });
  }

  /** The parser ends a part twice when the next one breaks off among its headers. */
  #ended(): Part {
    const part = this.#part;
    if (part === undefined) throw malformed();
    this.#part = undefined;
    return part;
  }

  close(): void {
    this.isClosed = true;
  }

  fail(error: MultipartError): void {
    // `end` sees for itself whether the end was reached.
    if (this.isClosed || error._tag === "EndNotReached") return;
    throw error._tag === "ReachedLimit" ? tooLargeField() : malformed();
  }
}

const malformed = (): Error => invalid("The form is malformed.");
const tooLargeField = (): Error => invalid("A field of the form is too large.");

/** From the headers themselves: the parser loses every name that has more than Latin letters. */
function partOf({ headers }: PartInfo): Part {
  const { "content-disposition": disposition, "content-type": type = "" } = headers;
  const parsed = typeof disposition === "string" ? headerParameters(disposition) : undefined;
  const name = parsed?.parameters.get("name");
  if (parsed?.value !== "form-data" || name === undefined) throw malformed();
  if (typeof type !== "string" || /^multipart\//i.test(type)) throw malformed();
  const fileName = fileNameOf(parsed);
  return { name, fileName, isFile: fileName !== undefined || /^application\/octet-stream/i.test(type), type };
}

/**
 * The parser (multipasta 0.2.8) does not know the end of a form again that it gets in two pieces with
 * one of its two last dashes in each, so that dashes at the end of a chunk wait for the next one.
 */
function withoutDashes(bytes: Uint8Array): { whole: Uint8Array; dashes: Uint8Array<ArrayBuffer> } {
  let at = bytes.length;
  while (at > 0 && at > bytes.length - 2 && bytes[at - 1] === 0x2d) at--;
  return { whole: bytes.subarray(0, at), dashes: bytes.slice(at) };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
