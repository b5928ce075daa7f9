import { expect, test } from "@jest/globals";
import { maskPersonal } from "../../../scripts/lib/classify/mask.ts";

test.each([
  ["call +7 (921) 555-01-23 now", "call [phone] now"],
  ["89215550123", "[phone]"],
  ["мой номер 8 921 555 01 23, звоните", "мой номер [phone], звоните"],
  ["write to ivan.petrov@mail.example.com", "write to [e-mail]"],
  ["иван@почта.рф", "[e-mail]"],
  ["card 4111 1111 1111 1111 please", "card [card] please"],
  ["4111-1111-1111-1111", "[card]"],
  ["see https://example.com/a?token=1 and www.example.org/x", "see [link] and [link]"],
  ["t.me/shop and wa.me/79215550123", "[link] and [link]"],
  ["HTTP://EXAMPLE.COM", "[link]"],
  ["заходите на магазин.рф", "заходите на [link]"],
])("%j becomes %j", (text, masked) => {
  expect(maskPersonal(text)).toBe(masked);
});

test.each([
  "it costs 12 500 and comes on 12.11.2025 at 10:40",
  "order 123456, size 42",
  "3 for the price of 2",
  "Нет. Да. Ок.",
  "a.pdf and b.docx",
])("%j stays as it is", (text) => {
  expect(maskPersonal(text)).toBe(text);
});

test("A megabyte of nearly addresses is masked in a moment", () => {
  const startedAt = performance.now();
  for (const hostile of ["a.", "1 ", "a@", "+(", "www."]) maskPersonal(hostile.repeat(1_000_000 / hostile.length));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
