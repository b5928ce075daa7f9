/** A stand-in and the account of it that a test asks. */
import { afterEach } from "@jest/globals";
import { type Api, type ApiSettings, openApi } from "../../../scripts/lib/http/api.ts";
import { type Answer, type Asked, type StandIn, startStandIn } from "../../helpers/stand-ins/stand-in.ts";

export interface Service extends StandIn {
  /** Everything that people were told, in order; "" when it went on. */
  readonly said: string[];
  readonly stop: AbortController;
  /** Opens an account of it. */
  open(settings?: Partial<ApiSettings>): Api;
}

const started: StandIn[] = [];

afterEach(async () => {
  for (const standIn of started.splice(0)) await standIn.close();
});

/** Answers with the path and the query, or with what is given. The test's end closes it. */
export async function startService(answerTo: (asked: Asked) => Answer | Promise<Answer> = echo): Promise<Service> {
  const standIn = await startStandIn(answerTo);
  started.push(standIn);
  const said: string[] = [];
  const stop = new AbortController();
  const open = (settings: Partial<ApiSettings> = {}): Api =>
    openApi({
      name: "Echo",
      baseUrl: standIn.url,
      options: {},
      signal: stop.signal,
      waits: (reason) => said.push(reason ?? ""),
      ...settings,
    });
  return { ...standIn, said, stop, open };
}

const echo = ({ path, query }: Asked): Answer => ({ body: { path, query: Object.fromEntries(query) } });

/** What a promise was rejected with. */
export const rejected = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    (value) => {
      throw new Error(`Nothing was thrown, but this came: ${JSON.stringify(value)}`);
    },
    (error: Error) => error,
  );
