// With the handlers of this package alone.
import { acceptUpload, errorAnswer, type HttpHandler, serveFiles, toNodeHandler } from "../../src/index.ts";
import { formPrefix, mostBytes, serveUploads } from "../serve-uploads.ts";

await serveUploads((backend, onError) => {
  const files = serveFiles(backend, { onError });
  /** As an application has it; the name of a file is not looked at. */
  const forms: HttpHandler = async (request) => {
    try {
      const { body } = await acceptUpload(request, { maxBytes: mostBytes });
      await backend.put(decodeURIComponent(request.url.slice(formPrefix.length)), body);
      return { status: 201, headers: {} };
    } catch (error) {
      const answer = errorAnswer(error, request);
      if (answer.status >= 500) onError(error);
      return answer;
    }
  };
  return (req, res) => toNodeHandler(req.url?.startsWith(formPrefix) ? forms : files)(req, res);
});
