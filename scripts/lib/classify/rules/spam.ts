import type { Phrases, Rule } from "./rule.ts";

const MONEY: Phrases = {
  ru: `
    зарабатыва*|заработа* .. от|до|дома|онлайн|интернет*|день|дней|неделю|месяц|тысяч
    заработок|заработка|заработку|заработке; пассивн* доход*; дополнительн* доход*|заработ*; доход от|до|без; казино
    ставк*|ставок на|спорт*; букмекер*; фриспин*; криптовалют*|крипта|крипте|биткоин*|биткойн*
    инвестиц*|инвестир*|инвестор*; займ*|кредит* .. минут*|одобр*|отказ*|онлайн; без вложений; трейдинг*|трейдер*
    удаленн* работ*|заработ*; работ* на дому; набираем .. команду|сотрудников|удален*; займ* .. карт*|паспорт*
    доход .. в день|месяц|неделю; оформите|получите .. кредит*|займ*; микрозайм*|микрокредит*; нужны деньги`,
  en: `
    earn .. money|cash|daily|weekly|home|online|month|week|day|per; make .. money .. online|home|fast|easy
    easy|extra money|income|cash; passive income; work from home; crypto|cryptocurrency|bitcoin*|btc
    invest|investing|investment*|investor*; forex; casino*; betting; sports bets; free spins; jackpot*; lottery
    loan|loans .. approved|minutes|low|instant|guaranteed; low interest; financial freedom; trading signals
    double your money; get rich; earn .. dollars|bucks|euros|pounds; we are hiring
    no skills|experience .. needed|required|pay; pay|paid daily`,
};

const PRIZES: Phrases = {
  ru: `
    вы|ваш .. выигр*; выигра* .. приз*|айфон|iphone|миллион*|сертификат|автомобиль; стали победител*
    поздравляем .. вы|ваш; заберите|получите .. приз|выигрыш|подарок|бонус*; наследств*
    ваш* .. карта|счет|аккаунт|кабинет заблокирован*; код|кода из смс|sms; служба безопасности банка
    подтвердите .. данные|аккаунт|карту; перейд*|переход* .. ссылк*; выигрыш .. начисл*|получ*|забер*|забрат*|ожидает
    начислен* .. выигрыш|бонус*|приз|выплат*; вам .. положена|положены|одобрен* выплат*|кредит*
    пройдите опрос .. получите|приз; новым|всем игрокам; регистрируйся|регистрируйтесь .. бонус*|получ*|забер*`,
  en: `
    you have|are .. won|winner|selected|chosen; you won .. prize|iphone|lottery|gift
    claim .. prize|reward|gift|bonus|winnings; congratulations .. winner|won|selected; free iphone|gift|bonus|trial
    inheritance; million .. dollars|usd|pounds|euros; verify|confirm your account|identity|wallet|card
    your account|card|wallet|profile .. suspended|blocked|limited|locked; click .. link|here|below|<link>; act now
    limited time .. offer; lucky winner; dear friend|sir|beneficiary|winner; viagra; pills; hot singles|girls
    adult dating; confirm|verify .. password; account will be .. closed|suspended|deleted; hot|best deals
    replica .. watches|bags; win a .. free; claim your; voucher .. before|now|claim; widow; donate; charity fund
    large fund`,
};

const PITCHES: Phrases = {
  ru: `
    продвиж* .. сайт*|бизнес*|магазин*|аккаунт*|карточ*|соцсет*|маркетплейс*; продвижени*; раскрут*; накрут*
    подписчик* .. лайк*; живы* подписчик*; seo|сео; вывед*|выведу|вывод* .. топ
    предлага* .. сотрудничеств*|услуг*|продвиж*|партнерств*|реклам*|поставк*; предлож* .. сотрудничеств*|партнерств*
    хот*|хочу .. предложить; выгодное|коммерческое|деловое предложение; наше|наш агентств*; настро* .. реклам*|таргет*
    таргетолог*|маркетолог*; холодн* звонк*; баз* клиентов|контактов|номеров|данных; массов* рассылк*
    рассылк* .. клиент*|баз*|вашим|смс; создани* сайт*|лендинг*; разработ* сайт*|лендинг*|бот*|приложен*; самовыкуп*
    выкуп* .. отзыв*; отзыв* .. вознагражд*|продаж*; оптом .. производител*|склада|завода; вебинар*
    марафон* .. желани*|похуден*|стройн*; подпис* .. канал*|группу|паблик; в нашем|наш канал*; промокод .. <link>
    интим*|досуг; знакомств* .. <link>|девушк*; девушк* .. знаком*|скуча*; девушк* .. ждут|ищут
    мы|компания|завод .. поставля*|изготавлива*
    наша|наш компания|завод|фирма|фабрика|студия .. поставля*|производ*|предлага*|занимается|изготавлива*|оказыва*
    уважаемый|уважаемые руководител*|партнер*|предпринимател*|коллеги|селлер*; под ключ .. пишите|недорого
    пишите в личк*|лс|директ; продаем|продам|продаю .. баз*|аккаунт*|отзыв*
    мы делаем|снимаем|создаем|разрабатываем .. видео|сайт*|карточ*|дизайн|фото|лого*|ролик*; портфолио; взаимн* пиар
    инфографик*; прайс во вложении; купите|закажите|предлагаем .. рекламу|продвижение|отзывы|баннер; реклам* у блогер*
    готовый бизнес; сделаем|сделаю|создам|создадим .. сайт*|дизайн|логотип|видео|инфографик*|бот*
    мы .. поставляем|производим|изготавливаем|оказываем; напишем|напишу|оставим .. отзыв*
    отзывы .. за .. руб*|деньги|вознаграждение; ^сотрудничество; размещаем|разместим .. реклам*; похудеть на`,
  en: `
    promote your; boost your; grow your business|account|sales|audience|instagram|followers|store|brand|channel; seo
    backlink*; rank .. google; first page of google; top of google; followers .. likes|instagram|cheap|real
    real|cheap|buy followers; marketing agency|services
    we|i offer .. services|development|design|marketing|seo|promotion; lead generation; guest post*
    our agency|company .. offers|specializes|provides
    web|website|app design|development|developers .. services|company|team; bulk sms|email|messages
    email|customer|phone database|lists; join .. channel|group|telegram .. <link>; unsubscribe
    business proposal|partnership|opportunity; increase .. sales|traffic|revenue|conversion*
    wholesale .. manufacturer|factory|price; check out my|our .. channel|page|profile|<link>
    we|i|can design|build|develop|create|redesign|make .. website|websites|apps|site|sites|logos|store
    redesign|improve|optimize|audit .. your .. site|website|store|listing|page|ranking
    i am a .. web|seo|marketing|freelance|digital .. developer|expert|specialist|designer|consultant|marketer
    leading manufacturer|supplier|exporter; we are .. manufacturer|factory|supplier|exporter|agency|studio
    ads experts|expert; dm me|us; our portfolio; we provide|supply|sell
    increase|get|gain|more .. likes|followers|views|subscribers; lead|email lists`,
};

export const SPAM: readonly Rule[] = [
  { name: "promises money", tag: "spam", weight: 1.2, reads: "customer", phrases: MONEY, negatable: true },
  {
    name: "promises prizes or wants secrets",
    tag: "spam",
    weight: 1.2,
    reads: "customer",
    phrases: PRIZES,
    negatable: true,
  },
  { name: "offers services", tag: "spam", weight: 1.2, reads: "customer", phrases: PITCHES, negatable: true },
  { name: "has a link", tag: "spam", weight: 0.4, reads: "customer", phrases: { ru: "<link>", en: "" } },
  {
    name: "is a customer's matter",
    tag: "spam",
    weight: -1,
    reads: "customer",
    phrases: {
      ru: `
    мой|моего|моему|моим|моя|мою|моей заказ*|запис*|покупк*|посылк*; я|мы .. заказыва*|заказал*|купил*|оплатил*
    верните`,
      en: `
    my order|booking|appointment|purchase|parcel|package|reservation; i|we .. ordered|bought|paid|booked; refund`,
    },
  },
];
