import { killsEach } from "../kills-each.ts";
import { otherMutants } from "./links-and-life.ts";

killsEach(otherMutants);
