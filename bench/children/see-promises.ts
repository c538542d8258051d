import { seenPromises } from "../promises/promises.ts";
import { answer, taskOf } from "../task.ts";

export interface PromisesTask {
  readonly folder: string;
  readonly torn: number;
}

const { folder, torn } = taskOf<PromisesTask>();
answer(await seenPromises(folder, torn));
