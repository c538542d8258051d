import { beforeEach, describe, expect, test } from "vitest";
import { partsOf, send, type Told } from "./parts-client.ts";
import { site } from "./site.ts";

let etag: string;
let end: (document: BodyInit) => Promise<Told>;

/** An upload of one part, of which the list is all that is missing. */
beforeEach(async () => {
  const { backend } = await site();
  const { urls, completeUrl } = await partsOf(backend, { size: 5 }, "a.bin");
  etag = (await send(urls[0] ?? "", "PUT", "12345")).etag.slice(1, -1);
  end = (document) => send(completeUrl, "POST", document);
});

const number = "<PartNumber>1</PartNumber>";
const listOf = (part: string): string => `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`;

describe("the list of parts that ends an upload", () => {
  test.each([
    ["as S3's handbook shows it", () => listOf(`<Part>${number}<ETag>"${etag}"</ETag></Part>`)],
    ["with the etag first", () => listOf(`<Part><ETag>"${etag}"</ETag>${number}</Part>`)],
    ["without quotes", () => listOf(`<Part>${number}<ETag>${etag}</ETag></Part>`)],
    ["with quotes as entities", () => listOf(`<Part>${number}<ETag>&quot;${etag}&#34;</ETag></Part>`)],
    ["with hexadecimal entities", () => listOf(`<Part>${number}<ETag>&#x22;${etag}&#x22;</ETag></Part>`)],
    [
      "with a declaration, a namespace and blanks",
      () => `\ufeff<?xml version="1.0" encoding="UTF-8"?>
        <CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
          <Part>
            <PartNumber> 1 </PartNumber>
            <ETag> "${etag}" </ETag>
          </Part>
        </CompleteMultipartUpload>
        `,
    ],
  ])("is taken %s", async (_, document) => {
    expect(await end(document())).toMatchObject({ status: 201 });
  });

  const part = (): string => `<Part>${number}<ETag>${etag}</ETag></Part>`;
  test.each([
    ["nothing", () => ""],
    ["JSON", () => JSON.stringify({ parts: [{ number: 1, etag }] })],
    ["another document", () => part()],
    ["a document that breaks off", () => listOf(part()).slice(0, -3)],
    ["more after its end", () => `${listOf(part())}x`],
    ["two documents", () => listOf(part()) + listOf(part())],
    ["text between the parts", () => listOf(`x${part()}`)],
    ["text after the parts", () => listOf(`${part()}x`)],
    ["a comment", () => listOf(`<!-- -->${part()}`)],
    ["a document type", () => `<!DOCTYPE x [<!ENTITY e "${etag}">]>${listOf(part())}`],
    ["another entity", () => listOf(part().replace(etag, `&amp;${etag}`))],
    ["a part without its number", () => listOf(part().replace(number, ""))],
    ["a part without its etag", () => listOf(`<Part>${number}</Part>`)],
    ["a part with a field more", () => listOf(part().replace("</Part>", "<Size>5</Size></Part>"))],
    ["a number that is none", () => listOf(part().replace("1", "one"))],
    ["a number below 1", () => listOf(part().replace(">1<", ">0<"))],
    ["a number twice", () => listOf(part() + part())],
    ["parts that nobody has", () => listOf(part() + part().replace(">1<", ">2<"))],
    ["bytes that are no text", () => new Uint8Array([0xff, 0xfe, 0x00])],
  ])("is refused when it is %s", async (_, document) => {
    const { status, json } = await end(document());
    expect([status, json.error]).toEqual([400, "InvalidArgument"]);
    expect(await end(listOf(part()))).toMatchObject({ status: 201 });
  });

  test("is refused when it is too long, and is not read to its end", async () => {
    const blanks = " ".repeat(2 ** 20);
    expect(await end(listOf(part() + blanks))).toMatchObject({ status: 413, json: { error: "TooLarge" } });
    expect(await end(`${" ".repeat(1_000_000)}x`)).toMatchObject({ status: 400 });
    expect(await end(`<?xml ${"<".repeat(1_000_000)}`)).toMatchObject({ status: 400 });
    expect(await end(listOf(`<Part>${" ".repeat(1_000_000)}`))).toMatchObject({ status: 400 });
  });
});
