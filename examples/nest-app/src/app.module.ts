import { Inject, Module, type OnModuleDestroy } from "@nestjs/common";
import { easyStorage } from "@storage/auto";
import type { StorageBackend } from "@storage/core";
import { AvatarsController } from "./avatars.controller";
import { STORAGE } from "./storage";

@Module({
  controllers: [AvatarsController],
  providers: [{ provide: STORAGE, useFactory: () => easyStorage() }],
})
export class AppModule implements OnModuleDestroy {
  constructor(@Inject(STORAGE) private readonly storage: StorageBackend) {}

  async onModuleDestroy(): Promise<void> {
    await this.storage.close();
  }
}
