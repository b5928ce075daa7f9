/** What people read, in English and in Russian. */

import { shortened } from "../../lib/sources/umnico/person.ts";
import type { Voice } from "../../lib/sources/umnico/source.ts";
import type { Words } from "../../lib/task.ts";
import type { Stored } from "../../lib/thread.ts";
import type { Language } from "./options.ts";

export const TITLE = "Import Umnico's dialogs";

export const STEPS = ["Importing dialogs", "Recording audit log"];

export const LABELS = {
  dialogsTotal: "Dialogs total",
  dialogsProcessed: "Dialogs processed",
  dialogsSkipped: "Dialogs skipped",
  customersCreated: "Customers created",
  customersUpdated: "Customers updated",
  conversationsCreated: "Conversations created",
  conversationsUpdated: "Conversations updated",
  messagesInserted: "Messages inserted",
  messagesExisting: "Messages known",
  bookingsLinked: "Bookings linked",
  requests: "Requests",
  waitedSeconds: "Seconds waited",
};

const RUSSIAN: Words = {
  title: "Перенос диалогов из Umnico",
  steps: ["Перенос диалогов", "Запись в журнал"],
  labels: {
    dialogsTotal: "Всего диалогов",
    dialogsProcessed: "Обработано диалогов",
    dialogsSkipped: "Пропущено диалогов",
    customersCreated: "Создано клиентов",
    customersUpdated: "Обновлено клиентов",
    conversationsCreated: "Создано бесед",
    conversationsUpdated: "Обновлено бесед",
    messagesInserted: "Добавлено сообщений",
    messagesExisting: "Известных сообщений",
    bookingsLinked: "Связано с бронированиями",
    requests: "Запросов",
    waitedSeconds: "Секунд ожидания",
    errors: "Ошибок",
  },
};

/** What replaces the declaration's words in this language. */
export const wordsIn = (language: Language): Words => (language === "ru" ? RUSSIAN : {});

interface Lines extends Voice {
  /** The service is there, its browser is not. */
  notReady(): string;
}

const ENGLISH_LINES: Lines = {
  read: ({ id, display }, stored) => `Dialog ${id} (${shortened(display)}): ${counted(stored, ENGLISH_COUNTS)}`,
  existing: ({ id, display }) => `Dialog ${id} (${shortened(display)}): skipped, it is stored`,
  gone: ({ id, display }) => `Dialog ${id} (${shortened(display)}): skipped, the service does not have it any more`,
  left: (dialogs) => `  dialogs left: ${dialogs}`,
  scrolling: ({ id }) => `the service reads dialog ${id}`,
  notReady: () => "the service answers, but its browser is not ready yet: the first dialogs may take longer",
};

const RUSSIAN_LINES: Lines = {
  read: ({ id, display }, stored) => `Диалог ${id} (${shortened(display)}): ${counted(stored, RUSSIAN_COUNTS)}`,
  existing: ({ id, display }) => `Диалог ${id} (${shortened(display)}): пропущен, уже сохранён`,
  gone: ({ id, display }) => `Диалог ${id} (${shortened(display)}): пропущен, его больше нет в сервисе`,
  left: (dialogs) => `  осталось диалогов: ${dialogs}`,
  scrolling: ({ id }) => `сервис читает диалог ${id}`,
  notReady: () => "сервис отвечает, но его браузер ещё не готов: первые диалоги могут занять больше времени",
};

type Counts = Readonly<Record<keyof Stored, (count: number) => string>>;

const ENGLISH_COUNTS: Counts = {
  created: (count) => `${count} new`,
  existing: (count) => `${count} known`,
  quarantined: (count) => `${count} in quarantine`,
};

const RUSSIAN_COUNTS: Counts = {
  created: (count) => `новых ${count}`,
  existing: (count) => `известных ${count}`,
  quarantined: (count) => `в карантине ${count}`,
};

const counted = ({ created, existing, quarantined }: Stored, words: Counts): string =>
  [
    words.created(created),
    words.existing(existing),
    ...(quarantined === 0 ? [] : [words.quarantined(quarantined)]),
  ].join(", ");

export const voiceOf = (language: Language): Lines => (language === "ru" ? RUSSIAN_LINES : ENGLISH_LINES);
