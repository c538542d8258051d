import { NestFactory } from "@nestjs/core";
import { AppModule } from "./app.module";
import { configure } from "./configure";

async function bootstrap(): Promise<void> {
  const app = await NestFactory.create(AppModule);
  await configure(app);
  await app.listen(process.env.PORT ?? 8000);
}
void bootstrap();
