# Every text that people read, in German.

## On every page

skip-to-content = Zum Inhalt springen
signed-in-as = Angemeldet als
sign-out = Abmelden
continue = Weiter
copy = Kopieren
request-id = Anfragenummer
request-id-copy = (die Anfragenummer)
whom-to-ask = Wer hilft:
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
script-picked = {"{number}"} gewählt
script-picked-too-many = {"{number}"} gewählt; höchstens { $most } auf einmal
script-just-now = gerade eben
script-soon = in weniger als einer Minute
script-count = {"{shown}"} von {"{total}"} Rollen

## The sign-in page

sign-in-title = Anmelden
sign-in-heading = Bei AWS anmelden
sign-in-lede = Ihr Identitätsanbieter sagt, wer Sie sind. Dann wählen Sie eine AWS-Rolle.
sign-in-with = Anmelden mit
sign-in-last-used = zuletzt benutzt
sign-in-email = E-Mail-Adresse
sign-in-nobody = Es ist kein Identitätsanbieter eingerichtet. Sagen Sie es Ihrer Administration.
signed-out-here = Sie sind hier abgemeldet.
signed-out-here-only = Ihr Identitätsanbieter kennt Sie vielleicht noch und meldet Sie ohne Nachfrage wieder an.
signed-out-everywhere = Sie sind abgemeldet,
signed-out-everywhere-too = hier und bei Ihrem Identitätsanbieter.
signed-out-partly = Ihr Identitätsanbieter hat nicht bestätigt, dass Sie dort und überall sonst abgemeldet sind: Um sicher zu sein, schließen Sie den Browser.

## On the way to the identity provider and back

one-moment = Einen Moment
to-idp-sign-in = Auf dem Weg zu { $idp }, wo Sie sich anmelden.
to-idp-sign-out = Auf dem Weg zu { $idp }, wo Sie sich ebenfalls abmelden.
to-idp-confirm-sign-out = Auf dem Weg zu { $idp }, wo Sie gerade abgemeldet werden.
repeat-lede = Dafür braucht es eine frische Anmeldung; darum wurden Sie noch einmal angemeldet. Nun geht es bei { $brand } weiter mit dem, was Sie wollten.

replace-title = Person wechseln?
replace-lede = Sie sind angemeldet als { $current }. Diese Anmeldung, die Sie nicht hier begonnen haben, ist für { $new }.
replace-warning = Wenn Sie nicht wissen, warum Sie das sehen, bleiben Sie, wer Sie sind: Jemand könnte wollen, dass Sie unter seinem Namen arbeiten.
replace-stay = Angemeldet bleiben als { $current }
replace-switch = Wechseln zu { $new }

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
portal-session-ends = Sitzung bis
portal-only-role = Ihre Rolle in
get-credentials = Zugangsdaten holen
keys-choose = wählen
keys-clear = alle Rollen
quick-favourites = Favoriten
quick-recent = Zuletzt benutzt
favourite = Favorit
copy-link = Link kopieren
filter-label = Nach Konto oder Rolle filtern
filter-shortcut = Die Taste / führt zum Filter
filter-shortcut-toggle = Tastenkürzel: Der Schrägstrich führt zum Filter
filter-nothing = Keine Rolle enthält alle diese Wörter.
filter-clear = Alle Rollen zeigen
duration = Dauer
console-duration = Konsolensitzungen dauern { $duration }: So will es Ihr Identitätsanbieter.
region = Region
region-none = Wie eingerichtet
console-page = Konsolenseite
console-home = Startseite
permissions = Rechte
permissions-all = Alle der Rolle
switch-instead = Für diese Rolle, statt der oben gewählten Rechte
reduced-to = Beschränkt auf
policy-size = Platz für Richtlinien
policy-size-taken = { $percent } % dessen, was AWS für Sitzungsrichtlinien und Tags zulässt
policy-size-warning = { $percent } % dessen, was AWS für Sitzungsrichtlinien und Tags zulässt: Über 100 % lehnt AWS die Rolle ab
role-via = über
at-most = Höchstens { $duration }
credentials = Zugangsdaten
console = Konsole

ask-reason = Wofür brauchen Sie diese Rolle?
ask-reason-hint = Ihre Antwort kommt ins Protokoll.
ask-reason-hint-tag = Ihre Antwort kommt ins Protokoll und als Tag zu AWS, wo andere Zeichen als Buchstaben, Ziffern und _ . : / = + - @ zu - werden.
ask-reason-wrong = Geben Sie eine Begründung von höchstens 256 Zeichen an.
ask-code = Code des MFA-Geräts
ask-code-hint = Sechs Ziffern, von
ask-code-wrong = Dieser Code stimmt nicht. Ein Code gilt einmal: Warten Sie auf den nächsten.

no-roles-title = Keine Rollen
no-roles-heading = Noch keine AWS-Rollen für Sie
no-roles-lede = Sie sind angemeldet als { $name }, und { $idp } hat keine AWS-Rolle genannt, die Sie benutzen dürfen.
no-roles-dropped = { $dropped ->
    [one] { $dropped } Rolle wurde ausgelassen, weil Ihr Identitätsanbieter sie in einer Form schreibt, die AWS nicht annimmt. Ihre Administration kann sehen, warum.
   *[other] { $dropped } Rollen wurden ausgelassen, weil Ihr Identitätsanbieter sie in einer Form schreibt, die AWS nicht annimmt. Ihre Administration kann sehen, warum.
}
no-roles-to-do = Bitten Sie die Zuständigen für { $idp } um eine Rolle, und nennen Sie ihnen diese Anfragenummer. Melden Sie sich dann ab und wieder an.

## Who am I

me-title = Wer Sie hier sind
me-name = Name
me-idp = Identitätsanbieter
me-format = Art des Namens
me-began = Angemeldet
me-roles = Rollen
me-grants = Von Grants
me-without-hub = Die Rollen des Grants „{ $grant }“: Ihnen fehlt { $hub }, von der sie ausgehen.
me-aws-grants = Durch Ihren Identitätsanbieter. Was ein Grant AWS sagt, steht auf der Seite seiner Rolle.
me-aws = Was AWS über Sie erfährt
me-no-session-name = Keiner: AWS lehnt ohne ihn jede Rolle ab. Ihr Identitätsanbieter muss RoleSessionName senden.
me-source-identity = Source Identity
me-none = Keine
me-console-duration = Konsolensitzungen
me-as-chosen = So lange, wie Sie wählen
me-tag = Tag
me-transitive = geht zu weiteren Rollen mit
me-dropped = Was ausgelassen wurde
me-dropped-lede = Ihr Identitätsanbieter hat dies in einer Form geschrieben, die AWS nicht annimmt. Ihre Administration kann es dort berichtigen.
me-dropped-beyond = { $number ->
    [one] Und { $number } weiterer Wert.
   *[other] Und { $number } weitere Werte.
}
dropped-not-a-pair = Nicht ein Rollen-ARN und ein SAML-Provider-ARN mit einem Komma dazwischen.
dropped-role = Der ARN der Rolle ist keiner: { $why }.
dropped-provider = Der ARN des SAML-Providers ist keiner: { $why }.
arn-not-an-arn = er hat nicht die Form arn:Partition:iam::Konto:Ressource
arn-partition = die Partition ist keine von aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, …
arn-service = der Dienst ist nicht iam
arn-region = ein ARN von IAM hat keine Region
arn-account = das Konto besteht nicht aus zwölf Ziffern
arn-not-a-role = die Ressource beginnt nicht mit role/
arn-not-a-user = die Ressource beginnt nicht mit user/
arn-not-root = die Ressource ist nicht root
arn-not-a-provider = die Ressource beginnt nicht mit saml-provider/
arn-path = der Pfad ist länger als 512 Zeichen oder hat eines, das IAM nicht erlaubt
arn-name = der Name ist leer, länger als { $maximum } Zeichen oder hat eines, das IAM nicht erlaubt
dropped-two-partitions = Rolle und SAML-Provider liegen in verschiedenen Partitionen.
dropped-session-name = Nicht 2 bis 64 der Zeichen A-Z a-z 0-9 _ + = , . @ -.
dropped-session-duration = Keine Zahl von Sekunden von 900 bis 43200.
dropped-source-identity = Nicht 2 bis 64 der Zeichen A-Z a-z 0-9 _ + = , . @ -, oder mit aws: beginnend.
dropped-tag-key = Der Schlüssel des Tags besteht nicht aus 1 bis 128 der Zeichen, die IAM erlaubt, oder beginnt mit aws:.
dropped-tag-value = Der Wert des Tags besteht nicht aus bis zu 256 der Zeichen, die IAM erlaubt.
dropped-tag-repeated = Ein Tag mit demselben Schlüssel ist schon da; Schlüssel unterscheiden sich in mehr als der Groß- und Kleinschreibung.
dropped-too-many-tags = Es sind schon 50 Tags.
dropped-second-value = Das Attribut hat einen Wert, und ein anderer ist schon da.
dropped-unknown-attribute = AWS kennt kein solches Attribut; Namen unterscheiden Groß- und Kleinschreibung.

## Was hinter einer Rolle steht

behind = Von
behind-link = Was hinter dieser Rolle steht
behind-assertion = Ihrem Identitätsanbieter, über { $provider }
behind-grant = Dem Grant „{ $grant }“ dieses Dienstes
behind-chain = Dem Grant „{ $grant }“ dieses Dienstes, ausgehend von { $hub }
behind-token = Dem Grant „{ $grant }“ dieses Dienstes, mit einem Token
behind-federation = Dem Grant „{ $grant }“ dieses Dienstes, über den IAM-Benutzer { $user }
behind-user = Dem Grant „{ $grant }“ dieses Dienstes, der die Schlüssel des IAM-Benutzers { $user } hat
behind-root = Dem Grant „{ $grant }“ dieses Dienstes, als Root-Benutzer des Kontos
not-served = hier nicht eingerichtet
behind-asks = Braucht
behind-fresh = eine Anmeldung, nicht älter als { $duration }
behind-reason = eine Begründung
behind-code = den Code eines MFA-Geräts
behind-problem = So lässt sich diese Rolle nicht benutzen: { $problem }.

## Werkzeuge

tools-title = AWS fragen
tools-lede = Mit einer Ihrer Rollen, deren Zugangsdaten niemand sieht.
tools-no-role = Sie haben keine Rolle, mit der sich AWS fragen lässt.
tools-refusal = Warum wurde das abgelehnt?
tools-message = Verschlüsselte Meldung (Encoded authorization failure message)
tools-role = Mit der Rolle
tools-explain = Erklären
tools-explicit = Eine Richtlinie verbietet es.
tools-implicit = Keine Richtlinie erlaubt es.
tools-principal = Wer gefragt hat
tools-action = Wofür
tools-resource = Woran
tools-statement = Anweisung
tools-key = Wem gehört dieser Zugangsschlüssel?
tools-key-id = Access Key ID, AKIA… oder ASIA…
tools-find = Konto finden
tools-account = Er gehört zum Konto

## Several roles at once

several-pick = Wählen
several-lede = Wählen Sie Rollen, um ihre Zugangsdaten in einer Datei zu holen.
several-not = Diese Rolle fragt zuerst etwas: Benutzen Sie sie für sich allein
several-none = Keine wählen
several-get = Zugangsdaten der gewählten Rollen
several-title = Zugangsdaten mehrerer Rollen
several-profiles = { $number ->
    [0] Es ist kein Profil darin.
    [one] { $number } Profil für ~/.aws/credentials.
   *[other] { $number } Profile für ~/.aws/credentials.
}
several-names = Profile
several-refused = Einige Rollen wurden abgelehnt.

## The credentials

credentials-for = Zugangsdaten für { $role }
all-roles = Alle Rollen
account = Konto
good-for = Gültig für { $duration }.
good-for-why = Mehr lassen AWS, Ihr Identitätsanbieter oder der Grant nicht zu.
expired = Diese Zugangsdaten sind abgelaufen.
cleared = Die Zugangsdaten wurden von dieser Seite entfernt, als Sie sie verließen.
get-new-below = Unten gibt es neue.
expires = Gültig bis
seen-as = Für AWS sind Sie
session-name = Sitzungsname
role = Rolle
iam-user = IAM-Benutzer
root-user = Root-Benutzer
destination = Seite
copy-for = Kopieren für
copy-the-format = für { $format }
save = Speichern
save-as-file = (als Datei)
profile = Profilname
profile-wrong = Der Name eines Profils hat nur Buchstaben ohne Umlaute, Ziffern und _ . @ + - und beginnt nicht mit -.
show = Zeigen
hide = Verbergen
show-what = (die Geheimnisse)
show-secrets = Die Geheimnisse zeigen
copy-failed = Ihr Browser hat das Kopieren nicht erlaubt. Der Text ist markiert: Kopieren Sie ihn mit der Tastatur.
more-with-role = Mehr mit dieser Rolle
get-new = Neue Zugangsdaten holen
open-console = Konsole öffnen

format-bash = bash, zsh
    .hint = In bash, zsh oder eine andere POSIX-Shell einfügen.
format-fish = fish
    .hint = In fish einfügen.
format-powershell = PowerShell
    .hint = In PowerShell einfügen, auf jedem System.
format-cmd = Eingabeaufforderung
    .hint = In die Eingabeaufforderung von Windows einfügen.
format-csh = csh, tcsh
    .hint = In csh oder tcsh einfügen.
format-dotenv = .env-Datei
    .hint = Als .env speichern, für Programme, die das lesen.
format-credentials-file = Credentials-Datei
    .hint = Zu ~/.aws/credentials hinzufügen und das Profil mit --profile oder AWS_PROFILE nennen.
format-credential-process = JSON
    .hint = Was ein credential_process-Programm ausgibt.

## Errors: the heading, what happened, and what to do now

sign-in-again = Neu anmelden
to-sign-in = Zur Anmeldeseite
try-again = Noch einmal versuchen
back-to-roles = Zurück zu Ihren Rollen
aws-says = AWS sagt: „{ $message }“

error-idp-said-no =
    .title = Ihr Identitätsanbieter hat abgelehnt
    .happened = Ihr Identitätsanbieter hat Sie nicht angemeldet. Er sagt: { $message }
    .to-do = Fragen Sie die Zuständigen für Ihren Identitätsanbieter, oder melden Sie sich als jemand anderes an.
error-idp-said-no-reason =
    .title = Ihr Identitätsanbieter hat abgelehnt
    .happened = Ihr Identitätsanbieter hat Sie nicht angemeldet und keinen Grund genannt.
    .to-do = Fragen Sie die Zuständigen für Ihren Identitätsanbieter, oder melden Sie sich als jemand anderes an.
error-too-late =
    .title = Diese Anmeldung gilt nicht mehr
    .happened = Die Anmeldung kam zu spät oder zu früh: Sie war zu lange unterwegs, oder eine Uhr geht falsch.
    .to-do = Melden Sie sich neu an. Wenn es jedes Mal geschieht, nennen Sie Ihrer Administration die Anfragenummer unten: Die Uhr des Identitätsanbieters oder dieses Dienstes geht falsch.
error-over =
    .title = Diese Anmeldung ist vorbei
    .happened = Diese Anmeldung hat zu lange gedauert oder wurde schon beendet.
    .to-do = Melden Sie sich neu an.
error-replay =
    .title = Diese Anmeldung wurde schon benutzt
    .happened = Eine Anmeldung gilt einmal, und diese wurde benutzt. Das geschieht, wenn man im Browser zurückgeht.
    .to-do = Melden Sie sich neu an.
error-idp-removed =
    .title = Ihr Identitätsanbieter wird hier nicht mehr verwendet
    .happened = Ihre Administration hat ihn aus diesem Dienst entfernt.
    .to-do = Melden Sie sich mit einem anderen Identitätsanbieter an, oder fragen Sie Ihre Administration.
error-idp-replaced =
    .title = Ihr Identitätsanbieter wurde gewechselt
    .happened = Ihre Administration hat den, den Sie verwendet haben, durch einen anderen ersetzt.
    .to-do = Melden Sie sich erneut an.
error-other-browser =
    .title = Diese Anmeldung gehört zu einem anderen Browser
    .happened = Die Anmeldung wurde in einem anderen Browser oder einem privaten Fenster begonnen und kann nur dort enden.
    .to-do = Melden Sie sich in diesem Browser neu an.
error-encryption =
    .title = Diese Anmeldung lässt sich nicht entschlüsseln
    .happened = Ihr Identitätsanbieter hat die Anmeldung verschlüsselt, und dieser Dienst kann sie nicht lesen.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Der Identitätsanbieter muss für das jetzige Zertifikat dieses Dienstes mit AES-GCM verschlüsseln, oder gar nicht.
error-not-asked-anew =
    .title = Ihr Identitätsanbieter hat Sie nicht neu gefragt
    .happened = Dieser Dienst möchte, dass Sie sich jedes Mal neu anmelden, und Ihr Identitätsanbieter hat Sie ohne das durchgelassen.
    .to-do = Melden Sie sich bei Ihrem Identitätsanbieter ab und neu an.
error-authn-context =
    .title = Sie haben sich anders angemeldet, als dieser Dienst verlangt
    .happened = Dieser Dienst verlangt von Ihrem Identitätsanbieter bestimmte Arten der Anmeldung, etwa mit einem zweiten Faktor.
    .to-do = Melden Sie sich auf eine solche Art neu an; bietet Ihr Identitätsanbieter keine, nennen Sie Ihrer Administration die Anfragenummer unten.
error-unsolicited =
    .title = Dieser Identitätsanbieter kann hier keine Anmeldung beginnen
    .happened = Die Anmeldung wurde von einem Identitätsanbieter begonnen, der das nicht darf.
    .to-do = Beginnen Sie auf der Anmeldeseite dieses Dienstes.
error-unknown-issuer =
    .title = Dieser Identitätsanbieter ist hier nicht bekannt
    .happened = Die Anmeldung kam von einem Identitätsanbieter, für den dieser Dienst nicht eingerichtet ist.
    .to-do = Beginnen Sie auf der Anmeldeseite dieses Dienstes. Geschieht es dort, nennen Sie Ihrer Administration die Anfragenummer unten: Die Entity-ID in den Metadaten des Identitätsanbieters ist eine andere als die, mit der er unterschreibt.
error-audience =
    .title = Diese Anmeldung ist für einen anderen Dienst
    .happened = Ihr Identitätsanbieter hat die Anmeldung für einen anderen Dienst als diesen ausgestellt.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Die Entity-ID (Audience), die der Identitätsanbieter für diesen Dienst hat, ist nicht dessen eigene.
error-recipient =
    .title = Diese Anmeldung ging an die falsche Adresse
    .happened = Ihr Identitätsanbieter hat die Anmeldung für eine andere Adresse ausgestellt als die, an der sie ankam.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Die ACS-URL (Recipient, Antwort-URL), die der Identitätsanbieter für diesen Dienst hat, stimmt nicht.
error-signature =
    .title = Diese Anmeldung hat Ihr Identitätsanbieter nicht unterschrieben
    .happened = Die Signatur stammt von keinem Schlüssel, den dieser Dienst von Ihrem Identitätsanbieter kennt.
    .to-do = Melden Sie sich neu an. Wenn es jedes Mal geschieht, nennen Sie Ihrer Administration die Anfragenummer unten: Vielleicht hat der Identitätsanbieter ein neues Zertifikat, das dieser Dienst noch nicht kennt.
error-unverified =
    .title = Diese Anmeldung ließ sich nicht prüfen
    .happened = Was Ihr Identitätsanbieter gesendet hat, besteht die Prüfungen dieses Dienstes nicht.
    .to-do = Melden Sie sich neu an. Wenn es jedes Mal geschieht, nennen Sie Ihrer Administration die Anfragenummer unten.
error-logout =
    .title = Diese Abmeldung wurde abgelehnt
    .happened = Der Nachricht des Identitätsanbieters kann dieser Dienst nicht trauen oder nichts mit ihr anfangen; sie hat nichts verändert.
    .to-do = Um sich hier abzumelden, nehmen Sie den Knopf auf der Seite mit Ihren Rollen. Wenn es jedes Mal geschieht, nennen Sie Ihrer Administration die Anfragenummer unten.
error-bad-request =
    .title = Diese Anfrage war nicht lesbar
    .happened = Die Anfrage ist nicht vollständig oder nicht wohlgeformt: { $problem }.
    .to-do = Gehen Sie zurück zu Ihren Rollen, und versuchen Sie es noch einmal.
problem-not-a-form = sie ist nicht application/x-www-form-urlencoded
problem-not-well-formed = sie ist kein wohlgeformtes Formular
problem-twice = { $field } steht zweimal darin
problem-missing = { $field } fehlt
problem-unknown = { $field } bedeutet hier nichts
problem-too-long = { $field } ist zu lang
problem-name-too-long = der Name eines Feldes ist zu lang
problem-link-too-long = der Link ist zu lang
problem-too-many-fields = sie hat zu viele Felder
problem-switch = ein Schalter sagt nicht, zu welcher Rolle er gehört
problem-duration = duration_seconds ist keine Zahl
problem-region = region ist kein Kürzel einer Region wie eu-central-1
problem-action = action ist weder console noch credentials noch show
problem-slow = ihr Inhalt kam zu langsam
problem-unreadable = ihr Inhalt war nicht lesbar
problem-no-role = keine Rolle ist ausgewählt
problem-too-many-roles = mehr als { $most } Rollen sind ausgewählt
problem-role-twice = eine Rolle ist zweimal ausgewählt
problem-access-key-id = access_key_id sind nicht 16 bis 128 Buchstaben, Ziffern und _
problem-tool-json = der Inhalt muss ein JSON-Objekt sein, mit role_arn, message oder access_key_id und, wenn nötig, provider_arn oder grant
problem-json = der Inhalt muss ein JSON-Objekt sein, mit role_arn und, wenn nötig, provider_arn oder grant, duration_seconds (eine Zahl), region, policy, destination, reason und token_code
error-too-large =
    .title = Diese Anfrage ist zu groß
    .happened = Die Anfrage ist größer, als dieser Dienst liest.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten.
error-too-often =
    .title = Zu viele Anfragen
    .happened = Aus Ihrem Netz kamen mehr Anfragen, als dieser Dienst von einer Adresse annimmt.
    .to-do = { $seconds ->
        [one] Warten Sie eine Sekunde, und versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration.
       *[other] Warten Sie { $seconds } Sekunden, und versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration.
    }
error-not-signed-in =
    .title = Sie sind nicht angemeldet
    .happened = Sie sind nicht angemeldet, oder Ihre Sitzung ist zu Ende.
    .to-do = Melden Sie sich an.
error-login-required =
    .title = Eine neue Anmeldung ist nötig
    .happened = Ihre Anmeldung ist für diese Anfrage zu alt, oder die Regeln für Anmeldungen haben sich seitdem geändert.
    .to-do = Melden Sie sich unter login_url neu an, und wiederholen Sie die Anfrage.
error-unknown-idp =
    .title = Kein solcher Identitätsanbieter
    .happened = Dieser Dienst kennt den Identitätsanbieter nicht, nach dem gefragt wurde.
    .to-do = Wählen Sie einen auf der Anmeldeseite.
error-idp-unavailable =
    .title = Die Anmeldung Ihrer Firma geht derzeit nicht
    .happened = Was dieser Dienst vom Identitätsanbieter weiß, fehlt oder ist veraltet; darum kann er keine Anmeldung prüfen.
    .to-do = Versuchen Sie es in ein paar Minuten noch einmal. Wenn es so bleibt, nennen Sie Ihrer Administration die Anfragenummer unten.
error-unknown-email =
    .title = Kein Identitätsanbieter für diese Adresse
    .happened = Dieser Dienst kennt keinen Identitätsanbieter für Menschen mit dieser E-Mail-Adresse.
    .to-do = Suchen Sie einen Fehler in der Adresse, oder wählen Sie einen Identitätsanbieter auf der Anmeldeseite.
error-not-found =
    .title = Seite nicht gefunden
    .happened = Unter dieser Adresse gibt es keine Seite.
    .to-do = Gehen Sie zu Ihren Rollen.
error-wrong-method =
    .title = Das geht hier nicht
    .happened = Diese Adresse nimmt keine Anfragen dieser Art an.
    .to-do = Gehen Sie zu Ihren Rollen.
error-cross-origin =
    .title = Eine andere Seite hat Sie hierher geschickt
    .happened = Eine andere Website hat Ihrem Browser gesagt, er solle hier etwas tun. Es wurde nicht getan.
    .to-do = Gehen Sie zu Ihren Rollen, und tun Sie es von dort, wenn Sie es wollen.
error-busy =
    .title = Zu viele auf einmal
    .happened = Gerade melden sich mehr Menschen an, als dieser Dienst in angemessener Zeit bedienen kann. Von Ihnen ist nichts verloren.
    .to-do = { $seconds ->
        [one] Warten Sie eine Sekunde, und versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration.
       *[other] Warten Sie { $seconds } Sekunden, und versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration.
    }
error-full =
    .title = Gerade kann sich niemand mehr anmelden
    .happened = Es sind so viele Menschen angemeldet, wie dieser Dienst Platz hat. Niemand wird dafür abgemeldet.
    .to-do = Versuchen Sie es in ein paar Minuten noch einmal, und sagen Sie es Ihrer Administration: Die Grenze lässt sich anheben.
error-no-marks =
    .title = Im Moment nicht
    .happened = Der Dienst hat so viele An- und Abmeldungen vermerkt, wie er Platz hat, und konnte für Sie jetzt keine von beiden tun.
    .to-do = Versuchen Sie es in einigen Minuten wieder, und nennen Sie Ihrer Administration die Anfragenummer unten.
error-too-many-logins =
    .title = Zu viele Anmeldungen
    .happened = Sie haben sich innerhalb weniger Minuten sehr oft angemeldet. Ihre Sitzung, wenn Sie eine haben, geht weiter.
    .to-do = { $seconds ->
        [one] Warten Sie eine Sekunde, und melden Sie sich dann wieder an. Wenn Sie es nicht waren, nennen Sie Ihrer Administration die Anfragenummer unten.
       *[other] Warten Sie { $seconds } Sekunden, und melden Sie sich dann wieder an. Wenn Sie es nicht waren, nennen Sie Ihrer Administration die Anfragenummer unten.
    }
error-store =
    .title = Sitzungen gehen gerade nicht
    .happened = Der Dienst konnte Ihre Sitzung nicht lesen oder nicht behalten.
    .to-do = Versuchen Sie es in einer Minute noch einmal. Wenn es so bleibt, nennen Sie Ihrer Administration die Anfragenummer unten.
error-audit =
    .title = Es wurde nichts ausgegeben
    .happened = Der Dienst konnte sein Protokoll nicht schreiben, und ohne das gibt er nichts aus.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten.
error-internal =
    .title = Hier ist etwas schiefgegangen
    .happened = Der Dienst ist an etwas gescheitert, woran er nicht scheitern sollte.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten.

error-stale =
    .title = AWS verweigert den Zugang
    .happened = AWS hat die Anmeldung nicht angenommen: Sie sei zu alt.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Die Uhr des Identitätsanbieters oder dieses Dienstes geht falsch.
error-sign-in-outdated =
    .title = Eine neue Anmeldung ist nötig
    .happened = Ihre Anmeldung gilt nicht mehr: Die Regeln können sich geändert haben, oder der Identitätsanbieter lässt sich gerade nicht prüfen.
    .to-do = Melden Sie sich neu an. Wenn diese Seite wieder erscheint, nennen Sie Ihrer Administration die Anfragenummer unten.
error-not-entitled =
    .title = Das ist keine Ihrer Rollen
    .happened = Diese Rolle dürfen Sie nicht benutzen.
    .to-do = Wählen Sie eine Rolle aus der Liste.
error-other-provider =
    .title = Diese Rolle ist so nicht Ihre
    .happened = Sie dürfen diese Rolle benutzen, aber nicht über den SAML-Provider oder Grant, der genannt wurde.
    .to-do = Wählen Sie die Rolle aus der Liste.
error-name-provider =
    .title = Worüber?
    .happened = Sie dürfen diese Rolle über mehrere SAML-Provider oder Grants benutzen, und die Anfrage nennt keinen.
    .to-do = Wählen Sie die Rolle aus der Liste: Sie steht dort einmal für jeden davon.
error-duration =
    .title = Diese Dauer gibt es nicht
    .happened = Zugangsdaten gibt es für 900 bis { $max } Sekunden.
    .to-do = Wählen Sie eine Dauer dazwischen.
error-no-console =
    .title = Diese Seite lässt sich nicht öffnen
    .happened = Die Konsole der Partition { $partition } lässt sich von hier nicht öffnen.
    .to-do = Holen Sie stattdessen Zugangsdaten für die Kommandozeile: Die gehen.
error-policy =
    .title = Diese Rechte gibt es nicht
    .happened = Dieser Dienst kennt die Rechte nicht, nach denen gefragt wurde.
    .to-do = Wählen Sie die Rolle aus der Liste, mit Rechten, die dort angeboten werden.
error-partition =
    .title = Diese Rolle lässt sich hier nicht benutzen
    .happened = Sie gehört zur Partition { $partition }, für die dieser Dienst nicht eingerichtet ist.
    .to-do = Wählen Sie eine andere Rolle, oder bitten Sie Ihre Administration, die Partition aufzunehmen (aws.partitions).
error-console-never =
    .title = Hierfür gibt es keine Konsole
    .happened = AWS öffnet seine Konsole nicht mit diesen Zugangsdaten.
    .to-do = Holen Sie stattdessen Zugangsdaten für die Kommandozeile.
error-tool-role =
    .title = AWS antwortet nur Rollen
    .happened = Darauf antwortet AWS nicht mit den Zugangsdaten eines Benutzers oder Root-Benutzers.
    .to-do = Wählen Sie eine Rolle.
error-policy-fixed =
    .title = Die Rechte dieser Rolle stehen fest
    .happened = Sie hat eine eigene Sitzungsrichtlinie, zu der AWS eine weitere dazuzählen würde, oder AWS nimmt für sie keine an.
    .to-do = Benutzen Sie die Rolle ohne andere Rechte.
error-fresh-login =
    .title = Eine frische Anmeldung ist nötig
    .happened = Diese Rolle verlangt eine Anmeldung, die nur wenige Minuten alt ist; Ihr Identitätsanbieter sagt, dass Ihre älter ist, oder nicht, wie alt sie ist.
    .to-do = Melden Sie sich neu an. Wenn es jedes Mal geschieht, nennen Sie Ihrer Administration die Anfragenummer unten: Der Identitätsanbieter muss AuthnInstant senden und neu fragen, wenn er es soll.
error-reason =
    .title = Eine Begründung ist nötig
    .happened = Diese Rolle verlangt eine Begründung von höchstens 256 Zeichen.
    .to-do = Benutzen Sie die Rolle für sich allein, und geben Sie die Begründung an, nach der gefragt wird (für Programme: reason).
error-mfa-code =
    .title = Ein Code ist nötig
    .happened = Diese Rolle verlangt die sechs Ziffern, die ein MFA-Gerät zeigt.
    .to-do = Benutzen Sie die Rolle für sich allein, und tippen Sie den Code ein (für Programme: token_code).
error-mfa-refused =
    .title = Dieser Code stimmt nicht
    .happened = AWS nimmt den Code des MFA-Geräts nicht an.
    .to-do = Warten Sie auf den nächsten Code, und tippen Sie den ein.
error-too-many-codes =
    .title = Zu viele falsche Codes
    .happened = Sie haben fünf falsche Codes dieses MFA-Geräts eingetippt.
    .to-do = Warten Sie 15 Minuten. Wenn Sie es nicht waren, nennen Sie Ihrer Administration die Anfragenummer unten.
error-changing =
    .title = Die Konfiguration wird gerade geändert
    .happened = Während AWS gefragt wurde, haben sich die Regeln mehrmals geändert; darum wurde nichts ausgegeben.
    .to-do = Versuchen Sie es noch einmal.
error-told =
    .title = AWS lässt sich nicht sagen, wer Sie sind
    .happened = Was Ihr Identitätsanbieter über Sie sagt, reicht für diese Rolle nicht: { $error }.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Der Identitätsanbieter muss es senden, oder der Grant muss anders geschrieben werden.
told-missing = { $of } braucht { $value }, und das sendet Ihr Identitätsanbieter nicht
told-several = { $of } braucht einen Wert von { $value }, und Ihr Identitätsanbieter sendet mehrere
told-name = { $of } wird „{ $value }“, und das sind nicht 2 bis 64 der Zeichen A-Z a-z 0-9 _ + = , . @ -
told-short-name = { $of } wird „{ $value }“, und das sind nicht 2 bis 32 der Zeichen A-Z a-z 0-9 _ + = , . @ -
told-tag = { $of } wird „{ $value }“, und das ist kein Wert eines Tags
error-destination =
    .title = Diese Seite lässt sich nicht öffnen
    .happened = Die Seite, die geöffnet werden soll, liegt nicht auf der AWS-Konsole der Partition dieser Rolle.
    .to-do = Lassen Sie das Ziel weg, oder geben Sie einen Pfad an wie /s3/home.

error-sts-expired-token =
    .title = AWS verweigert den Zugang
    .happened = AWS hat die Anmeldung nicht angenommen: Sie ist zu alt.
    .to-do = Melden Sie sich neu an. Geschieht es sofort wieder, geht die Uhr des Identitätsanbieters falsch.
error-sts-invalid-identity-token =
    .title = AWS verweigert den Zugang
    .happened = AWS konnte die Anmeldung nicht prüfen.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Geben Sie dem SAML-Provider in IAM die aktuellen Metadaten des Identitätsanbieters (sein Signaturzertifikat kann sich geändert haben), und sehen Sie nach, ob RoleSessionName und SourceIdentity aus 2 bis 64 der Zeichen A-Z a-z 0-9 _ + = , . @ - bestehen.
error-sts-idp-rejected-claim =
    .title = AWS verweigert den Zugang
    .happened = AWS hat abgelehnt, was der Identitätsanbieter über Sie sagt.
    .to-do = Melden Sie sich neu an. Wenn es so bleibt, fragen Sie die Zuständigen für Ihren Identitätsanbieter.
error-sts-access-denied =
    .title = AWS verweigert den Zugang
    .happened = AWS lässt Sie diese Rolle nicht benutzen.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: In der Vertrauensrichtlinie der Rolle muss der Principal dieser SAML-Provider sein, die Bedingung auf SAML:aud muss die Anmelde-URL (ACS) dieses Dienstes zulassen, und neben sts:AssumeRoleWithSAML müssen sts:TagSession und sts:SetSourceIdentity erlaubt sein, wenn der Identitätsanbieter Tags oder eine Source Identity sendet. Auch der Name der Rolle muss stimmen: AWS sagt nicht, ob es eine Rolle gibt.
error-sts-duration =
    .title = AWS verweigert den Zugang
    .happened = AWS fand die Anfrage ungültig.
    .to-do = Wählen Sie eine kürzere Dauer.
error-sts-validation-error =
    .title = AWS verweigert den Zugang
    .happened = AWS fand die Anfrage ungültig.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Die Worte von AWS oben nennen, was der Identitätsanbieter anders senden muss.
error-sts-malformed-policy-document =
    .title = AWS verweigert den Zugang
    .happened = AWS fand die Sitzungsrichtlinie ungültig.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Berichtigen Sie die Sitzungsrichtlinie, die für diese Rolle eingerichtet ist.
error-sts-packed-policy-too-large =
    .title = AWS verweigert den Zugang
    .happened = Die Sitzungs-Tags, die der Identitätsanbieter sendet, sind zu groß für AWS.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Lassen Sie den Identitätsanbieter weniger oder kürzere Sitzungs-Tags senden.
error-sts-region-disabled =
    .title = AWS verweigert den Zugang
    .happened = AWS STS ist in dieser Region für dieses Konto abgeschaltet.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Aktivieren Sie STS für diese Region in den Kontoeinstellungen von IAM, oder richten Sie für diesen Dienst eine andere Region ein.
error-sts-throttled =
    .title = AWS verweigert den Zugang
    .happened = AWS bekommt zu viele Anfragen von diesem Konto.
    .to-do = Versuchen Sie es in einer Minute noch einmal.
error-sts-unavailable =
    .title = AWS verweigert den Zugang
    .happened = AWS STS hat gerade selbst ein Problem.
    .to-do = Versuchen Sie es in einer Minute noch einmal. Wenn es so bleibt, sehen Sie im AWS Health Dashboard nach.
error-sts-unreachable =
    .title = AWS ist nicht erreichbar
    .happened = AWS STS war nicht zu erreichen.
    .to-do = Versuchen Sie es in einer Minute noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration: Dieser Dienst muss AWS STS über HTTPS erreichen.
error-sts-unexpected =
    .title = AWS verweigert den Zugang
    .happened = AWS hat eine Antwort gegeben, die dieser Dienst nicht versteht.
    .to-do = Versuchen Sie es noch einmal. Wenn es so bleibt, nennen Sie Ihrer Administration, was AWS sagt, und die Anfragenummer.
error-tool-denied =
    .title = AWS gibt keine Antwort
    .happened = AWS lässt diese Rolle das nicht fragen.
    .to-do = Wählen Sie eine andere Rolle, oder bitten Sie Ihre Administration, der Rolle sts:DecodeAuthorizationMessage und sts:GetAccessKeyInfo zu erlauben.
error-grant-token =
    .title = AWS verweigert den Zugang
    .happened = AWS nimmt das Token nicht an, das dieser Dienst für Sie ausgestellt hat.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Der OIDC-Provider in IAM im Konto der Rolle muss die Issuer-URL dieses Dienstes und die Audience sts.amazonaws.com haben, und AWS muss /.well-known/openid-configuration und die Schlüssel dort lesen können.
error-grant-access-denied =
    .title = AWS verweigert den Zugang
    .happened = AWS lässt diesen Dienst die Rolle nicht für Sie benutzen.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Die Vertrauensrichtlinie der Rolle muss der Identität dieses Dienstes (bei einer Kette der Hub-Rolle) sts:AssumeRole erlauben, mit der External ID des Grants, und daneben sts:TagSession und sts:SetSourceIdentity, wenn der Grant Tags oder eine Source Identity setzt; auch die Richtlinie dieser Identität muss es erlauben.
error-user-access-denied =
    .title = AWS verweigert den Zugang
    .happened = AWS lässt diesen Dienst keine solche Sitzung für Sie holen.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Die Richtlinie des IAM-Benutzers, dessen Schlüssel dieser Dienst hat, muss sts:GetFederationToken erlauben, und sts:TagSession, wenn der Grant Tags setzt; und es müssen die dauerhaften Schlüssel des Benutzers sein.
error-root-access-denied =
    .title = AWS verweigert den Zugang
    .happened = AWS lässt diesen Dienst nicht als Root-Benutzer des Kontos handeln.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Der Root-Zugang muss in der Organisation zentralisiert sein, das Konto muss ihr angehören, und die Richtlinie der eigenen Identität dieses Dienstes, im Verwaltungskonto oder in dem des delegierten Administrators, muss sts:AssumeRoot für Konto und Aufgabe erlauben.
error-sts-issuer-unreachable =
    .title = AWS erreicht diesen Dienst nicht
    .happened = Um zu prüfen, wer Sie sind, fragt AWS diesen Dienst nach seinen Schlüsseln und bekam keine Antwort.
    .to-do = Versuchen Sie es in einer Minute noch einmal. Wenn es so bleibt, nennen Sie Ihrer Administration die Anfragenummer unten: AWS muss die Dokumente des Issuers über HTTPS lesen können.
error-sts-invalid-authorization-message =
    .title = Diese Meldung lässt sich nicht entschlüsseln
    .happened = AWS findet darin keine verschlüsselte Meldung einer Ablehnung.
    .to-do = Fügen Sie alles ein, was hinter „Encoded authorization failure message:“ steht, und wählen Sie eine Rolle des Kontos, in dem abgelehnt wurde.
error-sts-no-identity =
    .title = Dieser Dienst hat keine AWS-Identität
    .happened = Für diese Rolle muss er mit eigenen AWS-Zugangsdaten unterschreiben, und er hat keine gefunden.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Das Protokoll sagt, woran es lag. Gesucht wird in der Umgebung, im Profil, nach einer Web-Identität, beim Container und bei der Instanz, wenn die Konfiguration nichts anderes nennt.
error-sts-identity-refused =
    .title = AWS kennt diesen Dienst nicht
    .happened = AWS hat die eigenen Zugangsdaten dieses Dienstes nicht angenommen.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Der Zugangsschlüssel des Dienstes ist gelöscht, abgeschaltet oder falsch.
error-sts-other-identity =
    .title = Dieser Dienst hat die Schlüssel von jemand anderem
    .happened = Die Schlüssel, die er hierfür benutzt, gehören nicht dem IAM-Benutzer, den seine Konfiguration nennt.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: Das Audit-Protokoll sagt, wem sie gehören.
error-sts-assertion-too-long =
    .title = AWS verweigert den Zugang
    .happened = Die Anmeldung ist größer, als AWS annimmt.
    .to-do = Nennen Sie Ihrer Administration die Anfragenummer unten: AWS nimmt höchstens 100.000 Zeichen an; der Identitätsanbieter muss also weniger Rollen oder Attribute für Sie senden.

error-signin-unreachable =
    .title = AWS ist nicht erreichbar
    .happened = Der Anmeldedienst von AWS war nicht zu erreichen.
    .to-do = Versuchen Sie es in einer Minute noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration: Dieser Dienst muss den Anmelde-Host der AWS-Partition über HTTPS erreichen.
error-signin-refused =
    .title = AWS verweigert den Zugang
    .happened = Der Anmeldedienst von AWS hat keine Konsolensitzung geöffnet (Status { $status }).
    .to-do = Versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration; Zugangsdaten für die Kommandozeile gehen vielleicht trotzdem.
error-signin-unexpected =
    .title = AWS verweigert den Zugang
    .happened = Der Anmeldedienst von AWS hat eine Antwort gegeben, die dieser Dienst nicht versteht.
    .to-do = Versuchen Sie es noch einmal. Wenn es so bleibt, sagen Sie es Ihrer Administration; Zugangsdaten für die Kommandozeile gehen vielleicht trotzdem.
error-signin-client =
    .title = AWS ist nicht erreichbar
    .happened = Dieser Dienst kann sich nicht mit AWS verbinden.
    .to-do = Sagen Sie es Ihrer Administration: Vielleicht fehlen die CA-Zertifikate des Systems.
