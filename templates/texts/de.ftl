# The German translation of `en.ftl`, with the formal “Sie”.

## On every page

skip-to-content = Zum Inhalt springen
signed-in-as = Angemeldet als
sign-out = Abmelden
continue = Weiter
copy = Kopieren
request-id = Anfrage-ID
request-id-copy = (Anfrage-ID)
contact-label = Hilfe erhalten Sie hier:
what-to-do-now = Was Sie jetzt tun können

date-and-time = %d.%m.%Y, %H:%M UTC
duration-hours = { $number ->
    [one] { $number } Stunde
   *[other] { $number } Stunden
}
duration-minutes = { $number ->
    [one] { $number } Minute
   *[other] { $number } Minuten
}
duration-seconds = { $number ->
    [one] { $number } Sekunde
   *[other] { $number } Sekunden
}

## For the script

script-copied = Kopiert
script-not-copied = Nicht kopiert
script-chosen = {"{role}"}, {"{number}"} von {"{total}"}
script-expires = Die Zugangsdaten laufen {"{in}"} ab.
script-expired = Die Zugangsdaten sind abgelaufen.
script-picked = {"{number}"} ausgewählt
script-picked-too-many = {"{number}"} ausgewählt. Höchstens { $most } sind möglich.
script-just-now = gerade eben
script-soon = in weniger als einer Minute
script-count = {"{shown}"} von {"{total}"} Rollen

## The sign-in page

sign-in-title = Anmelden
sign-in-heading = Bei AWS anmelden
sign-in-lede = Melden Sie sich bei Ihrem Identitätsanbieter an und wählen Sie dann eine AWS-Rolle aus.
sign-in-with = Anmelden mit
sign-in-last-used = zuletzt verwendet
sign-in-email = E-Mail-Adresse
sign-in-nobody = Es ist kein Identitätsanbieter eingerichtet. Wenden Sie sich an Ihre Administration.
signed-out-here = Sie sind hier abgemeldet.
signed-out-here-only = Möglicherweise sind Sie bei Ihrem Identitätsanbieter noch angemeldet. In diesem Fall kann er Sie hier ohne Passwortabfrage wieder anmelden.
signed-out-everywhere = Sie sind abgemeldet,
signed-out-everywhere-too = sowohl hier als auch bei Ihrem Identitätsanbieter.
signed-out-partly = Ihr Identitätsanbieter hat nicht bestätigt, dass Sie auch dort und bei allen anderen Diensten abgemeldet sind. Schließen Sie zur Sicherheit den Browser.

## On the way to the identity provider and back

one-moment = Einen Moment
to-idp-sign-in = Sie werden zur Anmeldung zu { $idp } weitergeleitet.
to-idp-sign-out = Sie werden zu { $idp } weitergeleitet und auch dort abgemeldet.
to-idp-confirm-sign-out = Sie werden zum Abschluss der Abmeldung zu { $idp } zurückgeleitet.
repeat-lede = Für Ihre Anfrage war eine neue Anmeldung nötig. { $brand } setzt die Anfrage jetzt fort.

ask-again-title = Sie sind angemeldet
ask-again-other = Vor Ihrer Anmeldung hat jemand anderes etwas angefordert. Es wurde deshalb nicht ausgeführt. Wenn auch Sie es brauchen, fordern Sie es bitte an.
ask-again-lede = Ihre Anfrage konnte während der Anmeldung nicht aufbewahrt werden. Bitte stellen Sie die Anfrage noch einmal.

replace-title = Benutzer wechseln?
replace-lede = Sie sind als { $current } angemeldet. Mit einer Anmeldung, die anderswo begonnen wurde, würden Sie zu { $new } wechseln.
replace-warning = Wenn Sie das nicht erwartet haben, wechseln Sie nicht. Vielleicht will jemand erreichen, dass Sie unter seinem Namen arbeiten, ohne es zu bemerken.
replace-stay = Als { $current } angemeldet bleiben
replace-switch = Zu { $new } wechseln

## The portal

portal-title = Ihre Rollen
portal-roles = { $roles ->
    [one] { $roles } Rolle
   *[other] { $roles } Rollen
}
portal-in-accounts = { $accounts ->
    [one] in { $accounts } Konto.
   *[other] in { $accounts } Konten.
}
portal-session-ends = Sitzungsende
portal-only-role = Ihre Rolle in
get-credentials = Zugangsdaten abrufen
keys-choose = auswählen
keys-clear = Filter leeren
quick-favourites = Favoriten
quick-recent = Zuletzt verwendet
favourite = Favorit
copy-link = Link kopieren
filter-label = Nach Konto oder Rolle filtern
filter-shortcut = Mit der Taste / zum Filter springen
filter-shortcut-toggle = Tastenkürzel: mit dem Schrägstrich zum Filter springen
filter-nothing = Keine Rolle passt zu all diesen Wörtern.
filter-clear = Alle Rollen anzeigen
duration = Dauer
console-duration = Konsolensitzungen: { $duration } (von Ihrem Identitätsanbieter festgelegt)
region = Region
region-none = Standardregion
console-page = Konsolenseite
console-home = Startseite
permissions = Berechtigungen
permissions-all = Alle Berechtigungen
switch-instead = Ersetzt die oben gewählten Berechtigungen, nur für diese Rolle
reduced-to = Eingeschränkt auf
policy-size = Richtliniengröße
policy-size-taken = { $percent } % des AWS-Limits für Sitzungsrichtlinien und Tags
policy-size-warning = { $percent } % des AWS-Limits für Sitzungsrichtlinien und Tags. Über 100 % lehnt AWS die Anfrage ab.
role-via = über
at-most = Bis zu { $duration }
credentials = Zugangsdaten
console = Konsole

ask-reason = Wofür brauchen Sie diese Rolle?
ask-reason-hint = Ihre Antwort wird im Audit-Log aufgezeichnet.
ask-reason-hint-tag = Ihre Antwort wird im Audit-Log aufgezeichnet und als Tag an AWS gesendet. Im Tag werden andere Zeichen als Buchstaben, Ziffern, Leerzeichen und _ . : / = + - @ durch - ersetzt.
ask-reason-wrong = Geben Sie eine Begründung mit höchstens 256 Zeichen ein, darunter mindestens ein Buchstabe oder eine Ziffer.
ask-code = MFA-Code
ask-code-hint = 6-stelliger Code von
ask-code-wrong = Dieser Code wurde nicht angenommen. Jeder Code gilt nur einmal: Warten Sie auf den nächsten.

no-roles-title = Keine Rollen
no-roles-heading = Sie haben noch keine AWS-Rollen
no-roles-lede = Sie sind als { $name } angemeldet, aber { $idp } hat keine AWS-Rolle gesendet, die Sie verwenden können.
no-roles-dropped = { $dropped ->
    [one] { $dropped } Rolle wurde ausgelassen, weil Ihr Identitätsanbieter sie in einem Format gesendet hat, das AWS ablehnt. Ihre Administration kann den Grund einsehen.
   *[other] { $dropped } Rollen wurden ausgelassen, weil Ihr Identitätsanbieter sie in einem Format gesendet hat, das AWS ablehnt. Ihre Administration kann den Grund einsehen.
}
no-roles-to-do = Bitten Sie die Administration von { $idp } um eine Rolle und nennen Sie dabei diese Anfrage-ID. Wenn Sie die Rolle haben, melden Sie sich ab und wieder an.

## Who am I

me-title = Ihre Anmeldung
me-name = Name
me-idp = Identitätsanbieter
me-name-id = NameID dieser Anmeldung
me-format = NameID-Format
me-began = Anmeldezeitpunkt
me-roles = Rollen
me-grants = Ihre Grants
me-without-hub = Die Rollen des Grants „{ $grant }“ können Sie nicht verwenden, weil sie die Rolle { $hub } voraussetzen, die Sie nicht haben.
me-aws-grants = Diese Werte kommen von Ihrem Identitätsanbieter. Welche Werte für eine Rolle aus einem Grant gesendet werden, steht in den Details der Rolle.
me-aws = An AWS gesendet
me-no-session-name = Keiner. AWS verlangt für jede Rolle von Ihrem Identitätsanbieter einen Sitzungsnamen. Daher muss der Identitätsanbieter RoleSessionName senden.
me-source-identity = Quellidentität
me-none = Nicht vorhanden
me-console-duration = Konsolensitzungen
me-as-chosen = Die von Ihnen gewählte Dauer
me-tag = Tag
me-transitive = transitiv
me-dropped = Ausgelassen
me-dropped-lede = Ihr Identitätsanbieter hat diese Werte in einem Format gesendet, das AWS ablehnt. Ihre Administration kann sie beim Identitätsanbieter korrigieren.
me-dropped-beyond = { $number ->
    [one] Und { $number } weiterer Wert.
   *[other] Und { $number } weitere Werte.
}
dropped-not-a-pair = Der Wert muss aus einem Rollen-ARN und einem SAML-Anbieter-ARN bestehen, getrennt durch ein Komma.
dropped-role = Ungültiger Rollen-ARN: { $why }.
dropped-provider = Ungültiger SAML-Anbieter-ARN: { $why }.
arn-not-an-arn = Der Wert hat nicht die Form arn:Partition:iam::Konto:Ressource
arn-partition = Die Partition ist unbekannt (bekannt sind zum Beispiel aws, aws-cn, aws-us-gov, aws-eusc und aws-iso)
arn-service = Der Dienst ist nicht iam
arn-region = Ein IAM-ARN darf keine Region enthalten
arn-account = Die Konto-ID besteht nicht aus zwölf Ziffern
arn-not-a-role = Die Ressource beginnt nicht mit role/
arn-not-a-user = Die Ressource beginnt nicht mit user/
arn-not-root = Die Ressource ist nicht root
arn-not-a-provider = Die Ressource beginnt nicht mit saml-provider/
arn-path = Der Pfad ist leer, ist länger als 512 Zeichen oder enthält ein Zeichen, das IAM nicht erlaubt
arn-name = Der Name ist leer, ist länger als { $maximum } Zeichen oder enthält ein Zeichen, das IAM nicht erlaubt
dropped-two-partitions = Rolle und SAML-Anbieter liegen in verschiedenen Partitionen.
dropped-session-name = Der Wert muss 2 bis 64 Zeichen lang sein und darf nur A-Z a-z 0-9 _ + = , . @ - enthalten.
dropped-session-duration = Der Wert muss eine Anzahl von Sekunden zwischen 900 und 43200 sein.
dropped-source-identity = Der Wert muss 2 bis 64 Zeichen lang sein, darf nur A-Z a-z 0-9 _ + = , . @ - enthalten und nicht mit aws: beginnen.
dropped-tag-key = Der Schlüssel des Tags muss 1 bis 128 Zeichen lang sein, darf nur Zeichen enthalten, die IAM erlaubt, und nicht mit aws: beginnen.
dropped-tag-value = Der Wert des Tags darf höchstens 256 Zeichen lang sein und nur Zeichen enthalten, die IAM erlaubt.
dropped-tag-repeated = Es gibt bereits ein Tag mit diesem Schlüssel. Schlüssel, die sich nur in der Groß- und Kleinschreibung unterscheiden, gelten als gleich.
dropped-too-many-tags = AWS nimmt höchstens 50 Tags an, und es gibt bereits 50.
dropped-second-value = Dieses Attribut darf nur einen Wert haben und hat bereits einen.
dropped-not-text = Der Wert ist kein Text: Er enthält Elemente oder ist nil.
dropped-unknown-attribute = AWS kennt kein Attribut mit diesem Namen. Bei Namen wird zwischen Groß- und Kleinschreibung unterschieden.

## Role details

behind = Quelle
behind-link = Details zur Rolle
behind-assertion = Ihr Identitätsanbieter, über { $provider }
behind-grant = Grant „{ $grant }“ dieses Dienstes
behind-chain = Grant „{ $grant }“ dieses Dienstes, über die Rolle { $hub }
behind-token = Grant „{ $grant }“ dieses Dienstes, mit einem OpenID-Connect-Token
behind-federation = Grant „{ $grant }“ dieses Dienstes, über den IAM-Benutzer { $user }
behind-user = Grant „{ $grant }“ dieses Dienstes, mit den Schlüsseln des IAM-Benutzers { $user }
behind-root = Grant „{ $grant }“ dieses Dienstes, als Root-Benutzer des Kontos
not-served = AWS-Partition hier nicht eingerichtet
behind-asks = Erfordert
behind-fresh = eine höchstens { $duration } alte Anmeldung
behind-reason = eine Begründung
behind-code = einen MFA-Code
behind-problem = Diese Rolle lässt sich nicht verwenden: { $problem }.

## Tools

tools-title = AWS-Werkzeuge
tools-lede = Decodieren Sie die Meldung über einen verweigerten Zugriff oder finden Sie das Konto, zu dem ein Zugriffsschlüssel gehört. Für die Anfrage an AWS wird eine Ihrer Rollen verwendet. Die Zugangsdaten der Rolle werden nie angezeigt.
tools-no-role = Keine Ihrer Rollen eignet sich für diese Werkzeuge.
tools-refusal = Warum wurde der Zugriff verweigert?
tools-message = Codierte Meldung (Encoded authorization failure message)
tools-role = Zu verwendende Rolle
tools-explain = Meldung decodieren
tools-explicit = Eine Richtlinie verbietet diese Anfrage ausdrücklich.
tools-implicit = Keine Richtlinie erlaubt diese Anfrage.
tools-principal = Anfrage von
tools-action = Aktion
tools-resource = Ressource
tools-statement = Anweisung
tools-key = Zu welchem Konto gehört ein Zugriffsschlüssel?
tools-key-id = Zugriffsschlüssel-ID (AKIA… oder ASIA…)
tools-find = Konto finden
tools-account = Dieser Schlüssel gehört zum Konto

## Several roles at once

several-pick = Auswählen
several-lede = Wählen Sie Rollen aus, um ihre Zugangsdaten gemeinsam in einer Datei abzurufen.
several-not = Diese Rolle erfordert zuerst eine Begründung, einen MFA-Code oder eine neue Anmeldung. Verwenden Sie sie einzeln.
several-none = Auswahl aufheben
several-get = Zugangsdaten abrufen
several-title = Zugangsdaten für mehrere Rollen
several-profiles = { $number ->
    [0] Es wurden keine Zugangsdaten ausgestellt.
    [one] { $number } Profil für ~/.aws/credentials.
   *[other] { $number } Profile für ~/.aws/credentials.
}
several-names = Profile
several-refused = Für diese Rollen wurden keine Zugangsdaten ausgestellt:

## The credentials

credentials-for = Zugangsdaten für { $role }
all-roles = Alle Rollen
account = Konto
good-for = Gültig für { $duration }.
good-for-why = AWS, Ihr Identitätsanbieter oder der Grant lässt keine längere Dauer zu.
expired = Diese Zugangsdaten sind abgelaufen.
cleared = Die Zugangsdaten wurden beim Verlassen dieser Seite entfernt.
get-new-below = Unten können Sie neue abrufen.
expires = Gültig bis
seen-as = AWS sieht Sie als
session-name = Sitzungsname
role = Rolle
iam-user = IAM-Benutzer
root-user = Root-Benutzer
destination = Konsolenseite
copy-for = Zugangsdaten kopieren
copy-the-format = im Format { $format }
save = Speichern
save-as-file = als Datei
profile = Profilname
profile-wrong = Ein Profilname darf nur Buchstaben von A bis Z, Ziffern und _ . @ + - enthalten und nicht mit - beginnen.
show = Anzeigen
hide = Verbergen
show-what = (geheime Werte)
show-secrets = Geheime Werte anzeigen
copy-failed = Ihr Browser hat das Kopieren nicht erlaubt. Der Text ist markiert: Kopieren Sie ihn mit der Tastatur.
more-with-role = Weitere Aktionen für diese Rolle
get-new = Neue Zugangsdaten abrufen
open-console = Konsole öffnen

format-bash = bash, zsh
    .hint = In bash, zsh oder eine andere POSIX-Shell einfügen.
format-fish = fish
    .hint = In fish einfügen.
format-powershell = PowerShell
    .hint = Auf jedem Betriebssystem in PowerShell einfügen.
format-cmd = Eingabeaufforderung
    .hint = In die Windows-Eingabeaufforderung einfügen.
format-csh = csh, tcsh
    .hint = In csh oder tcsh einfügen.
format-dotenv = .env-Datei
    .hint = Für Programme, die .env-Dateien lesen: als .env speichern.
format-credentials-file = Credentials-Datei
    .hint = Zu ~/.aws/credentials hinzufügen und das Profil mit --profile oder AWS_PROFILE auswählen.
format-credential-process = JSON
    .hint = Die Ausgabe eines credential_process-Programms.

## Errors: the heading, what happened, and what to do now

sign-in-again = Erneut anmelden
to-sign-in = Zur Anmeldeseite
try-again = Erneut versuchen
back-to-roles = Zurück zu Ihren Rollen
aws-says = Meldung von AWS: „{ $message }“

error-idp-said-no =
    .title = Ihr Identitätsanbieter hat die Anmeldung abgelehnt
    .happened = Ihr Identitätsanbieter hat diese Meldung gesendet: „{ $message }“
    .to-do = Wenden Sie sich an die Administration Ihres Identitätsanbieters oder melden Sie sich als jemand anderes an.
error-idp-said-no-reason =
    .title = Ihr Identitätsanbieter hat die Anmeldung abgelehnt
    .happened = Ihr Identitätsanbieter hat keinen Grund genannt.
    .to-do = Wenden Sie sich an die Administration Ihres Identitätsanbieters oder melden Sie sich als jemand anderes an.
error-too-late =
    .title = Diese Anmeldung ist derzeit nicht gültig
    .happened = Die Anmeldung kam zu spät oder zu früh an, oder Ihre Sitzung beim Identitätsanbieter ist bereits beendet.
    .to-do = Melden Sie sich erneut an. Wenn der Fehler jedes Mal auftritt, nennen Sie Ihrer Administration die Anfrage-ID: Möglicherweise geht die Uhr des Identitätsanbieters oder dieses Dienstes falsch.
error-over =
    .title = Diese Anmeldung ist beendet
    .happened = Die Anmeldung hat zu lange gedauert, wurde bereits abgeschlossen oder durch einen Neustart dieses Dienstes unterbrochen.
    .to-do = Melden Sie sich erneut an.
error-replay =
    .title = Diese Anmeldung wurde bereits verwendet
    .happened = Jede Anmeldung gilt nur einmal. Wer im Browser zurückgeht, sendet sie unter Umständen ein zweites Mal.
    .to-do = Melden Sie sich erneut an.
error-idp-removed =
    .title = Ihr Identitätsanbieter wurde entfernt
    .happened = Mit dem Identitätsanbieter, bei dem Sie sich angemeldet haben, können Sie diesen Dienst nicht mehr verwenden.
    .to-do = Melden Sie sich mit einem anderen Identitätsanbieter an oder wenden Sie sich an Ihre Administration.
error-idp-replaced =
    .title = Ihr Identitätsanbieter wurde ersetzt
    .happened = Ihre Administration hat den Identitätsanbieter ersetzt, bei dem Sie sich angemeldet haben. Diese Anmeldung ist daher nicht mehr gültig.
    .to-do = Melden Sie sich erneut an.
error-other-browser =
    .title = Diese Anmeldung gehört zu einem anderen Browser
    .happened = Die Anmeldung wurde in einem anderen Browser oder einem privaten Fenster begonnen und lässt sich nur dort abschließen.
    .to-do = Melden Sie sich in diesem Browser erneut an.
error-encryption =
    .title = Diese Anmeldung lässt sich nicht entschlüsseln
    .happened = Ihr Identitätsanbieter hat die Anmeldung mit einem Schlüssel, den dieser Dienst nicht hat, oder auf eine nicht unterstützte Weise verschlüsselt.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Der Identitätsanbieter muss mit dem aktuellen Zertifikat dieses Dienstes und einem unterstützten Verfahren wie AES-GCM verschlüsseln oder gar nicht.
error-not-asked-again =
    .title = Ihr Identitätsanbieter hat keine neue Anmeldung verlangt
    .happened = Dieser Dienst hat eine neue Anmeldung verlangt, Ihr Identitätsanbieter hat aber eine frühere wiederverwendet.
    .to-do = Melden Sie sich bei Ihrem Identitätsanbieter ab und dann erneut an.
error-authn-context =
    .title = Anmeldeverfahren nicht zulässig
    .happened = Dieser Dienst verlangt bestimmte Anmeldeverfahren, etwa mit einem zweiten Faktor. Sie haben ein anderes Verfahren verwendet.
    .to-do = Melden Sie sich mit einem zulässigen Verfahren erneut an. Wenn Ihr Identitätsanbieter keines anbietet, nennen Sie Ihrer Administration die Anfrage-ID.
error-unsolicited =
    .title = Diese Anmeldung wurde nicht hier begonnen
    .happened = Die Anmeldung wurde beim Identitätsanbieter begonnen. Das erlaubt dieser Dienst für diesen Identitätsanbieter nicht.
    .to-do = Beginnen Sie auf der Anmeldeseite dieses Dienstes.
error-unknown-issuer =
    .title = Unbekannter Identitätsanbieter
    .happened = Die Anmeldung kam von einem Identitätsanbieter, der in diesem Dienst nicht eingerichtet ist.
    .to-do = Beginnen Sie auf der Anmeldeseite dieses Dienstes. Wenn der Fehler auch dort auftritt, nennen Sie Ihrer Administration die Anfrage-ID: Die Entity-ID, die der Identitätsanbieter sendet, ist eine andere als die in seinen Metadaten.
error-audience =
    .title = Diese Anmeldung ist nicht für diesen Dienst bestimmt
    .happened = Die Audience in der Nachricht Ihres Identitätsanbieters fehlt oder ist ein anderer Dienst.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Der Identitätsanbieter muss als Audience die Entity-ID dieses Dienstes senden.
error-recipient =
    .title = Diese Anmeldung ging an die falsche Adresse
    .happened = Die Nachricht Ihres Identitätsanbieters ist nicht an die URL gerichtet, bei der sie eingegangen ist.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Die ACS-URL (Recipient, Antwort-URL), die beim Identitätsanbieter eingerichtet ist, ist nicht die ACS-URL dieses Dienstes.
error-signature =
    .title = Diese Anmeldung ist nicht von Ihrem Identitätsanbieter signiert
    .happened = Die Anmeldung ist mit keinem Schlüssel signiert, den dieser Dienst für Ihren Identitätsanbieter hat.
    .to-do = Melden Sie sich erneut an. Wenn der Fehler jedes Mal auftritt, nennen Sie Ihrer Administration die Anfrage-ID: Vielleicht hat der Identitätsanbieter ein neues Zertifikat, das dieser Dienst noch nicht hat.
error-unverified =
    .title = Diese Anmeldung konnte nicht verifiziert werden
    .happened = Die Nachricht Ihres Identitätsanbieters hat die Prüfungen dieses Dienstes nicht bestanden.
    .to-do = Melden Sie sich erneut an. Wenn der Fehler jedes Mal auftritt, nennen Sie Ihrer Administration die Anfrage-ID.
error-logout =
    .title = Diese Abmeldung wurde abgelehnt
    .happened = Die Nachricht des Identitätsanbieters konnte nicht verifiziert oder nicht verwendet werden. Es wurde nichts geändert.
    .to-do = Um sich hier abzumelden, verwenden Sie die Schaltfläche „Abmelden“ auf der Seite mit Ihren Rollen. Wenn dieser Fehler bei jeder Abmeldung auftritt, nennen Sie Ihrer Administration die Anfrage-ID.
error-bad-request =
    .title = Ungültige Anfrage
    .happened = Die Anfrage ist unvollständig oder fehlerhaft: { $problem }.
    .to-do = Gehen Sie zurück zu Ihren Rollen und versuchen Sie es erneut. Wenn ein Programm die Anfrage gesendet hat, korrigieren Sie das Programm.
problem-not-a-form = Der Content-Type ist nicht application/x-www-form-urlencoded
problem-not-well-formed = Das Formular oder der Query-String ist nicht korrekt URL-codiert
problem-twice = { $field } kommt mehrmals vor
problem-missing = { $field } fehlt
problem-unknown = { $field } ist kein bekanntes Feld
problem-too-long = { $field } ist zu lang
problem-name-too-long = Der Name eines Feldes ist zu lang
problem-link-too-long = Der Link ist zu lang
problem-too-many-fields = Das Formular oder der Query-String enthält zu viele Felder oder zu viele Daten
problem-switch = Ein Schalter gibt nicht sowohl eine Sitzungsrichtlinie als auch eine Rolle an
problem-duration = duration_seconds muss eine Zahl sein
problem-region = region muss ein Regionscode wie eu-central-1 sein
problem-action = action muss console, credentials oder show sein
problem-slow = Der Inhalt der Anfrage kam zu langsam an
problem-unreadable = Der Inhalt der Anfrage ließ sich nicht lesen
problem-no-role = Es ist keine Rolle ausgewählt
problem-too-many-roles = Es sind mehr als { $most } Rollen ausgewählt
problem-role-twice = Eine Rolle ist zweimal ausgewählt
problem-access-key-id = access_key_id muss 16 bis 128 Zeichen lang sein und darf nur Buchstaben, Ziffern und _ enthalten
problem-tool-json = Der Inhalt muss ein JSON-Objekt mit role_arn, entweder message oder access_key_id und optional entweder provider_arn oder grant sein
problem-json = Der Inhalt muss ein JSON-Objekt mit role_arn sein, optional mit entweder provider_arn oder grant sowie mit duration_seconds (einer Zahl), region, policy, destination, reason und token_code
error-too-large =
    .title = Diese Anfrage ist zu groß
    .happened = Die Anfrage überschreitet das Größenlimit dieses Dienstes. Es wurde nichts geändert.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID.
error-too-often =
    .title = Zu viele Anfragen
    .happened = Aus Ihrem Netz kamen mehr Anfragen, als dieser Dienst von einer Adresse annimmt.
    .to-do = { $seconds ->
        [one] Warten Sie eine Sekunde und versuchen Sie es dann erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration.
       *[other] Warten Sie { $seconds } Sekunden und versuchen Sie es dann erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration.
    }
error-not-signed-in =
    .title = Sie sind nicht angemeldet
    .happened = Entweder haben Sie sich noch nicht angemeldet, oder Ihre Sitzung ist beendet.
    .to-do = Melden Sie sich an.
error-login-required =
    .title = Neue Anmeldung erforderlich
    .happened = Ihre Anmeldung ist für diese Anfrage zu alt, oder die Anmelderegeln haben sich seit Ihrer Anmeldung geändert.
    .to-do = Melden Sie sich unter login_url erneut an und wiederholen Sie die Anfrage.
error-unknown-idp =
    .title = Diesen Identitätsanbieter gibt es nicht
    .happened = Der angeforderte Identitätsanbieter ist in diesem Dienst nicht eingerichtet.
    .to-do = Wählen Sie auf der Anmeldeseite einen Identitätsanbieter aus.
error-idp-unavailable =
    .title = Ihr Identitätsanbieter ist derzeit nicht verfügbar
    .happened = Die Metadaten des Identitätsanbieters fehlen oder sind abgelaufen. Daher kann dieser Dienst keine Anmeldung prüfen.
    .to-do = Versuchen Sie es in einigen Minuten erneut. Wenn das Problem bestehen bleibt, nennen Sie Ihrer Administration die Anfrage-ID.
error-unknown-email =
    .title = Kein Identitätsanbieter für diese Adresse
    .happened = Für die Domain dieser E-Mail-Adresse ist kein Identitätsanbieter eingerichtet.
    .to-do = Prüfen Sie die Adresse auf Tippfehler oder wählen Sie auf der Anmeldeseite einen Identitätsanbieter aus.
error-not-found =
    .title = Seite nicht gefunden
    .happened = Unter dieser Adresse gibt es keine Seite. Vielleicht enthält die Adresse einen Tippfehler, oder der Link ist veraltet.
    .to-do = Prüfen Sie die Adresse oder gehen Sie zu Ihren Rollen.
error-wrong-method =
    .title = Diese Anfrage ist hier nicht möglich
    .happened = Diese Adresse nimmt keine Anfragen dieser Art an.
    .to-do = Gehen Sie zu Ihren Rollen. Wenn ein Programm die Anfrage gesendet hat, prüfen Sie die Methode und die Adresse.
error-cross-origin =
    .title = Anfrage von einer anderen Website blockiert
    .happened = Eine andere Website hat über Ihren Browser eine Anfrage hierher gesendet. Es wurde nichts geändert.
    .to-do = Wenn Sie von Ihrem Identitätsanbieter kamen, hat er seine Nachricht an die falsche URL gesendet: Wenden Sie sich an Ihre Administration. Gehen Sie sonst zu Ihren Rollen und versuchen Sie es dort erneut.
error-ahead-of-time =
    .title = Diese Seite öffnet sich erst, wenn Sie dem Link folgen
    .happened = Ihr Browser hat diese Seite angefordert, bevor Sie dem Link gefolgt sind. Es wurde nichts geändert.
    .to-do = Folgen Sie dem Link oder laden Sie diese Seite neu.
error-session-ended =
    .title = Ihre Sitzung ist inzwischen beendet
    .happened = Während AWS geantwortet hat, haben Sie sich abgemeldet oder neu angemeldet, oder Ihre Sitzung wurde beendet. Das Ergebnis wurde verworfen.
    .to-do = Melden Sie sich erneut an und wählen Sie die Rolle erneut.
error-busy =
    .title = Derzeit überlastet
    .happened = Dieser Dienst erhält derzeit mehr Anfragen, als er bearbeiten kann. Es ist nichts verloren gegangen.
    .to-do = { $seconds ->
        [one] Warten Sie eine Sekunde und versuchen Sie es dann erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration.
       *[other] Warten Sie { $seconds } Sekunden und versuchen Sie es dann erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration.
    }
error-full =
    .title = Derzeit sind keine Anmeldungen mehr möglich
    .happened = Dieser Dienst hat keinen Speicher mehr für neue Sitzungen, und er beendet keine bestehenden Sitzungen, um Platz zu schaffen.
    .to-do = Versuchen Sie es in einigen Minuten erneut und informieren Sie Ihre Administration: Das Speicherlimit für Sitzungen lässt sich anheben.
error-no-marks =
    .title = Zu viele An- und Abmeldungen
    .happened = Dieser Dienst hat keinen Speicher mehr, um eine weitere An- oder Abmeldung zu vermerken. Ihre wurde daher nicht abgeschlossen.
    .to-do = Versuchen Sie es in einigen Minuten erneut und nennen Sie Ihrer Administration die Anfrage-ID.
error-too-many-logins =
    .title = Zu viele Anmeldungen
    .happened = Sie haben sich in den letzten Minuten zu oft angemeldet. Falls Sie eine Sitzung haben, ist sie weiterhin gültig.
    .to-do = { $seconds ->
        [one] Warten Sie eine Sekunde und melden Sie sich dann erneut an. Wenn Sie es nicht waren, nennen Sie Ihrer Administration die Anfrage-ID.
       *[other] Warten Sie { $seconds } Sekunden und melden Sie sich dann erneut an. Wenn Sie es nicht waren, nennen Sie Ihrer Administration die Anfrage-ID.
    }
error-store =
    .title = Sitzungen sind nicht verfügbar
    .happened = Dieser Dienst konnte Sitzungsdaten nicht lesen oder speichern.
    .to-do = Versuchen Sie es in einer Minute erneut. Wenn das Problem bestehen bleibt, nennen Sie Ihrer Administration die Anfrage-ID.
error-audit =
    .title = Das Audit-Log ist nicht verfügbar
    .happened = Dieser Dienst konnte nicht in sein Audit-Log schreiben und hat Ihre Anfrage daher nicht abgeschlossen.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID.
error-internal =
    .title = Etwas ist schiefgegangen
    .happened = In diesem Dienst ist ein interner Fehler aufgetreten.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID.

error-stale =
    .title = Anmeldung zu alt für AWS
    .happened = AWS nimmt eine Anmeldung höchstens fünf Minuten lang an. Ihre ist älter oder bereits abgelaufen.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Die Uhr des Identitätsanbieters oder dieses Dienstes geht falsch.
error-sign-in-outdated =
    .title = Neue Anmeldung erforderlich
    .happened = Ihre Anmeldung ist nicht mehr gültig. Möglicherweise haben sich die Anmelderegeln geändert, oder die Metadaten Ihres Identitätsanbieters sind gerade nicht verfügbar.
    .to-do = Melden Sie sich erneut an. Wenn der Fehler wieder auftritt, nennen Sie Ihrer Administration die Anfrage-ID.
error-not-entitled =
    .title = Sie haben diese Rolle nicht
    .happened = Weder Ihr Identitätsanbieter noch ein Grant dieses Dienstes weist Ihnen diese Rolle zu.
    .to-do = Wählen Sie eine Rolle aus Ihrer Liste.
error-other-provider =
    .title = Falscher SAML-Anbieter oder Grant
    .happened = Sie können diese Rolle verwenden, aber nicht über den angeforderten SAML-Anbieter oder Grant.
    .to-do = Wählen Sie die Rolle aus Ihrer Liste.
error-name-provider =
    .title = Wählen Sie, wie Sie diese Rolle erhalten
    .happened = Sie haben diese Rolle über mehrere SAML-Anbieter oder Grants, und die Anfrage gibt nicht an, welcher davon verwendet werden soll.
    .to-do = Wählen Sie einen davon in Ihrer Rollenliste (in Programmen: provider_arn oder grant angeben).
error-duration =
    .title = Diese Dauer ist nicht erlaubt
    .happened = Die Dauer muss zwischen 900 und { $max } Sekunden liegen.
    .to-do = Wählen Sie eine Dauer in diesem Bereich.
error-no-console =
    .title = Konsole nicht verfügbar
    .happened = Dieser Dienst kann die Konsole der Partition { $partition } nicht öffnen.
    .to-do = Rufen Sie stattdessen Zugangsdaten für die Kommandozeile ab.
error-policy =
    .title = Unbekannte Berechtigungen
    .happened = Die angeforderten Berechtigungen sind in diesem Dienst nicht eingerichtet.
    .to-do = Wählen Sie die Rolle aus Ihrer Liste und dazu Berechtigungen, die dort angeboten werden.
error-partition =
    .title = Diese Rolle lässt sich hier nicht verwenden
    .happened = Die Rolle gehört zur Partition { $partition }, die in diesem Dienst nicht eingerichtet ist.
    .to-do = Wählen Sie eine andere Rolle oder bitten Sie Ihre Administration, die Partition in aws.partitions aufzunehmen.
error-console-never =
    .title = Keine Konsole für diese Zugangsdaten
    .happened = AWS öffnet die Konsole nur mit Zugangsdaten von Rollen und Verbundbenutzern.
    .to-do = Rufen Sie stattdessen Zugangsdaten für die Kommandozeile ab.
error-tool-role =
    .title = Für diese Werkzeuge ist eine Rolle erforderlich
    .happened = AWS nimmt diese Anfragen nicht mit den temporären Zugangsdaten eines Verbundbenutzers, IAM-Benutzers oder Root-Benutzers an.
    .to-do = Wählen Sie eine Rolle.
error-policy-fixed =
    .title = Die Berechtigungen dieser Rolle stehen fest
    .happened = Für diese Rolle können Sie keine Sitzungsrichtlinie wählen. Entweder hat die Rolle bereits eine, und eine zweite würde Berechtigungen hinzufügen, oder AWS nimmt für diese Rolle keine an.
    .to-do = Verwenden Sie die Rolle, ohne Berechtigungen auszuwählen.
error-fresh-login =
    .title = Neue Anmeldung erforderlich
    .happened = Diese Rolle erfordert, dass Sie sich vor Kurzem angemeldet haben. Ihre Anmeldung ist zu alt, oder Ihr Identitätsanbieter gibt nicht an, wann Sie sich angemeldet haben.
    .to-do = Melden Sie sich erneut an. Wenn der Fehler jedes Mal auftritt, nennen Sie Ihrer Administration die Anfrage-ID: Der Identitätsanbieter muss AuthnInstant senden und ForceAuthn beachten.
error-reason =
    .title = Begründung erforderlich
    .happened = Diese Rolle erfordert eine Begründung mit höchstens 256 Zeichen, darunter mindestens ein Buchstabe oder eine Ziffer.
    .to-do = Verwenden Sie die Rolle einzeln und geben Sie die Begründung ein (in Programmen: reason angeben).
error-mfa-code =
    .title = MFA-Code erforderlich
    .happened = Diese Rolle erfordert einen 6-stelligen Code von einem MFA-Gerät.
    .to-do = Verwenden Sie die Rolle einzeln und geben Sie den Code ein (in Programmen: token_code angeben).
error-mfa-refused =
    .title = Falscher MFA-Code
    .happened = AWS hat den Code des MFA-Geräts nicht angenommen.
    .to-do = Warten Sie auf den nächsten Code und geben Sie ihn ein.
error-too-many-codes =
    .title = Zu viele falsche Codes
    .happened = Sie haben für dieses MFA-Gerät fünf falsche Codes eingegeben.
    .to-do = Warten Sie 15 Minuten. Wenn Sie es nicht waren, nennen Sie Ihrer Administration die Anfrage-ID.
error-too-many-codes-device =
    .title = Zu viele falsche Codes
    .happened = Für dieses MFA-Gerät wurden zu viele falsche Codes eingegeben, von Ihnen oder von anderen.
    .to-do = Warten Sie 15 Minuten. Wenn Sie den Zugriff früher brauchen, nennen Sie Ihrer Administration die Anfrage-ID.
error-too-many-codes-address =
    .title = Zu viele falsche Codes
    .happened = Von Ihrer Netzwerkadresse aus wurden zu viele falsche MFA-Codes eingegeben, von Ihnen oder von anderen.
    .to-do = Warten Sie 15 Minuten. Wenn Sie den Zugriff früher brauchen, nennen Sie Ihrer Administration die Anfrage-ID.
error-changing =
    .title = Die Konfiguration wird gerade geändert
    .happened = Die Konfiguration hat sich mehrmals geändert, während AWS Ihre Anfrage bearbeitet hat. Es wurde nichts ausgestellt.
    .to-do = Versuchen Sie es erneut.
error-session-parameters =
    .title = Ihrer Anmeldung fehlen Angaben für diese Rolle
    .happened = Angaben von Ihrem Identitätsanbieter fehlen oder sind für diese Rolle nicht gültig: { $error }.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Der Identitätsanbieter muss die nötigen Angaben senden, oder der Grant muss geändert werden.
session-parameters-missing = { $of } erfordert { $value }, aber Ihr Identitätsanbieter sendet diesen Wert nicht
session-parameters-several = { $of } erfordert einen einzigen Wert für { $value }, aber Ihr Identitätsanbieter sendet mehrere
session-parameters-name = { $of } wäre „{ $value }“ und damit ungültig: Der Wert muss 2 bis 64 Zeichen lang sein und darf nur A-Z a-z 0-9 _ + = , . @ - enthalten
session-parameters-short-name = { $of } wäre „{ $value }“ und damit ungültig: Der Wert muss 2 bis 32 Zeichen lang sein und darf nur A-Z a-z 0-9 _ + = , . @ - enthalten
session-parameters-tag = { $of } wäre „{ $value }“, und das ist kein gültiger Tag-Wert
error-destination =
    .title = Diese Seite lässt sich nicht öffnen
    .happened = Das Ziel ist keine Seite der AWS-Konsole in der Partition dieser Rolle.
    .to-do = Lassen Sie das Ziel weg oder geben Sie einen Pfad wie /s3/home an.

error-sts-expired-token =
    .title = Anmeldung zu alt für AWS
    .happened = AWS hat die Anmeldung abgelehnt, weil sie mehr als fünf Minuten alt oder abgelaufen ist.
    .to-do = Melden Sie sich erneut an. Wenn der Fehler sofort wieder auftritt, nennen Sie Ihrer Administration die Anfrage-ID: Möglicherweise geht die Uhr des Identitätsanbieters oder dieses Dienstes falsch.
error-sts-invalid-identity-token =
    .title = AWS konnte die Anmeldung nicht verifizieren
    .happened = AWS hat die Nachricht Ihres Identitätsanbieters als ungültig abgelehnt.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID. Der SAML-Anbieter in IAM braucht die aktuellen Metadaten des Identitätsanbieters, zum Beispiel nach einem Wechsel des Signaturzertifikats. RoleSessionName und SourceIdentity müssen 2 bis 64 Zeichen lang sein und dürfen nur A-Z a-z 0-9 _ + = , . @ - enthalten.
error-sts-idp-rejected-claim =
    .title = AWS hat die Anmeldung abgelehnt
    .happened = AWS hat eine Angabe (Claim) in der Nachricht Ihres Identitätsanbieters oder in einem Token dieses Dienstes abgelehnt.
    .to-do = Melden Sie sich erneut an. Wenn das Problem bestehen bleibt, nennen Sie Ihrer Administration die Anfrage-ID.
error-sts-access-denied =
    .title = AWS hat den Zugriff verweigert
    .happened = AWS erlaubt Ihnen nicht, diese Rolle zu verwenden.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID. Die Vertrauensrichtlinie der Rolle muss dem SAML-Anbieter sts:AssumeRoleWithSAML erlauben, und ihre Bedingung für SAML:aud muss die Anmelde-URL (ACS) dieses Dienstes zulassen. Außerdem muss die Richtlinie sts:TagSession erlauben, wenn der Identitätsanbieter Tags sendet, und sts:SetSourceIdentity, wenn er eine Quellidentität sendet. Auch der Name der Rolle muss stimmen: AWS verrät nicht, ob es eine Rolle gibt.
error-sts-duration =
    .title = AWS hat die Dauer abgelehnt
    .happened = Die Rolle erlaubt keine Sitzungen dieser Dauer.
    .to-do = Wählen Sie eine kürzere Dauer.
error-sts-validation-error =
    .title = AWS hat die Anfrage abgelehnt
    .happened = AWS hat in der Anfrage einen ungültigen Wert gefunden.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Die Meldung von AWS zeigt, welcher Wert geändert werden muss.
error-sts-malformed-policy-document =
    .title = AWS hat die Sitzungsrichtlinie abgelehnt
    .happened = Die Sitzungsrichtlinie ist nicht gültig.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Die Sitzungsrichtlinie muss in der Konfiguration korrigiert werden.
error-sts-packed-policy-too-large =
    .title = Sitzungsrichtlinien und Tags zu groß
    .happened = Die Sitzungsrichtlinien und Tags für diese Rolle überschreiten das AWS-Limit.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Diese Rolle braucht weniger oder kürzere Sitzungs-Tags oder kleinere Sitzungsrichtlinien.
error-sts-region-disabled =
    .title = AWS STS ist in dieser Region nicht aktiv
    .happened = Das Konto dieser Rolle hat AWS STS in der Region, die dieser Dienst verwendet, nicht aktiviert.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: STS muss in den Kontoeinstellungen von IAM für diese Region aktiviert werden, oder dieser Dienst muss eine andere Region verwenden.
error-sts-throttled =
    .title = Zu viele Anfragen an AWS
    .happened = AWS hat zu viele Anfragen erhalten und lehnt weitere vorübergehend ab.
    .to-do = Versuchen Sie es in einer Minute erneut.
error-sts-unavailable =
    .title = AWS STS ist nicht verfügbar
    .happened = In AWS STS ist ein interner Fehler aufgetreten.
    .to-do = Versuchen Sie es in einer Minute erneut. Wenn das Problem bestehen bleibt, prüfen Sie das AWS Health Dashboard.
error-sts-unreachable =
    .title = AWS ist nicht erreichbar
    .happened = Die Verbindung von diesem Dienst zu AWS STS ist fehlgeschlagen oder hat zu lange gedauert.
    .to-do = Versuchen Sie es in einer Minute erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration: Dieser Dienst muss AWS STS über HTTPS erreichen können.
error-sts-unexpected =
    .title = Unerwartete Antwort von AWS
    .happened = AWS STS hat eine Antwort gesendet, die dieser Dienst nicht versteht.
    .to-do = Versuchen Sie es erneut. Wenn das Problem bestehen bleibt, nennen Sie Ihrer Administration die Meldung von AWS und die Anfrage-ID.
error-tool-denied =
    .title = AWS hat den Zugriff verweigert
    .happened = Die Rolle, die Sie gewählt haben, darf dieses Werkzeug nicht verwenden.
    .to-do = Wählen Sie eine andere Rolle. Wenn keine Ihrer Rollen das Werkzeug verwenden darf, bitten Sie Ihre Administration, sts:DecodeAuthorizationMessage und sts:GetAccessKeyInfo für eine davon zu erlauben.
error-grant-token =
    .title = AWS hat das Token dieses Dienstes abgelehnt
    .happened = AWS hat das Token nicht angenommen, das dieser Dienst für diese Rolle für Sie ausgestellt hat.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID. Im Konto der Rolle muss es in IAM einen OIDC-Anbieter mit der Aussteller-URL (Issuer) dieses Dienstes und der Audience sts.amazonaws.com geben. AWS muss /.well-known/openid-configuration dieses Dienstes und die Schlüssel unter der dort angegebenen jwks_uri lesen können.
error-grant-access-denied =
    .title = AWS hat den Zugriff verweigert
    .happened = AWS erlaubt diesem Dienst nicht, die Rolle für Sie zu verwenden.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID. Die Vertrauensrichtlinie der Rolle muss der Identität dieses Dienstes (bei einer Kette der Hub-Rolle) sts:AssumeRole mit der externen ID des Grants erlauben. Bei einem web-identity-Grant muss die Vertrauensrichtlinie stattdessen dem OIDC-Anbieter sts:AssumeRoleWithWebIdentity erlauben. Außerdem muss die Vertrauensrichtlinie sts:TagSession erlauben, wenn der Grant Tags setzt, und sts:SetSourceIdentity, wenn der Grant eine Quellidentität setzt. Die Richtlinie der Identität dieses Dienstes (bei einer Kette der Hub-Rolle) muss dieselben Aktionen erlauben.
error-user-access-denied =
    .title = AWS hat den Zugriff verweigert
    .happened = AWS erlaubt diesem Dienst nicht, diese Sitzung für Sie abzurufen.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID. Dieser Dienst muss langfristige Schlüssel des IAM-Benutzers verwenden. Bei einem federation-token-Grant muss die Richtlinie des Benutzers sts:GetFederationToken erlauben, und außerdem sts:TagSession, wenn der Grant Tags setzt.
error-root-access-denied =
    .title = AWS hat den Zugriff verweigert
    .happened = AWS erlaubt diesem Dienst nicht, als Root-Benutzer des Kontos zu handeln.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID. Der zentralisierte Root-Zugriff muss in der Organisation aktiviert sein, und das Konto muss ein Mitgliedskonto sein. Die Identität dieses Dienstes muss zum Verwaltungskonto oder zum Konto des delegierten Administrators gehören, und ihre Richtlinie muss sts:AssumeRoot für das Konto und die Aufgabe erlauben.
error-sts-issuer-unreachable =
    .title = AWS erreicht diesen Dienst nicht
    .happened = Um zu prüfen, wer Sie sind, wollte AWS die Schlüssel dieses Dienstes lesen, hat aber keine Antwort erhalten.
    .to-do = Versuchen Sie es in einer Minute erneut. Wenn das Problem bestehen bleibt, nennen Sie Ihrer Administration die Anfrage-ID: AWS muss die OpenID-Connect-Dokumente dieses Dienstes über HTTPS lesen können.
error-sts-invalid-authorization-message =
    .title = Diese Meldung lässt sich nicht decodieren
    .happened = AWS hat die Meldung nicht als codierte Meldung über einen verweigerten Zugriff erkannt.
    .to-do = Fügen Sie alles ein, was auf „Encoded authorization failure message:“ folgt, und wählen Sie eine Rolle in dem Konto, in dem der Zugriff verweigert wurde.
error-sts-no-identity =
    .title = Dieser Dienst konnte seine AWS-Zugangsdaten nicht laden
    .happened = Für diese Rolle braucht dieser Dienst eigene AWS-Zugangsdaten. Er konnte sie nicht finden oder nicht laden.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Das Log und das Audit-Log zeigen, woran es liegt. Wenn keine Zugangsdaten konfiguriert sind, sucht der Dienst sie in der Umgebung, in einem Profil, über eine Web-Identität, beim Container und bei der Instanz.
error-sts-identity-refused =
    .title = AWS hat die Zugangsdaten dieses Dienstes abgelehnt
    .happened = AWS nimmt die Zugangsdaten nicht an, mit denen dieser Dienst die Anfrage signiert hat.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Die Zugangsdaten, die dieser Dienst verwendet, wurden gelöscht oder sind deaktiviert, abgelaufen oder falsch.
error-sts-other-identity =
    .title = Dieser Dienst hat die falschen Schlüssel
    .happened = Die Schlüssel, die dieser Dienst für diese Anfrage verwendet, gehören nicht dem IAM-Benutzer, der in der Konfiguration des Dienstes angegeben ist.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Das Audit-Log zeigt, wem die Schlüssel gehören.
error-sts-assertion-too-long =
    .title = Anmeldung zu groß für AWS
    .happened = AWS nimmt höchstens 100.000 Zeichen an Anmeldedaten an. Ihr Identitätsanbieter hat mehr gesendet.
    .to-do = Nennen Sie Ihrer Administration die Anfrage-ID: Der Identitätsanbieter muss weniger Rollen oder Attribute für Sie senden.

error-signin-unreachable =
    .title = AWS ist nicht erreichbar
    .happened = Die Verbindung von diesem Dienst zum Anmeldedienst von AWS ist fehlgeschlagen oder hat zu lange gedauert.
    .to-do = Versuchen Sie es in einer Minute erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration: Dieser Dienst muss den AWS-Anmelde-Host der Partition über HTTPS erreichen können.
error-signin-refused =
    .title = AWS hat die Konsole nicht geöffnet
    .happened = Der Anmeldedienst von AWS hat keine Konsolensitzung geöffnet (Status { $status }).
    .to-do = Versuchen Sie es erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration. Zugangsdaten für die Kommandozeile funktionieren möglicherweise trotzdem.
error-signin-unexpected =
    .title = AWS hat die Konsole nicht geöffnet
    .happened = Der Anmeldedienst von AWS hat eine Antwort gesendet, die dieser Dienst nicht versteht.
    .to-do = Versuchen Sie es erneut. Wenn das Problem bestehen bleibt, informieren Sie Ihre Administration. Zugangsdaten für die Kommandozeile funktionieren möglicherweise trotzdem.
error-signin-client =
    .title = Keine Verbindung zu AWS
    .happened = Dieser Dienst kann keine HTTPS-Verbindungen zu AWS aufbauen.
    .to-do = Informieren Sie Ihre Administration: Möglicherweise fehlen die CA-Zertifikate des Systems.
