import type { Phrases } from "./rule.ts";

/** Words about goods and work that were not good. */
export const POOR_WORK: Phrases = {
  ru: `
    плохо убра*|помыл*|сделал*|постира*|собра*|упакова*|почист*|работа*|покрас*|отмыл*|вымыл*|почини*|устано*
    плох* качеств*|сервис*|обслужив*|работ*|упаковк*|отношен*|организац*
    не убрал*|домыл*|помыл*|доделал*|сделал*|постирал*|отмыл*|исправил*|починил*|довез*|протерл*|почистил*
    некачествен*; низк* качеств*; качеств* .. ужас*|плох*|низк*|отвратит*|никак*|оставляет; халтур*; тяп ляп; кое как
    не понрав*; не устра*|устроил*; не доволь*|довол*|доволен|рад|рада; недовол*; хуже .. некуда|стало|чем|раз
    грязн*|грязь .. оставил*|везде|осталась|осталось|осталис*|так; остал* .. грязн*|грязь|пятна|разводы|пыль; разводы
    нахам*|хам|хамит|хамят|хамств*|хамил*|грубил*|нагруб*|грубо|грубый|грубая|грубит
    зря .. потратил*|заплатил*|заказал*|купил*|связал*; выброшен* деньги; деньги на ветер; не стоит .. денег|своих
    не рекоменд*|советую|посоветую; больше .. не буду|закажу|обращ*|куплю|приду|воспольз*; никогда больше
    больше никогда; ни ногой; никому не; испортил*|затопил*|поцарапал*|украл*|своровал*|пропал*
    сервис*|качеств*|обслуживан*|отношени*|поддержк* .. ноль|нулев*|никакое|никакой|никакая|отстой|дно|хромает
    нитки торчат; криво|коряво|неровно|небрежно; все|весь|вся .. криво; ждал*|ожидал* .. большего|лучшего; лучше бы не
    деше* .. материал|пластик|ткань|синтетика; пыль|жир|волосы|паутина|мусор .. остал*|везде|под|на; под .. пыль
    не трогали; жирн* .. плит*; плита жирн*; курил*|орал*|кричал*|наорал*|ругал*|материл*|пьян*`,
  en: `
    poor|bad|low|terrible|awful|worst|lousy|shoddy|cheap|horrible quality|service|job|work|experience
    poor|bad|low|terrible|awful workmanship|packaging|attitude|support|customer|communication
    worst|lousy|shoddy|cheap|horrible workmanship|packaging|attitude|support|customer|communication
    poorly|badly made|done|cleaned|packed|installed|painted|built|packaged|finished
    quality|service|job|work .. bad|poor|low|terrible|awful; not .. properly
    not .. clean|cleaned|finish|finished|fix|fixed|solved; sloppy; dirty|filthy
    left .. mess|dirty|stains|dust|streaks
    not happy|satisfied|pleased|impressed|good|acceptable|worth|recommend|professional|fit; unhappy
    dissatisfied|unsatisfied; rude; unprofessional
    not very|really|at|so .. happy|satisfied|pleased|impressed|good|professional; waste|wasted .. money|time|hours|day
    never .. again; will|would not .. again; not like .. it|this|the|how|your; too small|big|tight|large|loose; worse
    stole|stolen; careless|carelessly; overpriced; expected better|more
    cleaner|team|guy|guys|technician|people|worker|workers|master .. left|broke|scratched|damaged
    cleaner|team|guy|guys|technician|people|worker|workers|master .. stained|ruined|lost|forgot|skipped
    was|were not there before; quality .. really|very|so|pretty poor|bad|low; could be better; wish i .. never|not
    dust|dirt|hair|crumbs .. everywhere|left|under|on; shouting|shouted|yelled|yelling|swore|smoked|drunk`,
};

/** Words of anger and disappointment, whatever they are about. */
export const ANGER: Phrases = {
  ru: `
    ужас|ужасн*|ужасающ*; отвратительн*|отвратный; кошмар*; безобраз*; позор*; наглост*|нагло|наглый
    обман|обмана|обманул*|обманыва*|обманщик*|обманом; мошенни*; кидал*|кинули; лохотрон; разочаров*
    возмущ*|возмутительн*; жалоб*|жалую*|пожалую*|пожалов*; претензи*; неприемлем*; недопустим*; ненормальн*
    не нормально|дело; разве это нормально; свинств*; издева*; что за .. сервис*|отношен*|бардак|ерунд*|фигн*|дел*
    бардак*|беспредел*; роспотребнадзор*; прокуратур*; в суд|полицию; подам .. суд; негативн*|плохой отзыв
    одну|одна звезд*; никуда не год*|годит*; мне надоело|надоел*; достали; хватит уже; стыдно|стыд; хватит врать
    врете|врут|наврал*|соврал*; дурдом; ужасно; расстро* .. очень|крайне|сильно; очень|крайне|сильно расстро*
    это что такое|за; как это понимать; сколько это|еще .. будет|ждать|продолжаться; кто .. ответит|отвечать .. за
    отказыва* .. помогать|решать|отвечать|менять; кто .. ответит|отвечать; замучил*|замучен*|измучил*; нервы|нервов
    терпение|терпения; бесит|бесите`,
  en: `
    terrible|terribly; awful; horrible|horrific|horrendous; disgusting|disgusted|disgrace|disgraceful; unacceptable
    disappointed|disappointing|disappointment; the worst; complain|complaint|complaints|complaining; ridiculous
    angry|furious|outraged|outrageous|livid|annoyed|upset; fed up; frustrated|frustrating; lied|lying|liars|liar|lies
    cheated|cheating|cheat; scammed|scam|scammers|scammer|fraud|fraudsters; shame|shameful|ashamed; appalling|appalled
    pathetic; nightmare; speak|talk .. manager|supervisor; how dare; sick of; what a joke; a joke; my lawyer
    small claims; consumer protection; report you; one star review; bad|negative review; let down; useless
    annoying; joke; had enough; losing patience; not acceptable`,
};
