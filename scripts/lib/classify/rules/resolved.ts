import type { Phrases, Rule, Sign } from "./rule.ts";

const TAKING_LEAVE: Phrases = {
  ru: `
    спасибо|спасиб|спс|пасиб|благодарю|благодарим|благодарен|благодарна
    понял|поняла|поняли|понятно|ясно|принято|услышал|услышала; договорились|решено
    хорошо|ок|окей|окей|ладно|отлично|супер|прекрасно|класс|замечательно; до свидания|встречи|завтра|связи
    всего доброго|хорошего|наилучшего
    все|всё устраивает|подходит|верно|получилось|заработало|работает|пришло|решилось|в порядке
    подходит|устраивает|годится|идет; заработал*; получилось; помогло; вопрос .. решен|закрыт|снят; разобрал*
    больше .. вопросов; вопросов .. нет; жду|ждем|буду ждать; хорошего дня|вечера|выходных; согласен|согласна|согласны
    взаимно; до свиданья; 👍; 👌; 🙏; 🤝; пришел|пришло|пришла|пришли|дошло|получил|получила|нашел
    нашла|вижу|увидел*|открылось|прошло|сработало|подумаю|подумаем; нет спасибо; не сейчас; пока все|нет; это все|всё
    больше ничего; ничего не надо|нужно; все понятно|ясно|супер|хорошо|отлично
    записал|записала|запомнил*|учту|учтем|успею|успеем; теперь есть|вижу|работает|все
    приду|придем|приеду|круто|здорово|ага|угу; да есть|вижу|подходит|спасибо`,
  en: `
    thanks|thank|thankyou|thx|ty|cheers
    ok|okay|k|alright|fine|great|perfect|cool|awesome|wonderful|excellent|understood|lovely|brilliant; got it
    sounds good|great|perfect|fine; makes sense; i see; deal; agreed; noted
    that|this is|will|would .. all|it|everything|perfect|great|good|fine|correct|be; that all; no .. all; nothing else
    all good|set|done|sorted|clear; works now|for|great; it .. works|worked|helped; that helped|helps|works|worked
    working now; problem solved; resolved|sorted|solved; bye|goodbye; see you; have a; you too; appreciate|appreciated
    no more questions; will do; yes; 👍; 👌; 🙏; 🤝; went through; came through; found it; i got it; i will think
    think about it; no thanks|thank; not now; not right|for|at now|this|the
    that is|will|all .. it|all|need|needed|now; nope; all i|we .. need|needed|wanted; you have been|great help|helpful
    i am good|set|fine|done; nice; good to know; very good|well`,
};

const DONE: Phrases = {
  ru: `
    готово|сделано|сделали|исправили|исправлено|починили|решили|решено; запис* .. подтвержд*|оформл*
    записал*|записан*|забронировал*|забронирован*|перенес*|перенесен*|отменил*|отменен*|оформил*
    оформлен*|изменил*|изменен*|поменял*|обновил*|обновлен*|добавил*|подтвержден*|подтвердил*|оплачен*
    отправил*|отправлен*|выслал*|высланы|выслан|прислал* .. вам|чек*|счет*|документ*|ссылк*|почт*|на
    чек .. отправл*|отправил*; проблема|вопрос .. решен*|устранен*; все готово|настроил*|настроено|работает|исправ*
    начислил*|вернул*|зачислил*; направил*|переслал*|продублировал* .. вам|на
    сбросил*|восстановил*|подключил*|отключил*|удалил*|включил*|назначил*|закрепил*
    заморозил*|продлил*|активировал*|закрыл*|открыл*|поставил*
    убрал*|внес*|зарегистрировал*|применил*|увеличил*|уточнил*`,
  en: `
    ^done; ^cancelled|canceled|booked|sent|fixed|moved|confirmed|updated|sorted|rescheduled|changed|added|refunded
    been|now|just made|booked|confirmed|changed|moved|sent|cancelled|canceled|reserved|scheduled
    been|now|just rescheduled|updated|fixed|added|completed|successful|processed|resolved|placed|created|set
    is|are|was|were .. booked|confirmed|reserved|scheduled|rescheduled|cancelled
    is|are|was|were .. canceled|updated|fixed|resolved|complete|completed|sorted; all set|booked|sorted|done
    you are .. set|booked; i|we|have .. booked|moved|changed|sent|cancelled|canceled|reserved|scheduled
    i|we|have .. rescheduled|updated|fixed|added|emailed|resolved|confirmed|processed|completed; successfully
    payment .. successful|received
    been|now|just emailed|mailed|activated|refunded|extended|fixed|corrected|removed|resolved|approved; e mailed
    all updated|changed|cancelled|fixed|booked|confirmed|moved`,
};

const WELL_WISHES: Phrases = {
  ru: `
    пожалуйста .. обращайтесь|рады; рад*|рады .. помочь|помог*; обращайтесь; всегда .. рады|пожалуйста
    хорошего|приятного|отличного|доброго .. дня|вечера|выходных|отдыха; всего доброго|хорошего; до встречи`,
  en: `
    you are welcome; your welcome; my pleasure; glad .. help|helped|assist; happy to help|assist
    enjoy .. day|stay|meal|trip|evening|night|movie|ride|time|weekend
    have a|an .. day|evening|night|weekend|time|trip|one|stay; anytime; take care; no problem; see you`,
};

/** The customer's last word needs no answer. */
export const CLOSES: Sign = { name: "closes", phrases: TAKING_LEAVE, negatable: true };

export const RESOLVED: readonly Rule[] = [
  {
    name: "the customer takes leave after an answer",
    tag: "resolved",
    weight: 1.5,
    reads: "customer's closing",
    phrases: TAKING_LEAVE,
    negatable: true,
    when: ["answered", "asks nothing more"],
  },
  {
    name: "the business says that it is done",
    tag: "resolved",
    weight: 1.2,
    reads: "business's closing",
    phrases: DONE,
    negatable: true,
    when: ["asks nothing more"],
  },
  {
    name: "the business takes leave",
    tag: "resolved",
    weight: 0.8,
    reads: "business's closing",
    phrases: WELL_WISHES,
    when: ["asks nothing more"],
  },
];
