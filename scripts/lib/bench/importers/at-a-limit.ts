/**
 * A whole run that fetches threads at the pace that a service allows. Started as a process of its own on DATABASE_URL with the
 * service's address, the number of requests, and how many of them a second are allowed.
 */
import { z } from "zod";
import { type Api, openApi } from "../../http/api.ts";
import { runScript } from "../../main.ts";
import type { Context } from "../../task.ts";
import type { Thread } from "../../thread.ts";
import { batchOf } from "./batch.ts";

const ANSWER = z.object({ threads: z.array(z.custom<Thread>((value) => typeof value === "object" && value !== null)) });

const [, , baseUrl = "", requests, perSecond] = process.argv;
let api: Api | undefined;

function open({ signal, waits }: Context): Api {
  const pace = { everyMs: 1_000 / Number(perSecond) };
  return openApi({ name: "The benchmark's service", baseUrl, pace, options: {}, signal, waits });
}

const batch = batchOf({
  threads: async function* (context) {
    api = open(context);
    for (let page = 0; page < Number(requests); page += 1) yield* (await api.get("/threads", ANSWER, { page })).threads;
  },
  usage: () => ({ requests: api?.usage().requests ?? 0 }),
});

process.exitCode = await runScript(batch, ["--json"]);
