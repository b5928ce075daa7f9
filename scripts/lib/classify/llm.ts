/** Asks a language model at an OpenAI-compatible endpoint, be it a vendor's or one on this machine. */
import OpenAI from "openai";
import { RunFailed } from "../errors.ts";
import { jsonOf } from "../http/answer.ts";
import { withAttempts } from "../http/attempts.ts";
import { ItemRefused } from "../http/errors.ts";
import { connect } from "../http/exchange.ts";
import { Limiter } from "../http/limiter.ts";
import { storable } from "../storable.ts";
import { Budget, type Caps } from "./budget.ts";
import type { Chat, Classifier, Tag, Verdict } from "./classifier.ts";
import { endpointIn } from "./endpoint.ts";
import { maskPersonal } from "./mask.ts";
import {
  ANSWER_TOKENS,
  answerSchema,
  instructionsFor,
  type Prompt,
  promptFor,
  tokensFor,
  versionOf,
} from "./prompt.ts";

const SERVICE = "The classifier";
const TIMEOUT_MS = 60_000;
const MAX_WAIT_MS = 60_000;
const MAX_BYTES = 1024 ** 2;
const MAX_REASON_LENGTH = 200;

export interface LlmSettings extends Caps {
  readonly tags: readonly Tag[];
  readonly env: NodeJS.ProcessEnv;
  readonly concurrency: number;
  readonly timeoutMs?: number | undefined;
  readonly maxWaitMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly waits: (reason: string | undefined) => void;
}

export interface LlmClassifier extends Classifier {
  /** About what asking would cost, in tokens; undefined for a chat that needs no asking. */
  foresee(chat: Chat): number | undefined;
  /** Since it was last asked. */
  usage(): { requests: number; tokens: number; waitedSeconds: number };
}

/** Reads CLASSIFIER_BASE_URL, CLASSIFIER_API_KEY and CLASSIFIER_MODEL. Throws a UserError that says what is missing. */
export function llmClassifier(settings: LlmSettings): LlmClassifier {
  const { tags, env, concurrency, signal, waits } = settings;
  const { baseURL, apiKey, model } = endpointIn(env);
  const instructions = instructionsFor(tags);
  const schema = answerSchema(tags);
  const budget = new Budget(settings);
  const limiter = new Limiter({ concurrency }, { signal, waits });
  const patience = { limiter, maxWaitMs: settings.maxWaitMs ?? MAX_WAIT_MS, signal, waits, waiting: true };
  const fetchPatiently = fetcherOf(settings, patience, budget);
  // Attempts and time-outs are ours, as for every other service.
  const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 2 ** 31 - 1, fetch: fetchPatiently });

  async function ask(prompt: Prompt): Promise<Verdict> {
    const reserved = tokensFor(prompt);
    budget.reserve(reserved);
    let cost = 0;
    try {
      const { choices, usage } = await client.chat.completions.create({
        model,
        temperature: 0,
        max_tokens: ANSWER_TOKENS,
        response_format: { type: "json_object" },
        messages: [
          { role: "system", content: prompt.system },
          { role: "user", content: prompt.user },
        ],
      });
      cost = usage?.total_tokens ?? reserved;
      return verdictIn(choices?.[0]?.message, schema);
    } catch (error) {
      throw ourErrorIn(error);
    } finally {
      budget.settle(reserved, cost);
    }
  }

  return {
    name: "llm",
    version: versionOf(model, instructions),
    classify: (chat) => (isEmpty(chat) ? EMPTY : ask(promptFor(chat, instructions))),
    foresee: (chat) => (isEmpty(chat) ? undefined : tokensFor(promptFor(chat, instructions))),
    usage: () => ({ ...budget.take(), waitedSeconds: limiter.takeWaitedSeconds() }),
  };
}

/** Nobody needs to be asked what a chat without words is about. */
const EMPTY: Verdict = { tag: "untagged", confidence: 1, reason: "no text" };
const isEmpty = ({ lines }: Chat): boolean => lines.every(({ text }) => text.trim() === "");

/** `fetch` for the client, with the attempts, waits and bounds that every service is asked with. */
function fetcherOf(
  { timeoutMs = TIMEOUT_MS }: LlmSettings,
  patience: Parameters<typeof withAttempts>[0],
  budget: Budget,
): typeof fetch {
  // An answer that is under way may cost something already: it is waited for, whoever asks the run to stop.
  const { signal } = new AbortController();
  const onRequest = () => budget.request();
  const exchange = connect({ service: SERVICE, headers: {}, timeoutMs, maxBytes: MAX_BYTES, signal, onRequest });
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = Object.fromEntries(new Headers(init?.headers));
    const asked = { service: SERVICE, path: url.pathname };
    const body = String(init?.body ?? "");
    const { text, status } = await withAttempts(patience, asked, () => exchange(url, body, headers));
    return new Response(text, { status, headers: { "content-type": "application/json" } });
  };
}

/** The client wraps what `fetch` throws; what it says itself, such as of a body that is not JSON, concerns this chat only. */
function ourErrorIn(error: unknown): unknown {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (inner instanceof RunFailed || inner.name === "MustWait" || inner.name === "Interrupted") return inner;
  }
  return new ItemRefused(`${SERVICE} answered with what can't be read.`, { code: "NOT_JSON", cause: error });
}

/** Throws ItemRefused for whatever is not one of the tags with a confidence; never quotes it. */
function verdictIn(
  message: { content?: string | null; refusal?: string | null } | undefined,
  schema: ReturnType<typeof answerSchema>,
): Verdict {
  if (message?.refusal) throw new ItemRefused(`${SERVICE} refused to answer.`, { code: "REFUSED" });
  const value = jsonOf(withoutFence(message?.content ?? ""));
  if (value === undefined) throw new ItemRefused(`${SERVICE} answered with what is not JSON.`, { code: "NOT_JSON" });
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return { ...data, reason: storable(maskPersonal(data.reason).slice(0, MAX_REASON_LENGTH)) };
  const [issue] = error.issues;
  const what = `${issue?.path.join(".") || "the whole"}: ${issue?.message}`;
  throw new ItemRefused(`${SERVICE} answered otherwise than asked: ${what}`, { code: "SCHEMA" });
}

/** Some models put their JSON into a block of Markdown, whatever they are told. */
const withoutFence = (text: string): string => /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/.exec(text)?.[1] ?? text;
