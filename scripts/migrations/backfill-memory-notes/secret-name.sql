-- Whether a key, in words (name), looks like a secret's. Numbers that count tokens do not, nor does a consent to cookies.
(select plain ~ ' ([a-z0-9]*(password|passwd|passphrase|passcode|pwd|secret|token|apikey|accesskey|privatekey|secretkey|credential|authorization|sessionid|sessid|cookie|cardnumber|pincode)s?[0-9]*|(password|passwd|apikey)[a-z0-9]*|(o|basic|http|proxy)?auth|jwt|bearer|[th]?otp|pin[0-9]*|cv[vc][0-9]*|ssn) '
     or plain ~ ' (api|access|private|secret|encryption|signing|auth|ssh|gpg|pgp|master|client|license|service|account|session) keys?[0-9]* '
     or plain ~ ' (session id|card (number|no|num|nr)|(verification|security|recovery|backup|one time|sms|login|mfa|2fa|access|reset) codes?|connection string) '
     or plain ~ '^ (pass|pan|sid|(credit|debit|bank) card) $'
     or plain ~ ' ([а-яё]*парол[а-яё]*|[а-яё]*токен[а-яё]*|секрет[а-яё]*|пин|пинкод|куки|код (подтверждения|из смс|безопасности|доступа)|номер карты|ключ (api|апи|доступа)|(api|апи) ключ) '
   from (select ' ' || regexp_replace(regexp_replace(
                  translate(lower(name), 'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ', 'абвгдеёжзийклмнопрстуфхцчшщъыьэюя'),
                  '[^a-z0-9а-яё]+', ' ', 'g'),
                  case
                    when kind = 'number' and name ~* '(^| )(used|count|limit|max|min|total|prompt|completion|input|output|usage|budget|cost|left|remaining|number|num|per|average)( |$)'
                      then '\mtokens?\M|\mcookies? (consent|accepted|policy)\M'
                    else '\mcookies? (consent|accepted|policy)\M'
                  end, '', 'g') || ' ' as plain
         offset 0) normal)
