import { killsEach } from "../kills-each.ts";
import { kindMutants } from "./every-kind.ts";

killsEach(kindMutants);
