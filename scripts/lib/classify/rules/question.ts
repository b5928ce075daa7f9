import type { Phrases, Rule, Sign } from "./rule.ts";

const ASKING: Phrases = {
  ru: `
    подскаж*|скажите|расскаж*|уточните|объясните|объясни|посоветуйте|посоветуй|порекомендуйте
    сколько .. стоит|стоить|будет|стоят|времени|обойдется
    какая|какие|какова .. цена|цены|стоимость|расценки|условия|разница; можно ли; можете ли; есть ли; есть в наличии
    будет ли; работаете ли; делаете ли; как .. заказать|оформить|оплатить|записаться|выбрать|пользоваться
    как .. найти|узнать|подключить|связаться|сделать|доехать|добраться; интересует
    хотел|хотела|хотели|хочу|хотим|хотелось|можно .. узнать|спросить|уточнить|записаться|заказать|купить|перенести
    хотел|хотела|хотели|хочу|хотим|хотелось|можно .. забронировать|отменить|поменять
    хотел|хотела|хотели|хочу|хотим|хотелось|можно .. изменить|приобрести|оформить|попросить; ^сколько; ^почему
    ^какой|какая|какое|какие|каков*|какую; ^где; ^можно; ^кто; ^куда; ^зачем; ^есть .. ли|у|в`,
  en: `
    can|could|would|will you; do|does|did|are|is you|your|it|there; should i|we; can|could|may i|we; i|we .. wondering
    let me know; tell me; how much|many|long|often|far|big; how do|does|can i|you|we|it|this
    what is|are|time|kind|size|color|colour|if .. the|your|this; any chance; possible to
    i|we would like|love to|a|some|the; i would like; looking for|to; would .. be|like|it .. ?
    ^what|where|which|who|why|how|whose; what is your; what are your`,
};

const REQUESTS: Phrases = {
  ru: `
    нужен|нужна|нужно|нужны|надо|требуется .. мастер*|уборк*|запис*|замен*|ремонт*|консультац*|помощь|помочь|чек
    нужен|нужна|нужно|нужны|надо|требуется .. счет|документ*|размер*|перенести
    нужен|нужна|нужно|нужны|надо|требуется .. отменить|изменить|установ*|клинер*|клининг*
    вызовите|приезжайте|приедьте|посмотрите|проверьте|запишите
    забронируйте|перенесите|отмените|измените|пришлите|вышлите
    отправьте|поменяйте|перезвоните|позвоните|помогите|свяжитесь
    добавьте|сделайте|дайте|примите|покажите|поставьте|исправьте
    прошу .. перенести|отменить|прислать|изменить|выслать|помочь|связаться
    хочу .. записаться|заказать|купить|перенести|забронировать|уборку|отменить|на; ищу; планирую`,
  en: `
    ^i|we need|want|wish; hi|hello|hey|but|and|also|so|because|then|now i|we need|want|wish
    please .. send|move|change|cancel|book|call|reschedule|help|find|add
    please .. check|confirm|make|give|show|tell|explain|fix|reserve|update; need help|to
    ^find|book|reserve|show|search|schedule|reschedule|cancel|change|help|make|check|play|get|give|send|add
    interested in; help me|us`,
};

const SMALL_TALK: Phrases = {
  ru: `
    как дела; как вы|ты|настроение|жизнь; что делаешь; что нового; кто ты; ты бот|робот
    алло|ау|эй|привет|здравствуйте ?`,
  en: `
    how are|r you|u|things; how is it|life|everything; what is up|new; what up; are you .. bot|robot|human|real
    how do you do; hello|hi|hey ?`,
};

/** In the customer's closing it means that the matter is open; after a compliment, that it was an opening. */
export const ASKS: Sign = { name: "asks", phrases: joined({ ru: "?", en: "" }, ASKING, REQUESTS) };

const NEEDS: Phrases = {
  ru: `
    нужен|нужна|нужны|нужно|требуется|необходим*; мне бы; хотелось бы
    не могу|могли понять|разобраться|найти|войти|зайти|оплатить`,
  en: "i|we need|require|want; trying to; can not find|log|pay|see|open|figure|access; how to",
};

export const QUESTION: readonly Rule[] = [
  { name: "question mark", tag: "question", weight: 1, reads: "customer", phrases: { ru: "?", en: "" } },
  { name: "asks", tag: "question", weight: 1, reads: "customer", phrases: ASKING },
  { name: "requests", tag: "question", weight: 1, reads: "customer", phrases: REQUESTS },
  { name: "needs something", tag: "question", weight: 1, reads: "customer", phrases: NEEDS, negatable: true },
  { name: "small talk", tag: "question", weight: -1.5, reads: "customer", phrases: SMALL_TALK },
];

function joined(...parts: readonly Phrases[]): Phrases {
  return { ru: parts.map(({ ru }) => ru).join("\n"), en: parts.map(({ en }) => en).join("\n") };
}
