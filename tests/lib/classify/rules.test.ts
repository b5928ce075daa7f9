import { expect, test } from "@jest/globals";
import type { Chat, Line } from "../../../scripts/lib/classify/classifier.ts";
import { ruleClassifier } from "../../../scripts/lib/classify/rules.ts";
import { readTags } from "../../../scripts/lib/classify/tags.ts";

const classifier = ruleClassifier(readTags());

/** Lines separated by " / "; ">" before one of the business. */
function chatOf(text: string, unanswered = false): Chat {
  const lines = text.split(" / ").map((line, index): Line => {
    const role = line.startsWith(">") ? "assistant" : "user";
    return { role, text: line.replace(/^> ?/, ""), at: `2025-11-09T10:${String(index).padStart(2, "0")}:00Z` };
  });
  return { id: "1", channel: "webchat", lines, unanswered };
}

const tagOf = (text: string, unanswered = false) => classifier.classify(chatOf(text, unanswered));

/** What the tag is when the chat was answered in time, or nothing is due. */
const CHATS: readonly (readonly [tag: string, ru: string, en: string])[] = [
  [
    "spam",
    "Здравствуйте! Предлагаем продвижение карточек, выведем ваш магазин в топ за неделю",
    "Hi, we offer SEO services and will rank your shop on the first page of Google",
  ],
  [
    "spam",
    "Заработок от 5000 рублей в день без вложений, пиши t.me/zarabotok_xx",
    "Earn $900 a day from home, no experience: https://cash.example/start",
  ],
  [
    "spam",
    "Вы выиграли айфон! Перейдите по ссылке https://prize.example",
    "Congratulations, you have won! Claim your prize now",
  ],
  ["refund_requested", "Верните мне деньги за уборку", "I want my money back for the cleaning"],
  ["refund_requested", "Оформите, пожалуйста, возврат, платье не подошло", "Please refund me, the dress did not fit"],
  [
    "refund_requested",
    "Это ужас, всё сломано! Верните деньги!",
    "This is terrible, everything is broken. Give me a full refund!",
  ],
  [
    "refund_requested",
    "Когда вернёте деньги? / > На этой неделе / Спасибо",
    "Where is my refund? / > It is on its way / Thanks",
  ],
  [
    "refund_requested",
    "Вы до сих пор не вернули мне предоплату",
    "It has been two weeks and I still haven't received my refund",
  ],
  ["refund_requested", "Как вернуть товар? Маломерит", "How can I return it? It is too small"],
  [
    "complaint",
    "Возвращать деньги не нужно, но так работать нельзя, позор",
    "I don't want a refund, but this is a disgrace",
  ],
  ["complaint", "Пришёл чайник с трещиной", "The kettle arrived cracked"],
  ["complaint", "Прислали не тот размер", "You sent me the wrong size"],
  ["complaint", "Ваш мастер так и не приехал", "The technician never showed up"],
  ["complaint", "С карты списали дважды", "I was charged twice for one visit"],
  ["complaint", "Курьер нахамил и бросил коробку", "The courier was rude and threw the box"],
  ["complaint", "Очень плохо убрали, разводы на окнах", "Very poor cleaning, the floor is still dirty"],
  ["complaint", "Мне не понравилось, как вы работаете", "I am not happy with your work"],
  ["complaint", "Посылка опаздывает третий раз, это безобразие!", "The parcel is late again, this is unacceptable"],
  [
    "complaint",
    "Пылесос не включается / > Заменим / Спасибо, отлично",
    "The lamp doesn't work / > We will send another / Great, thanks",
  ],
  ["delivery", "Где мой заказ 4417?", "Where is my order 4417?"],
  [
    "delivery",
    "Когда приедет курьер? / > Завтра до обеда / Спасибо!",
    "When will the courier come? / > Tomorrow / Thanks!",
  ],
  ["delivery", "Сколько стоит доставка в Тверь?", "How much is shipping to Leeds?"],
  ["delivery", "Посылка ещё не пришла", "My parcel hasn't arrived yet"],
  ["delivery", "Можно поменять адрес доставки?", "Can I change the delivery address?"],
  ["delivery", "Трек-номер не могу найти, подскажите", "Do you have a tracking number for me?"],
  ["praise", "Очень понравилась уборка, рекомендую всем!", "The cleaning was amazing, I highly recommend you!"],
  ["praise", "У вас лучший магазин и отличное качество", "You have the best shop and great quality"],
  ["praise", "Быстрая доставка, шикарное платье!", "Fast delivery and a beautiful dress, love it!"],
  [
    "praise",
    "Можно на среду? / > Да, записали / Мастер золотые руки, спасибо!",
    "Is Wednesday free? / > Yes, booked / The cleaner did a wonderful job, thank you!",
  ],
  ["praise", "Никаких нареканий, прекрасная работа", "No complaints at all, excellent work"],
  [
    "resolved",
    "Есть время в пятницу? / > Да, в 10 / Отлично, большое спасибо!",
    "Is Friday free? / > Yes, at ten / Great, thank you!",
  ],
  [
    "resolved",
    "Перенесите запись на вторник / > Перенесли на вторник",
    "Please move my visit to Tuesday / > I have moved it to Tuesday",
  ],
  ["resolved", "Сколько стоит? / > 500 рублей / Ок, понял", "How much is it? / > 20 pounds / Ok, got it"],
  [
    "resolved",
    "Не пришёл чек на почту / > Отправили ещё раз / Пришло, до свидания",
    "Can you resend the invoice? / > Done / Bye",
  ],
  ["question", "Сколько стоит уборка двух комнат?", "How much is a cleaning of two rooms?"],
  ["question", "Есть в наличии 46 размер? / > Да", "Do you have it in blue? / > Yes, we do"],
  ["question", "можно ли оплатить картой", "what are your opening hours"],
  ["question", "Обожаю ваш магазин! Есть такое в синем цвете?", "Love your shop! Do you have it in blue?"],
  ["question", "Смогу ли я вернуть деньги, если размер не подойдёт?", "Can I get a refund if it doesn't fit?"],
  [
    "question",
    "Сломалась стиральная машина, почините? Сколько будет стоить?",
    "My washing machine is broken, can you repair it?",
  ],
  ["question", "Спасибо за ответ. А в субботу работаете?", "Thanks for the answer. Are you open on Saturday?"],
  ["question", "Хочу записаться на уборку / > На какой день?", "I want to book a cleaning / > For which day?"],
  ["untagged", "Здравствуйте", "Hello"],
  ["untagged", "Как дела?", "How are you?"],
  ["untagged", "Спасибо!", "Thanks!"],
  ["untagged", "аывфа", "asdf gh"],
];

test.each(CHATS.flatMap(([tag, ...texts]) => texts.map((text) => ({ tag, text }))))("$tag: $text", ({ tag, text }) => {
  expect(tagOf(text)).toMatchObject({ tag });
});

/** Chats whose last word is the customer's, and older than is decent. */
test.each([
  { tag: "no_reply", text: "Сколько стоит уборка?" },
  { tag: "no_reply", text: "How much is a cleaning?" },
  { tag: "no_reply", text: "Здравствуйте" },
  { tag: "no_reply", text: "Is Friday free? / > At ten? / Eleven would be better" },
  { tag: "no_reply", text: "Спасибо. А в субботу работаете?" },
  { tag: "no_reply", text: "> Which size? / Medium, in red" },
  { tag: "refund_requested", text: "Верните деньги" },
  { tag: "complaint", text: "The lamp came broken" },
  { tag: "delivery", text: "Где посылка?" },
  { tag: "spam", text: "Дешёвая накрутка подписчиков, пишите" },
  { tag: "praise", text: "Отличная работа, всем рекомендую" },
  { tag: "resolved", text: "Is Friday free? / > Yes, at ten / Great, thanks" },
  { tag: "resolved", text: "Есть время? / > Да / 👍" },
  { tag: "untagged", text: "👍" },
])("unanswered, $tag: $text", ({ tag, text }) => {
  expect(tagOf(text, true)).toMatchObject({ tag });
});
