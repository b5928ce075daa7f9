import { UserError } from "../errors.ts";
import { keepSecret } from "../report/redact.ts";

/** Where a model is, as the environment says. */
export interface Endpoint {
  readonly baseURL: string;
  readonly model: string;
  readonly apiKey: string;
}

const EXAMPLES = { CLASSIFIER_BASE_URL: "http://localhost:11434/v1", CLASSIFIER_MODEL: "llama3.1" } as const;

/** Reads CLASSIFIER_BASE_URL, CLASSIFIER_MODEL and CLASSIFIER_API_KEY. Throws a UserError that says what is missing. */
export function endpointIn(env: NodeJS.ProcessEnv): Endpoint {
  const baseURL = needed(env, "CLASSIFIER_BASE_URL");
  const model = needed(env, "CLASSIFIER_MODEL");
  if (!URL.canParse(baseURL) || !/^https?:$/.test(new URL(baseURL).protocol))
    throw new UserError(`CLASSIFIER_BASE_URL must be an address such as ${EXAMPLES.CLASSIFIER_BASE_URL}.`);
  const apiKey = env.CLASSIFIER_API_KEY ?? "";
  keepSecret(apiKey);
  // A model on this machine asks for no key, but the client wants one.
  return { baseURL, model, apiKey: apiKey === "" ? "none" : apiKey };
}

function needed(env: NodeJS.ProcessEnv, name: keyof typeof EXAMPLES): string {
  const value = env[name] ?? "";
  if (value === "") throw new UserError(`--classifier llm needs ${name}, such as ${EXAMPLES[name]}.`);
  return value;
}
