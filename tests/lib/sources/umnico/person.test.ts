import { describe, expect, test } from "@jest/globals";
import { personOf, shortened } from "../../../../scripts/lib/sources/umnico/person.ts";

const shown = (display: string, more: Partial<Parameters<typeof personOf>[0]> = {}) =>
  personOf({ dialog: "501", display, clientPhone: "", clientTelegram: "", senderName: "", ...more });

describe("What Umnico shows as a name", () => {
  test.each([
    "+995 599 12-34-56",
    "995599123456",
    "+995 (599) 123.456",
    "[995] 599 123 456",
    "995\u00a0599\u00a0123456",
  ])("is a phone: %p", (display) => {
    expect(shown(display)).toEqual({ key: "phone:995599123456", phone: "995599123456" });
  });

  test.each([
    ["@Ivan_P", "nick:ivan_p", "Ivan_P"],
    ["@ivan", "nick:ivan", "ivan"],
    ["ivan_petrov", "nick:ivan_petrov", "ivan_petrov"],
    ["Ivan1990", "nick:ivan1990", "Ivan1990"],
    ["123456789", "nick:123456789", "123456789"],
    ["1234567890123456", "nick:1234567890123456", "1234567890123456"],
  ])("is a nick, never a phone: %p", (display, key, nick) => {
    expect(shown(display)).toEqual({ key, nick });
  });

  test.each(["Ivan Petrov", "Иван", "Ivan", "ООО Ромашка-24", "tel. 995599123456", "+7 (999)"])(
    "is a name, and the person is the dialog's: %p",
    (name) => {
      expect(shown(name)).toEqual({ key: "dialog:501", name });
    },
  );

  test.each(["", "@"])("says nothing: %p", (display) => {
    expect(shown(display)).toEqual({ key: "dialog:501" });
  });
});

test("what the second version of the service tells goes before what is shown", () => {
  expect(shown("Ivan", { clientPhone: "+7 999 123-45-67" })).toEqual({
    key: "phone:79991234567",
    phone: "79991234567",
    name: "Ivan",
  });
  expect(shown("Ivan", { clientTelegram: "@Ivan.P" })).toEqual({ key: "nick:ivan.p", nick: "Ivan.P", name: "Ivan" });
  expect(shown("+7 999 123-45-67", { clientTelegram: "ivan" })).toMatchObject({
    key: "phone:79991234567",
    nick: "ivan",
  });
  expect(shown("Ivan", { clientPhone: "hidden" })).toEqual({ key: "dialog:501", name: "Ivan" });
});

test("the name that messages carry is used, unless it is the phone or the nick again", () => {
  expect(shown("+7 999 123-45-67", { senderName: "Ivan" })).toMatchObject({ name: "Ivan" });
  expect(shown("@ivan_p", { senderName: "79991234567" })).not.toHaveProperty("name");
});

test("a line shows enough to recognise somebody, and too little to call them", () => {
  expect(["+995 599 12-34-56", "@ivan_p", "Иван", ""].map(shortened)).toEqual(["995599***", "@iv***", "Ива***", "***"]);
});
