/** Which names and values look like a secret, and which only sound like one. */
import { expect, test } from "@jest/globals";
import batch from "../../../scripts/migrations/backfill-memory-notes.ts";
import { rowsOf } from "../../helpers/crm.ts";
import { useDatabase } from "../../helpers/database.ts";
import { numbersOf, runInProcess } from "../../helpers/script.ts";
import { addRemembering } from "./states.ts";

const db = useDatabase();

// biome-ignore format: a table
const SECRET_NAMES = [
  "password", "Password2", "passwd", "user_password", "passwordHash", "db-pwd", "pass", "passphrase", "PASSCODE",
  "secret", "clientSecret", "client_secrets", "token", "access_token", "accessToken", "accesstoken", "refreshTokens", "csrf-token",
  "api_key", "apikey", "apiKey", "API_KEY", "APIKey", "x-api-key", "stripe.api.key", "private_key", "privateKey", "ssh_key", "accessKey",
  "authorization", "Authorization", "auth", "oauth", "auth_method", "basicAuth", "credential", "credentials", "jwt", "bearer",
  "cookie", "Cookies", "sessionid", "session_id", "sessionId", "PHPSESSID", "sid", "otp", "TOTP", "pin", "PIN", "pin_code", "pincode",
  "cvv", "CVV2", "cvc", "card_number", "cardNumber", "card-no", "credit_card", "pan", "ssn", "verification_code", "2fa_code",
  "backupCodes", "connectionString", "пароль", "ПАРОЛЬ", "пароль_от_почты", "токен", "секретный ключ", "пин-код", "код из смс",
  "номер карты", "Ключ API",
];

// biome-ignore format: a table
const HARMLESS_NAMES = [
  "author", "authority", "authored_by", "authorized", "pinned", "pins_and_needles", "pinterest", "spin", "opinion", "keyboard",
  "key", "public_key", "monkey", "hotkeys_shown", "secretary", "tokenized", "cookie_consent", "cookies_accepted", "passport_stamps",
  "passenger", "compass", "bypass", "boarding_pass", "session", "card", "card_type", "cards", "company", "panda", "side", "cvs",
  "option", "topic", "zip_code", "promo_code", "ключевые слова", "карта",
];

/** The names that made a note, after a dry run that foretold it. */
async function namesKept(state: Record<string, unknown>): Promise<string[]> {
  await addRemembering(db, state);
  const dry = await runInProcess(batch, db, ["--dry-run"]);
  const run = await runInProcess(batch, db, ["--verbose"]);
  expect(numbersOf(dry)).toEqual(numbersOf(run));
  const kept = (await rowsOf(db, "MemoryNote")).map(({ metadata }) => metadata.key);
  expect(run.document.skipped).toMatchObject({ secret: Object.keys(state).length - kept.length, empty: 0 });
  return kept.sort();
}

const each = (names: readonly string[], value: unknown) => Object.fromEntries(names.map((name) => [name, value]));

test("names that look like a secret's are left out, whatever their value", async () => {
  expect(await namesKept(each(SECRET_NAMES, "x"))).toEqual([]);
});

test.each([[1234], [{ a: "x" }], [["x"]]])("also with the value %j", async (value) => {
  expect(await namesKept(each(SECRET_NAMES, value))).toEqual([]);
});

test("names that only sound like one are kept", async () => {
  expect(await namesKept(each(HARMLESS_NAMES, "x"))).toEqual([...HARMLESS_NAMES].sort());
});

test("numbers of tokens are kept, texts under such names are not", async () => {
  const names = ["tokens_used", "max_tokens", "totalTokens", "prompt_tokens", "token_count", "tokenLimit"];
  expect(await namesKept({ ...each(names, 512), token_used: "x", count_of_tokens: "12", token: 512 })).toEqual(
    names.sort(),
  );
});

/** Made up, all of it: put together here, so that no scanner takes the file for a leak. */
const DIGITS = "0123456789";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
// biome-ignore format: a table
const SECRET_VALUES: readonly (readonly [what: string, value: unknown])[] = [
  ["a signed token", `eyJ${LETTERS}.eyJ${LETTERS}.${DIGITS}`],
  ["a signed token within words", `he sent eyJ${LETTERS}.eyJ${LETTERS} twice`],
  ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${LETTERS}\n-----END RSA PRIVATE KEY-----`],
  ["a header that logs in", `Authorization is Bearer ${LETTERS}${DIGITS}`],
  ["basic authentication", `basic ${LETTERS}${DIGITS}==`],
  ["a key of an AI service", `sk-proj-${LETTERS}${DIGITS}`],
  ["a key of a payment service", `sk_live_${LETTERS}${DIGITS}`],
  ["a token of a code host", `ghp_${DIGITS}${LETTERS}`],
  ["a token of a chat service", `xoxb-${DIGITS}-${LETTERS}`],
  ["a key of a cloud", `AKIA${"ABCDEFGH"}${DIGITS.slice(0, 8)}`],
  ["a bot's token", `${DIGITS}:AA${LETTERS}1234567`],
  ["a URL with a password", `postgresql://ada:${LETTERS}@db.example/crm`],
  ["a URL with a token", `https://x.example/?a=1&access_token=${LETTERS}`],
  ["a password that is named", "her password: tea4two"],
  ["one that is named in Russian", "Пароль: чай123"],
  ["JSON that names one", `{"client_secret": "${LETTERS}"}`],
  ["the number of a card", "4111111111111111"],
  ["the number of a card in fours", "pays with 4111 1111 1111 1111 12/29"],
  ["the number of a card with hyphens", "5555-5555-5555-4444"],
  ["the number of a card of fifteen digits", "3782 822463 10005"],
  ["the number of a card as a number", 4111111111111111],
  ["a card in a list", ["tea", "4111111111111111"].slice(1)],
];

test.each(SECRET_VALUES)("%s is left out under any name, and at any depth", async (_, value) => {
  const names = await namesKept({
    note: value,
    deep: [{ a: [{ b: value }] }],
    harmless: "tea",
    both: { a: "tea", b: value },
  });
  expect(names).toEqual(["both", "harmless"]);
  const texts = (await rowsOf(db, "MemoryNote")).map(({ content }) => content).sort();
  expect(texts).toEqual(["both: a: tea", "harmless: tea"]);
});

test.each([
  "+7 (495) 123-45-67 89",
  "4111111111111112",
  "1762851600000",
  "order 9223372036854775807",
  "bearer of good news",
  "basic package",
  "https://x.example/a:b?key=1&page=2",
  "sk-translation-department",
  "meet at 10:30, token of thanks",
  "a-b-c 2025-11-09T10:40:00Z",
])("%j is no secret", async (value) => {
  expect(await namesKept({ note: value })).toEqual(["note"]);
});

test("a key that is a secret itself is left out, and no line shows it", async () => {
  const key = `sk-proj-${LETTERS}${DIGITS}`;
  await addRemembering(db, { [key]: true, fine: { [key]: 1, a: "tea" }, pin: "4321", api_key: `key-${DIGITS}` });
  const { document, output } = await runInProcess(batch, db, ["--verbose"]);
  expect(document.skipped.secret).toBe(3);
  expect((await rowsOf(db, "MemoryNote")).map(({ content }) => content)).toEqual(["fine: a: tea"]);
  expect(output).toMatch(/ "fine" create\n/);
  expect(output.match(/ secret\n/g)).toHaveLength(3);
  expect(output).not.toMatch(/sk-proj|4321|key-0123|tea/);
});

test("a secret is left out of what is kept, at any depth", async () => {
  await addRemembering(db, {
    shop: {
      login: "ada",
      password: "x",
      keys: { apiKey: "y", colour: "red" },
      list: ["a", `sk-${LETTERS}${DIGITS}`, "b"],
    },
    only: { auth: { user: "ada", password: "x" } },
  });
  const { document } = await runInProcess(batch, db);
  expect(document.skipped).toMatchObject({ secret: 1, empty: 0 });
  expect((await rowsOf(db, "MemoryNote")).map(({ content }) => content)).toEqual([
    "shop: keys colour: red; list: a, b; login: ada",
  ]);
});

test("a value that became a secret leaves the note as it is", async () => {
  await addRemembering(db, { door: "the blue one" });
  await runInProcess(batch, db);
  await db.query(`update "Lead" set state_metadata = jsonb_build_object('door', 'password: tea4two')`);
  const { document } = await runInProcess(batch, db);
  expect(document.skipped).toMatchObject({ secret: 1 });
  expect((await rowsOf(db, "MemoryNote")).map(({ content }) => content)).toEqual(["door: the blue one"]);
});
