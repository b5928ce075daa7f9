import type { Phrases, Rule } from "./rule.ts";

const DEMANDS: Phrases = {
  ru: `
    верн*|возврат*|возмест*|возвращ* .. деньг*|деньги|средств*|оплат*|предоплат* .. на карт*
    верн*|возврат*|возмест*|возвращ* .. сумм*|аванс*|депозит|стоимост*|переплат*|разниц* .. на карт*
    верн*|возврат*|возмест*|возвращ* .. деньг*|деньги|средства|средств|предоплат*
    верн*|возврат*|возмест*|возвращ* .. аванс*|депозит|стоимост*|сумм*|оплату
    деньги|деньгу|денег|средства .. верн*|возврат*|возмест*|возвращ*|назад|обратно
    возврат|возврата|возврате .. средств|денег
    оформ*|сдела*|хочу|хотел*|хотим|прошу|просим|требую|требуем|жду|ждем|нужен|запрос*|заяв* .. возврат*
    возврат* оформ*|сдела*; манибек|манибэк|рефанд; верн* .. платеж*|лишн*|переплач*; жду .. деньги|средства
    получить .. деньги|средства .. назад|обратно|за; дела*|оформля* .. возврат*
    получить .. назад|обратно .. аванс|предоплат*|депозит|залог`,
  en: `
    want|need|like|demand|request|requesting|requested|expect|get .. refund
    give|claim|issue|process|asked|asking|apply|due|owed .. refund; refund me|my|us|it|please|the|for|this|now
    money back; my|our money|payment|deposit .. back|returned|refunded; be|get refunded
    full|partial|complete|immediate refund; reimburse|reimbursed|reimbursement; chargeback; return .. refund
    return|give|send|get|want .. my|our money|payment|deposit|cash`,
};

const AWAITED: Phrases = {
  ru: `
    не верн*|возвращ*|возмест* .. деньг*|деньги|средств*|оплат*|предоплат*|сумм*|аванс*|депозит
    деньги|средства|возврат .. не|нет верн*|пришл*|поступ*|приш*|получ*|видно|видим; деньги|возврат .. где|когда|ждать
    деньги|средства .. не|так|пока|еще .. верн*|пришл*|поступ*|вернул*
    возврат .. не|так|пока|еще .. приш*|поступ*|оформ*|получ*; не|нет .. возврата
    где|когда .. возврат|деньги|средства`,
  en: `
    not|never|no|still|yet .. received|receive|gotten|got|get|seen|see|processed|issued|sent|waiting .. refund|money
    waiting for .. refund; no refund .. yet|received|so
    refund .. not|never|still|yet .. received|arrived|come|processed|here|shown|issued; refund .. delayed|late
    refuse*|not .. refund me|my|us|the; not|never .. been refunded|reimbursed; where|when|status .. refund|refunded
    not|never refunded|reimbursed; still no money|refund|reimbursement; returned ... no money|refund`,
};

const RETURNS: Phrases = {
  ru: `
    хочу|хотел|хотела|хотим|хотели|могу|можем|можно .. вернуть|сдать|возвратить
    нужно|надо|буду|решил|решила|решили|собираюсь|желаю|как .. вернуть|сдать|возвратить
    верну|возвращаю|возвращаем|сдаю|сдам .. товар*|заказ*|вещ*|обратно|вам|его|ее|их|покупк*; примите .. обратно|назад
    возврат товар*|заказ*|вещ*; заявк* .. возврат; на возврат; возврат .. брак*; для возврата; по возврату; о возврате
    отказаться от .. заказа|товара|покупки; деньги .. получить; получить .. деньги; ^верните; ^вернуть
    хочу|хотим|требую|жду .. свои|мои деньги`,
  en: `
    want|need|like|how|can|could|may|going|decided .. return it|this|them|these|that|my
    want|need|like|how|can|could|may|going|decided .. send it|this|them|these|that back
    want|need|like|how|can|could|may|going|decided .. return the .. order|item|product|dress|shoes
    want|need|like|how|can|could|may|going|decided .. return the .. jacket|phone|goods|package|thing
    returning it|this|them|my; return label|request; send it|them|this back; refund|refunds|refunded
    want|need|like|how|can|could|may|going|decided .. send .. back
    want|like|need to return the|my|these|those|this|it|them|both|one|item|order; sending .. back; returning the|my`,
};

/** The matter is still ahead. */
export const BEFORE_BUYING: Phrases = {
  ru: `
    если|вдруг .. не подойд*|понравит*|устроит; если|вдруг .. размер|цвет .. не; условия|правила|политика возврата
    возможен ли возврат; до|перед покупк*|заказом|оплатой; есть ли возврат; хочу|думаю|планирую .. купить|заказать`,
  en: `
    if .. not .. fit|like|work|suit|right; in case .. not; return|refund|returns policy
    before i buy|order|purchase|pay|book; is|are .. refundable; thinking .. of buying|ordering`,
};

export const REFUND_REQUESTED: readonly Rule[] = [
  {
    name: "asks for money back",
    tag: "refund_requested",
    weight: 2.5,
    reads: "customer",
    phrases: DEMANDS,
    negatable: true,
  },
  { name: "waits for a refund", tag: "refund_requested", weight: 1.5, reads: "customer", phrases: AWAITED },
  {
    name: "wants to return goods",
    tag: "refund_requested",
    weight: 1.2,
    reads: "customer",
    phrases: RETURNS,
    negatable: true,
  },
  { name: "asks before buying", tag: "refund_requested", weight: -4, reads: "customer", phrases: BEFORE_BUYING },
  {
    name: "says that no refund is wanted",
    tag: "refund_requested",
    weight: -4,
    reads: "customer",
    phrases: {
      ru: `
    верн*|возвращ*|возврат*|деньги .. не нуж*|надо|требу*|прошу|хочу
    не нуж*|надо|требу*|прошу|хочу .. верн*|возвращ*|возврат*|деньг*|деньги`,
      en: "not want|need|asking|ask .. refund|money|return; no need .. refund|return",
    },
  },
  {
    name: "wants an exchange or a repair",
    tag: "refund_requested",
    weight: -1,
    reads: "customer",
    phrases: {
      ru: `
    обмен|обмена|обменять|обменяйте|замену|заменить|замените|поменять|поменяйте .. размер|товар|цвет|на|его|ее`,
      en: "exchange|replacement|replace|swap|exchanged|replaced",
    },
    negatable: true,
  },
];
