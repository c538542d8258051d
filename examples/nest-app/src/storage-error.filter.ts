import { type ArgumentsHost, Catch } from "@nestjs/common";
import { BaseExceptionFilter } from "@nestjs/core";
import { storageErrors } from "@storage/express";

/** A missing file is a 404 and a refused upload says why; everything else is Nest's. */
@Catch()
export class StorageErrorFilter extends BaseExceptionFilter {
  override catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    storageErrors()(error, http.getRequest(), http.getResponse(), () => super.catch(error, host));
  }
}
