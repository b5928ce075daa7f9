import { testKillsOf } from "./matrix.ts";
import { CONVERSATIONS } from "./subjects.ts";

testKillsOf(CONVERSATIONS);
