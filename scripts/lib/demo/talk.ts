import type { Faker } from "@faker-js/faker";

/** What one side says; takes names, streets and numbers from the faker of its language. */
type Line = (faker: Faker) => string;

/** A conversation's lines in one language. */
export interface Talk {
  readonly customer: readonly Line[];
  readonly agent: readonly Line[];
}

const clock = (faker: Faker): string =>
  `${faker.number.int({ min: 9, max: 19 })}:${faker.helpers.arrayElement(["00", "15", "30", "45"])}`;
const order = (faker: Faker): string => faker.string.numeric(6);
const price = (faker: Faker, factor: number): number => faker.number.int({ min: 40, max: 220 }) * factor;

export const ENGLISH: Talk = {
  customer: [
    () => "Hi! Do you have a free slot for a cleaning this week?",
    (f) => `Could someone come tomorrow at ${clock(f)}?`,
    (f) => `The address is ${f.location.streetAddress()}, ${f.location.city()}.`,
    (f) => `Where is my order ${order(f)}? The delivery was promised for ${f.date.weekday()}.`,
    () => "How much would it be for two rooms and a kitchen?",
    (f) => `Please move the appointment to ${f.date.weekday()}, ${clock(f)}.`,
    (f) => `My name is ${f.person.fullName()}, the invoice should go to ${f.internet.email()}.`,
    () => "The technician has not arrived yet 😕",
    () => "Great, thanks a lot! 👍",
    () => "Can I pay by card?",
  ],
  agent: [
    (f) => `Hello! Yes, we have ${f.date.weekday()} at ${clock(f)} free.`,
    (f) => `That would be $${price(f, 1)}, everything included.`,
    (f) => `Your booking ${order(f)} is confirmed. ${f.person.firstName()} will come.`,
    (f) => `The courier is on the way, delivery by ${clock(f)}.`,
    () => "I am sorry about the delay. I have given you a 10% discount.",
    () => "Of course, card or cash, as you like.",
    (f) => `I have moved it to ${clock(f)}. Is there anything else?`,
    () => "You will get the receipt by e-mail.",
  ],
};

export const RUSSIAN: Talk = {
  customer: [
    () => "Здравствуйте! Можно записаться на уборку на этой неделе?",
    (f) => `А завтра в ${clock(f)} получится?`,
    (f) => `Адрес: ${f.location.city()}, ${f.location.streetAddress()}.`,
    (f) => `Где мой заказ ${order(f)}? Доставка должна была быть в ${clock(f)}.`,
    () => "Сколько будет стоить двухкомнатная квартира?",
    (f) => `Перенесите, пожалуйста, запись на ${clock(f)}.`,
    (f) => `Меня зовут ${f.person.fullName()}, чек пришлите на ${f.internet.email()}.`,
    () => "Мастер так и не приехал 😕",
    () => "Отлично, большое спасибо! 👍",
    () => "Можно оплатить картой?",
  ],
  agent: [
    (f) => `Добрый день! Да, есть время в ${clock(f)}.`,
    (f) => `Стоимость ${price(f, 50)} ₽, всё включено.`,
    (f) => `Ваша запись ${order(f)} подтверждена. Приедет ${f.person.firstName()}.`,
    (f) => `Курьер уже в пути, доставка до ${clock(f)}.`,
    () => "Извините за задержку. Мы сделали вам скидку 10%.",
    () => "Конечно, картой или наличными.",
    (f) => `Перенесли на ${clock(f)}. Ещё чем-нибудь помочь?`,
    () => "Чек придёт на почту.",
  ],
};
