import type { Phrases, Rule, Sign } from "./rule.ts";

const GOOD_RU = [
  "отличн*|прекрасн*|замечательн*|шикарн*|великолепн*|чудесн*|потрясающ*|классн*|крут*|супер|превосходн*",
  "идеальн*|безупречн*|чудн*|лучш*|офигенн*|топов*|добросовестн*|качественн*|хорош*",
].join("|");
const WORK_RU = [
  "качеств*|сервис*|работ*|мастер*|магазин*|товар*|обслужив*|команд*|специалист*|уборк*|вещ*|плать*|клинер*",
  "девочк*|девушк*|ребят*|сотрудни*|менеджер*|продав*|курьер*|упаковк*|компани*|студи*|салон*|профессионал*",
  "отношен*|организац*|материал*|ткан*|вкус*|результат*",
].join("|");
const GOOD_EN = [
  "great|amazing|awesome|fantastic|wonderful|excellent|outstanding|brilliant|superb|incredible|perfect",
  "lovely|beautiful|terrific|fabulous|exceptional|best|good|nice|gorgeous|impeccable|phenomenal",
].join("|");
const WORK_EN = [
  "service|job|work|quality|team|staff|product|products|shop|store|cleaner|cleaners|technician|master|guys",
  "company|material|crew|people|customer|cleaning|repair|dress|shoes|jacket|business|person|plumber",
  "electrician|craftsmanship|packaging|experience|results|result",
].join("|");

const APPRAISAL: Phrases = {
  ru: `
    ${GOOD_RU} ${WORK_RU}; ${GOOD_RU} .. ${WORK_RU}
    качество|сервис|работа|мастер|обслуживание|товар .. отличн*|супер|прекрасн*|огонь|топ|великолепн*|идеальн*
    все|всё|уборка|вещь|платье|результат|команда .. отличн*|супер|прекрасн*|огонь|топ|великолепн*|идеальн*
    качество|сервис|работа|мастер|обслуживание|товар .. шикарн*|высоте|высший|класс
    качество|сервис|работа|мастер|обслуживание|товар .. замечательн*|потрясающ*|безупречн*|бомба
    все|всё|уборка|вещь|платье|результат|команда .. шикарн*|высоте|высший|класс
    все|всё|уборка|вещь|платье|результат|команда .. замечательн*|потрясающ*|безупречн*|бомба; понравил*|нравится
    в восторге|восхищении; восхищ*|впечатлен* .. очень|приятно
    вы .. лучшие|супер|молодцы|волшебни*|профессионал*|чудо; молодец|молодцы|умнич*|умница
    рекомендую|рекомендуем|порекомендую|рекомендовать|посоветую|советую .. вас|вам|всем
    рекомендую|рекомендуем|порекомендую|рекомендовать|посоветую|советую .. друзьям|знакомым|магазин*|мастер*
    всем .. рекомендую|советую|посоветую|рекомендуем; рекомендую; доволен|довольна|довольны; золотые руки
    на высшем уровне|разряде; на высоте; превзош* .. ожидан*; лучше чем ожидал*|думал*
    как новая|новый|новенькая|новое|новые; все|квартира .. блестит|сияет|сверкает; 5|пять звезд|баллов|с плюсом
    пятерк*; обожаю|люблю .. ваш*|вас
    очень вкусн*|красив*|удобн*|вежлив*|аккуратн*|профессиональн*|качествен*|внимательн*; так держать
    процветания|успехов вам; отлично|прекрасно|аккуратно|супер|идеально|качественно упакова*|сдела*|убра*|сшит*
    отлично|прекрасно|аккуратно|супер|идеально|качественно почини*|работает|работают|сидит|села
    великолепно|замечательно|шикарно|классно|безупречно|профессионально упакова*|сдела*|убра*|сшит*
    великолепно|замечательно|шикарно|классно|безупречно|профессионально почини*|работает|работают|сидит|села
    отлично|прекрасно|аккуратно|супер|идеально|качественно сел|сели|подош*|помы*|постира*
    отлично|прекрасно|аккуратно|супер|идеально|качественно выгляд*|собра*|прошло|отмы*|покрас*
    великолепно|замечательно|шикарно|классно|безупречно|профессионально сел|сели|подош*|помы*|постира*
    великолепно|замечательно|шикарно|классно|безупречно|профессионально выгляд*|собра*|прошло|отмы*|покрас*
    упакова*|сдела*|убра*|сшит*|почини*|сидит .. отлично|прекрасно|аккуратно|супер|идеально|качественно
    села|сел|подош*|помы*|собра*|выгляд* .. отлично|прекрасно|аккуратно|супер|идеально|качественно
    упакова*|сдела*|убра*|сшит*|почини*|сидит .. великолепно|замечательно|шикарно|классно|безупречно|чисто|совесть
    села|сел|подош*|помы*|собра*|выгляд* .. великолепно|замечательно|шикарно|классно|безупречно|чисто|совесть
    лучш* .. в городе|москве|мире|жизни|округе|районе|россии; похвалить|хвалю
    вежлив*|аккуратн*|приветлив* .. мастер*|клинер*|девушк*|сотрудни*|курьер*
    ответственн*|пунктуальн*|отзывчив*|добросовестн* .. мастер*|клинер*|девушк*|сотрудни*|курьер*
    вежлив*|аккуратн*|приветлив* .. парн*|ребят*|команд*|специалист*|все|и
    ответственн*|пунктуальн*|отзывчив*|добросовестн* .. парн*|ребят*|команд*|специалист*|все|и
    мастер*|клинер*|девушк*|сотрудни*|ребят*|специалист* ... вежлив*|аккуратн*|приветлив*|ответственн*
    мастер*|клинер*|девушк*|сотрудни*|ребят*|специалист* ... пунктуальн*|отзывчив*|внимательн*|профессионал*; от бога
    такая|такой чистота|порядок|красота; чистота такая|невероятная|идеальная; как хрусталь|картинка
    благодар* .. за .. работу|отношение|помощь|труд|уборку; приятно удивлен*|удивил*
    ваша|ваш|ваше|команда|мастер|магазин|сервис|вы .. лучшая|лучший|лучшее|лучшие|супер|молодцы|топ
    рада|рад|рады .. покупке|покупкой|заказу`,
  en: `
    ${GOOD_EN} ${WORK_EN}; ${WORK_EN} .. is|was|are|were .. ${GOOD_EN}|spotless|flawless
    i|we|absolutely|really|just love|loved .. it|this|the|my|these|them|your|how|you; love|loved it|this|your
    highly recommend|recommended; recommend you|your|them|this|it .. everyone|anyone|friends|all|highly
    will|would|definitely .. recommend; recommending you|them; recommend you|your
    so|very|really|extremely|absolutely|super|am|are happy|pleased|impressed|satisfied|thrilled|delighted
    happy|pleased|impressed|satisfied|thrilled|delighted with|by; could not be .. happier|better
    best .. ever|had|seen|used|town|bought; five|5 stars; exceeded .. expectations
    you guys .. rock|great|best|amazing|awesome; you are .. best; well done; great|good|amazing|excellent job; keep up
    works|fits|looks .. perfectly|great|perfect|amazing|beautiful|wonderful|fantastic|gorgeous|lovely|new; spotless
    top notch; first class; 10 out|10
    he|she|they|who|staff was|were|is|are .. great|wonderful|professional|friendly|polite
    he|she|they|who|staff was|were|is|are .. amazing|kind|careful|excellent|fantastic; exactly as described
    better than .. expected|pictured|photos|pictures|photo; big fan; kudos; hats off
    he|she|they|team|staff .. was|were|is|are .. polite|friendly|careful|punctual|courteous
    he|she|they|team|staff .. was|were|is|are .. thorough|lovely|super|brilliant|amazing
    technician|cleaner|plumber|crew|guys|everyone .. was|were|is|are .. polite|friendly|careful|punctual|courteous
    technician|cleaner|plumber|crew|guys|everyone .. was|were|is|are .. thorough|lovely|super|brilliant|amazing
    such a .. pleasure|great|wonderful|good; a real pro; made my day; keep it up; impressed
    beautifully|nicely|carefully|perfectly packed|wrapped|made|done|cleaned|packaged; adores|adore; is the best
    is|are a star|gem|legend; looks brand new
    friendly|helpful|polite|professional|kind staff|team|people|service|cleaner|technician|guys`,
};

const RETURNING: Phrases = {
  ru: `
    обязательно|точно|теперь|будем|буду|еще|снова .. закаж*|обращ*|обратимся|приду
    обязательно|точно|теперь|будем|буду|еще|снова .. придем|заказывать|вернусь|вернемся
    огромн*|отдельн* .. благодарност*|спасибо .. мастер*|девочк*|ребят*|за`,
  en: `
    will|would|definitely .. order|buy|use|book|hire|come|be|shop .. again|back
    thank|thanks .. for .. amazing|wonderful|excellent|fantastic|outstanding|brilliant`,
};

/** Not enough by themselves: people say "great" to a date, too. */
export const WARM: Phrases = {
  ru: `
    ❤; 😍; 🥰; 👏; 🔥; 💯; ⭐; 🌟; супер; восторг; шикарн*; великолепн*; прекрасн*; замечательн*; класс; вау; восхитительн*
    чудесн*; потрясающ*; изумительн*; обалденн*; счастлив*; красота; вкусн*; приятно; умнич*
    очень .. довол*|благодар*|рад|рада`,
  en: `
    wonderful; amazing; fantastic; awesome; excellent; brilliant; impressive; wow; superb; delicious; gorgeous
    stunning; loved; delighted; outstanding; exceptional; flawless; grateful
    very helpful|professional|friendly|pleased|happy`,
};

export const PRAISE: readonly Rule[] = [
  praise("says that it is good", 1.5, APPRAISAL),
  praise("wants to come again", 0.7, RETURNING),
  praise("warm words", 0.5, WARM),
];

/** What needs no answer, where it is the customer's last word. */
export const PRAISES: Sign = { name: "praises", phrases: APPRAISAL, negatable: true };

function praise(name: string, weight: number, phrases: Phrases): Rule {
  return { name, tag: "praise", weight, reads: "customer", phrases, negatable: true, when: ["asks nothing more"] };
}
