// What a page of an application does with links, without a library: served by ../signed-links-page.test.ts.

/** The text behind a link, or a number that says why there is none. */
export async function get(url) {
  const answer = await fetch(url);
  return answer.ok ? await answer.text() : answer.status;
}

/** Sends it the way that the signed upload says. Resolves to the status of the last answer. */
export async function upload({ method, url, headers, fields, parts }, file) {
  if (parts) return await inParts(parts, file);
  const answer = await fetch(url, { method, headers, body: fields ? formOf(fields, file) : file });
  return answer.status;
}

function formOf(fields, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  return form;
}

async function inParts({ urls, partSize, completeUrl }, file) {
  const etags = await Promise.all(
    urls.map(async (url, at) => {
      const body = file.slice(at * partSize, (at + 1) * partSize);
      const answer = await fetch(url, { method: "PUT", body });
      // Hidden from a page of another origin, unless the bucket exposes it.
      const etag = answer.headers.get("etag");
      if (!answer.ok || etag === null) throw new Error(`part ${at + 1}: ${answer.status}, etag ${etag}`);
      return etag;
    }),
  );
  const part = (etag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${etag}</ETag></Part>`;
  const body = `<CompleteMultipartUpload>${etags.map(part).join("")}</CompleteMultipartUpload>`;
  const answer = await fetch(completeUrl, { method: "POST", body });
  return (await answer.text()).includes("<Error>") ? 500 : answer.status;
}
