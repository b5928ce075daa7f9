import type { Phrases, Rule } from "./rule.ts";

const GOODS_RU = "заказ*|посылк*|товар*|вещ*|доставк*|курьер*|покупк*|бандерол*";
const GOODS_EN =
  "order|orders|parcel|parcels|package|packages|shipment|item|items|delivery|courier|goods|purchase|stuff";

const TRANSPORT: Phrases = {
  ru: `
    доставк*; достав*|доставля* .. заказ|товар|сегодня|завтра|в|до|на|мне|нам|ли|бесплатно
    доставите|доставят|доставить|доставляете|доставили|доставлен*; курьер*; посылк*; бандерол*
    трек|трека|треку|треком|трекинг*; отслед*|отслежив*; пункт* .. выдачи; пвз; постамат*; самовывоз*; сдэк*|cdek
    почт* россии; почтой; транспортн* компани*; отгруз*|отгрузк*; сортировочн*; привез*|подвез*|завез*|довез*
    отправляете|высылаете|отправите .. в|до|за|по|почтой|наложенным; отправка|отправки|отправку; адрес* доставк*
    консьерж*`,
  en: `
    deliver|delivers|delivered|delivery|deliveries|delivering; shipping|shipped|ship|ships|shipment; courier*
    tracking; track .. ${GOODS_EN}; parcel|parcels; pick up point; pickup point; dispatch|dispatched; in transit
    customs; usps|ups|fedex|dhl|hermes; post office; carrier|carriers|postage|couriers`,
};

const WHERE_AND_WHEN: Phrases = {
  ru: `
    где|куда .. ${GOODS_RU}; когда|сколько|скоро .. ${GOODS_RU} .. придет|приедет|приход*|привез*|отправ*|дойдет
    когда|сколько|скоро .. ${GOODS_RU} .. ждать|получ*|идти|идет|едет|будет|буд*
    когда|сколько|скоро .. отправ*|привез*|доставят|доставите|вышлете|придет .. ${GOODS_RU}
    ${GOODS_RU} .. не|еще|до|так|нет .. приш*|приех*|приход*|привез*|получ*
    ${GOODS_RU} .. идет|едет|застрял*|завис*|задерж*|опазд*|отправил*|отправлен*|пути; статус .. заказ*
    отправ*|выслал*|вышл* .. ${GOODS_RU}; не получ*|привез*|пришл*|пришел|приш* .. ${GOODS_RU}; в пути
    срок* отправ*|поставк*; привез* .. завтра|сегодня|дом*|квартир*; забрать .. ${GOODS_RU}
    ${GOODS_RU} .. должен|должна|должны .. прийти|приехать|быть|доставить; везет|везут|везете .. ${GOODS_RU}
    долго .. идет|идти|ехать|везти|доставка|ждать; адрес* .. получател*|достав*|заказ*|пункта
    номер отправления|накладной; когда отправите|отправляете|вышлете|отправка|отгрузите
    когда ждать|ожидать|прибудет|доедет`,
  en: `
    where .. my|our|the .. ${GOODS_EN}; when .. my|our|the .. ${GOODS_EN}
    ${GOODS_EN} .. arrive|arrives|arriving|come|late|delayed|stuck|sent|way|lost
    not|never|yet .. received|receive|got|get .. ${GOODS_EN}
    ${GOODS_EN} .. not|never|still .. arrived|come|here|received|moved|shown; status of .. ${GOODS_EN}
    send .. ${GOODS_EN} .. address; leave .. door|neighbour|neighbor|reception|porch; how long .. arrive|shipping
    sent|send .. by|via post|mail|courier; when .. it|they|this|these .. arrive|come|ship|here|shipped
    leave the|my|it .. box|parcel|package|order; with my neighbour|neighbor; left .. door|porch|neighbour|neighbor
    order .. shipped|dispatched|sent; order|parcel|package .. due
    driver .. call|ring|come|comes|come|arrive|arrives|bring|here|late; where is it
    supposed|due .. be here|arrive|come|delivered; drop it|them|this off; drop off`,
};

const QUICK: Phrases = {
  ru: `
    быстр* .. достав*|привез*|пришл*|пришел
    достав*|привез*|пришл*|пришел|курьер* .. быстр*|вовремя|вежлив*|раньше|отличн*|супер; спасибо за .. доставк*`,
  en: `
    fast|quick|speedy|prompt|great|super delivery|shipping
    delivered|arrived|came|shipped .. quickly|fast|early|time|perfectly; thanks for .. delivery`,
};

export const DELIVERY: readonly Rule[] = [
  { name: "speaks of delivery", tag: "delivery", weight: 1.5, reads: "customer", phrases: TRANSPORT },
  { name: "asks where or when goods come", tag: "delivery", weight: 1.2, reads: "customer", phrases: WHERE_AND_WHEN },
  {
    name: "praises the delivery",
    tag: "delivery",
    weight: -3,
    reads: "customer",
    phrases: QUICK,
    negatable: true,
    when: ["asks nothing more"],
  },
];
