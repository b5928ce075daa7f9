import { ANGER, POOR_WORK } from "./dissatisfaction.ts";
import { BEFORE_BUYING } from "./refund-requested.ts";
import type { Phrases, Rule } from "./rule.ts";

const BROKEN: Phrases = {
  ru: `
    сломан*|сломал*|поломан*|поломал*
    не|перестал*|плохо работает|работают|работать|включа*|заряжа*|греет|открыва*|закрыва*|держит|запуска*
    брак|браком|брака|бракован*; дефект*; порван*|порвал*|рвет*; разбит*|разбил*; битый|битая|битое|битые
    треснул*|трещин*; царапин*|поцарапан*|поцарапал*; вмятин*; дырк*|дыра|дырой; испорчен*|испортил*; просроч*
    гнил*|тухл*|протух*; плесен*; протекает|протекла|подтека*; мят*|помят*; линяет|полинял*
    отвалил*|оторвал*|отклеил*|отпал*; развалил*|разошел*|расползл*; скол|сколы|сколом; воня*|вонь; б у
    отломан*|отломал*|отломил*|отколот*|отколол*|погнут*|оторван*|надорван*|перегорел*|сгорел*
    перестал|перестала|перестали|перестало; выходит|вышел|вышла из строя; глючит|зависает
    опять|снова|равно .. теч*|капает|протека*|слома*|шумит|не; вылетает|виснет|тормозит|крашится
    скрипит|дребезжит|искрит|перегрева*; село|сел|села на .. размер*; прокис*|скис*|засахар*|заплесн*; срок годности
    носить|пользоваться|надеть|открыть|спать|смотреть .. невозможно|нельзя|нереально
    невозможно|нельзя|нереально .. носить|пользоваться|надеть|открыть|спать
    продавил*|провис*|деформир*|просел*|погнул*; нашел|нашла|нашли .. волос|волосы|таракан*|муху|червя*
    с пятном|пятнами|дыркой|дырками|трещиной|браком|запахом|вонью|грязью; катышк*
    гремит|стучит|хрустит|крошится|осыпается|завял*|засох*|облез*`,
  en: `
    broken|broke; damaged; defective; faulty; cracked; torn|ripped; shattered|smashed; leaking|leaks|leaked; expired
    mold|moldy|mouldy|rotten; scratched|scratches; dented|dent; ruined; falling|fell apart; came|fell off; stained
    used condition; stinks|smells; not|stopped|never|dead|quit work|working|works|charging|turning|opening|closing
    not turn|charge|open|close|start|switch; snapped; bent; came apart; fell apart; chipped; burnt|burned out
    stopped|quit heating|cooling|spinning|turning|responding|printing|playing|holding|after
    still .. leaking|leaks|broken|dripping|blocked; does not even; crashes|crashing|freezes
    peeling|faded|shrunk|shrank|rusty; a hole|stain|crack|scratch|dent|bug; holes; stale; burn|burnt mark|marks
    keeps logging|crashing|breaking|falling|failing|dropping|stopping; sagged|sagging; warped`,
};

const WRONG: Phrases = {
  ru: `
    не тот|та|то|те|ту|того|той|тем
    пришл*|пришел|прислал*|привез*|получил*|положил* .. не|другой|другое|другая|другие|другую|чужой|чужое|чужие
    перепута*|напутал*; не соответств*; не похож*; отличается .. фото|описани*|картинк*
    не как|такой|такая|такое|такие .. на|фото|картинке; не хватает|хватило|доложи*|положил*|додал*; недоста*
    неполн* комплект*|заказ|набор; вместо .. пришл*|пришел|прислал*|привез*|положил*
    подделк*|поддельн*|фальшив*|паленый|паль; не оригинал*; на размер|два меньше|больше; пуст* коробк*|пакет
    ошиб* .. в|с заказ*|счет*|чек*|адрес*
    в коробке|упаковке|комплекте|пакете|наборе|посылке|заказе .. не|нет|отсутств*|только|пусто|без
    отсутству*|отсутствовал*; как так
    заказывал*|заказал* ... пришел|пришла|пришло|пришли|приехал*|прислали|привезли|получил*
    оказал* .. больше|меньше|другого|другой|мал|мала|велик|мало
    привезли|привез|прислали|пришел|пришла|пришло|пришли .. без
    короче|длиннее|меньше|больше|уже|шире|тоньше ... чем|заказывал*|нужно|заявлен*; комки|комками
    странный|неприятный|резкий запах; не на то|тот|ту|те|той; не туда|тому|тем`,
  en: `
    the|a|is|was|sent|got|received|delivered|something .. wrong
    wrong item|items|size|color|colour|product|order|one|model|address
    wrong amount|price|thing|parts|part|shoes|dress|date|day|time
    not as described|advertised|pictured|shown|promised|agreed; not what i|we .. ordered|expected|paid|asked|wanted
    nothing like; different from|than|to .. ordered|pictured|photo*|picture*|description; missing
    is|was|are|were incomplete; fake|counterfeit|knockoff|replica; instead of .. got|received|sent
    got|received|sent .. instead|another; empty box|package; not .. in the box|package|parcel
    only one|two|three|half .. was|were|came|arrived|in|inside; ordered ... but|only .. got|received|one|sent
    not match; smaller|bigger|larger|shorter than; someone|somebody else order|parcel|package|items; incomplete
    was|were .. cold|stale|raw|soggy|burnt|empty`,
};

const NO_SHOW: Phrases = {
  ru: `
    никто .. приех*|приш*|позвон*|отвеча*|ответил|перезвон*|явил*|открыл|берет
    мастер*|клинер*|уборщи*|специалист*|сантехник*|электрик*|техник*|бригад*|монтажник* .. не|опозд*|опазд*
    так и не .. приех*|приш*|позвон*|ответ*|перезвон*|явил*|дожда*|сделал*|решил*|получил*; не перезвонил*|явил*
    игнор*; вы|вас .. не отвечаете|дозвонит*|дозват*; не отвечаете|отвечают; не мог*|невозможно .. дозвонит*
    жду|ждем .. уже|второй|третий|третью|вторую|целый|полдня|весь; прождал*; ждал* .. час*|весь|целый|уже|полдня
    опозда*; который раз; сколько раз .. можно|говорить|писать|звонить; сколько можно; который день
    обеща*|говорил*|сказал*|договаривал*|договорил* ... но|а; дозвон* .. нереально|невозможно|нельзя; трубк* .. не
    не бер* трубк*; до сих пор .. не .. ответ*|решил*|исправ*|сдела*|позвон*; мастера|никого|клинера|курьера .. нет
    телефон .. выключен|недоступен; нет ответа; без ответа; никакой|никакого|никаких реакции|ответа|новостей|внимания
    даже не .. предупред*|извин*|позвон*|ответ*; бросил* трубку; тишина|молчание|молчок
    без предупреждения|объяснения|объяснений; обещал*|обещали ... тишина|никого|так`,
  en: `
    no one|body .. came|come|showed|shown|called|answers|answered|answering|replied|responded|turned|picks; no show
    nobody .. came|come|showed|shown|called|answers|answered|answering|replied|responded|turned|picks
    never showed|turned|called|replied|responded|answered|came; not show|shown|turned up; stood me|us up; hung up
    technician|cleaner|cleaners|plumber|electrician .. not|never|late .. come|came|arrived|show
    technician|cleaner|cleaners|plumber|electrician .. not|never|late .. here|again|hour*|minutes
    repairman|worker|crew|master|team|guy .. not|never|late .. come|came|arrived|show|here|again|hour*|minutes
    hours|hour late; still waiting; ignoring|ignored; how many times; again and again
    keep|keeps ignoring|cancelling|canceling|postponing; waited|waiting .. hours|weeks|days|month|months|long|ages
    promised|said|told ... but; you promised; no answer|reply|response|show
    without telling|asking|notice|warning|informing|explanation; you cancelled|canceled; cancelled|canceled on me|us
    on hold; forgot|forgotten to|about; supposed .. but`,
};

const CHARGED: Phrases = {
  ru: `
    списал*|сняли|снял .. дважды|два|двойн*|лишн*|больше|дважды; двойн* списани*|оплат*; лишн* деньги|списан*
    обсчита*; завысил*|завышен*|накрутили цен*; взяли .. больше|лишн*|дороже; заплатил* ... а|но|зря
    почему .. взяли|списали|сняли|дороже|больше; взяли|взял|насчитал* ... договаривал*|обещал*|вместо|говорил*
    навязал*|навязыва*; без моего|согласия|ведома; цена .. оказалась|выросла; одна цена ... другую|другая|другой
    насчитал*|приписал* .. лишн*`,
  en: `
    charged .. twice|double|extra|more|again|wrong|without; double charge|charged|billed
    overcharged|overcharge|overcharging; hidden fee|fees|charge|charges; unauthorized|unauthorised; rip off; ripoff
    ripped off; billed .. twice|wrong; too much money; billed|charged|paid .. for .. never|not; never happened
    why .. charged|billed|so expensive|more; higher|more than .. agreed|quoted|promised|said; not what .. quoted`,
};

const REPAIRS: Phrases = {
  ru: `
    можете|сможете|сможет|возьметесь|нужно|надо|можно .. почин*|прикрутить|заменить|прочистить|собрать
    можете|сможете|сможет|возьметесь|нужно|надо|можно .. отремонтир*|исправить|приделать|склеить|зашить
    почин*|отремонтир*|ремонт|ремонта|ремонтируете|ремонту
    вызвать|вызов|вызовите|пришлите|нужен|нужна|ищу .. мастер*|сантехник*|электрик*|специалист*|техник*
    сколько .. стоит|стоить|будет; вывести|отстирать|удалить|оттереть .. пятн*|плесен*|запах|вонь`,
  en: `
    can|could|do you .. fix|repair|mend|look
    need|want|like .. fixed|repaired|repair|technician|plumber|electrician|someone; how much .. cost|charge|be|is
    get|getting rid; remove .. stain*|mold|smell; do|can you replace`,
};

export const COMPLAINT: readonly Rule[] = [
  { name: "something is broken", tag: "complaint", weight: 1.2, reads: "customer", phrases: BROKEN, negatable: true },
  { name: "wrong or missing goods", tag: "complaint", weight: 1.3, reads: "customer", phrases: WRONG },
  { name: "nobody came or answered", tag: "complaint", weight: 1.2, reads: "customer", phrases: NO_SHOW },
  { name: "charged unjustly", tag: "complaint", weight: 1.3, reads: "customer", phrases: CHARGED },
  { name: "poor goods or work", tag: "complaint", weight: 1.3, reads: "customer", phrases: POOR_WORK },
  { name: "angry or disappointed", tag: "complaint", weight: 1.5, reads: "customer", phrases: ANGER, negatable: true },
  {
    name: "angry emoji",
    tag: "complaint",
    weight: 0.5,
    reads: "customer",
    phrases: { ru: "😡; 🤬; 😠; 👎; 😤; 💩; 🤮", en: "" },
  },
  { name: "asks for a repair", tag: "complaint", weight: -1.2, reads: "customer", phrases: REPAIRS },
  { name: "asks before buying", tag: "complaint", weight: -1.5, reads: "customer", phrases: BEFORE_BUYING },
  {
    name: "says that it is no complaint",
    tag: "complaint",
    weight: -1.5,
    reads: "customer",
    phrases: {
      ru: `
    не жалоба|жалуюсь|претензия; без|никаких|нет претензий|нареканий|жалоб; претензий нет; все в порядке|целое|целы
    ничего не сломал*|разбил*`,
      en: `
    not .. complaint|complaining; not work for me|us; no complaints|complaint|damage|issues|problems
    nothing .. wrong|broken|missing|damaged; without any problem|problems|damage`,
    },
  },
];
