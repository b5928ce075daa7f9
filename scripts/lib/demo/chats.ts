/** Made-up chats in Russian and English, the same each time. Nobody in them exists. */
import type { Faker } from "@faker-js/faker";
import { faker as english } from "@faker-js/faker/locale/en";
import { faker as russian } from "@faker-js/faker/locale/ru";
import { ENGLISH, RUSSIAN, type Talk } from "./talk.ts";

const TODAY = new Date("2025-11-01T12:00:00Z");
const MINUTE_MS = 60_000;

/** What is said, by whom, when. */
export interface Line {
  readonly side: "customer" | "agent";
  readonly text: string;
  /** At a full minute: some services tell no seconds. */
  readonly at: Date;
}

export interface Chat {
  readonly name: string;
  /** Written as people do. */
  readonly phone: string;
  readonly nick: string;
  /** Oldest first. */
  readonly lines: readonly Line[];
}

/** Makes so many chats up; the same seed makes the same ones. */
export function makeChats(count: number, seed: number): Chat[] {
  for (const [faker, own] of [
    [english, seed],
    [russian, seed + 1],
  ] as const) {
    faker.seed(own); // two seeds, or they would draw the same numbers
    faker.setDefaultRefDate(TODAY);
  }
  return Array.from({ length: count }, (_, i) => (i % 5 < 3 ? chatIn(russian, RUSSIAN) : chatIn(english, ENGLISH)));
}

function chatIn(faker: Faker, talk: Talk): Chat {
  const digits = faker.string.numeric(9);
  const lines: Line[] = [];
  let at = Math.floor(faker.date.recent({ days: 200 }).getTime() / MINUTE_MS) * MINUTE_MS;
  for (let turn = faker.number.int({ min: 2, max: 120 }); turn > 0; turn--) {
    at += faker.number.int({ min: 0, max: 90 }) * MINUTE_MS;
    const side = faker.helpers.arrayElement(["customer", "agent"] as const);
    lines.push({ side, text: faker.helpers.arrayElement(talk[side])(faker), at: new Date(at) });
  }
  return {
    name: faker.person.fullName(),
    phone: `+7 9${digits.slice(0, 2)} ${digits.slice(2, 5)}-${digits.slice(5)}`,
    nick: `@${faker.string.alpha({ length: 6, casing: "lower" })}_${digits.slice(0, 3)}`,
    lines,
  };
}
