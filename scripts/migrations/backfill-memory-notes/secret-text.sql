-- Whether a value (text, white space collapsed) looks like a secret: a signed token, a private key, a key of a well-known
-- service, a header or a URL that logs in, a password that is named, the number of a card.
(length(text) >= 6 and text ~ '[0-9=:._-]' and (
     text ~ '(^|[^A-Za-z0-9])(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|sk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}|[spr]k_(live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}|xox[abeprs]-[A-Za-z0-9-]{10,}|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|EAA[A-Za-z0-9]{30,}|[0-9]{8,10}:[A-Za-z0-9_-]{35})'
  or text ~ '-----BEGIN [A-Z0-9 ]+-----'
  or text ~* '(^|[^a-z0-9])(bearer +(?=[^ ]*[0-9])[a-z0-9._~+/=-]{8,}|basic +(?=[^ ]*[0-9=])[a-z0-9+/]{16,}=*)'
  or text ~* '[a-z][a-z0-9+.-]*://[^/ :@]*:[^/ @]+@|[?&](access_token|refresh_token|token|api_?key|secret|password|sig|signature)=[^& ]{4,}'
  or text ~* '(^|[^a-zа-яё])(password|passwd|pwd|passphrase|[Пп]ароль|cvv|cvc|api[ _-]?key|secret|token)["'']? *[:=] *[^ ]'
  or (text ~ '[2-6]([ -]?[0-9]){12}'
      and exists (select
                    from (select regexp_matches(text, '(?<![0-9])([2-6](?:[ -]?[0-9]){12,18})(?![0-9])', 'g') as found
                           union all
                          select regexp_matches(text, '(?<![0-9])([2-6][0-9]{3}(?:[ -][0-9]{4}){3})(?![0-9])', 'g')
                           union all
                          select regexp_matches(text, '(?<![0-9])(3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?![0-9])', 'g')) number
                   cross join lateral (select translate(found[1], ' -', '') as digits) card
                   where (select sum(case when (length(digits) - place) % 2 = 1 then digit * 2 / 10 + digit * 2 % 10 else digit end) % 10
                            from (select place, substr(digits, place, 1)::int as digit
                                    from generate_series(1, length(digits)) place) one) = 0))))
