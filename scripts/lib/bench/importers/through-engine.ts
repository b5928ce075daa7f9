/** A whole run that stores made-up threads. Started as a process of its own on DATABASE_URL with the number of messages. */
import { runScript } from "../../main.ts";
import { batchOf } from "./batch.ts";
import { makeThreads } from "./threads.ts";

const batch = batchOf({
  threads: async function* () {
    yield* makeThreads(Number(process.argv[2]));
  },
  usage: () => ({ requests: 0 }),
});

process.exitCode = await runScript(batch, ["--json"]);
