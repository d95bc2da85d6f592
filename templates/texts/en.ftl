# Every text that people read, in English. `de.ftl` has the same in German; a test holds the two
# against each other, and against the pages.

## On every page

skip-to-content = Skip to content
signed-in-as = Signed in as
sign-out = Sign out
continue = Continue
copy = Copy
request-id = Request ID
request-id-copy = the request ID
whom-to-ask = Whom to ask:
what-to-do-now = What to do now

# %-d, %b and so on are chrono's, in the names of this language.
date-and-time = %-d %b %Y, %H:%M UTC
duration-hours = { $number ->
    [one] { $number } hour
   *[other] { $number } hours
}
duration-minutes = { $number ->
    [one] { $number } minute
   *[other] { $number } minutes
}
duration-seconds = { $number ->
    [one] { $number } second
   *[other] { $number } seconds
}

## For the script

script-copied = Copied
script-not-copied = Not copied
# {role}, {number} and {total} are the script's.
script-chosen = {"{role}"}, {"{number}"} of {"{total}"}
script-expires = The credentials expire {"{in}"}.
script-expired = The credentials have expired.
# {number} is the script's.
script-picked = {"{number}"} chosen
script-picked-too-many = {"{number}"} chosen; at most { $most } at once
script-just-now = just now
script-soon = in less than a minute
# {shown} and {total} are the script's.
script-count = {"{shown}"} of {"{total}"} roles

## The sign-in page

sign-in-title = Sign in
sign-in-heading = Sign in to AWS
sign-in-lede = Your identity provider says who you are. Then you choose an AWS role.
sign-in-with = Sign in with
sign-in-last-used = last used
sign-in-email = E-mail address
sign-in-nobody = No identity provider is configured. Tell your administrator.
signed-out-here = You are signed out here.
signed-out-here-only = Your identity provider may still know you, and sign you in again without a question.
signed-out-everywhere = You are signed out,
signed-out-everywhere-too = here and at your identity provider.
signed-out-partly = Your identity provider did not confirm that you are signed out there and everywhere else: to be sure, close the browser.

## On the way to the identity provider and back

one-moment = One moment
to-idp-sign-in = On the way to { $idp }, where you sign in.
to-idp-sign-out = On the way to { $idp }, where you sign out as well.
to-idp-confirm-sign-out = On the way to { $idp }, which is signing you out.
repeat-lede = This takes a fresh sign-in, so you were signed in once more. Now { $brand } goes on with what you asked for.

replace-title = Switch person?
replace-lede = You are signed in as { $current }. This sign-in, which you did not start here, is for { $new }.
replace-warning = If you do not know why you see this, stay who you are: somebody may want you to work in their name.
replace-stay = Stay signed in as { $current }
replace-switch = Switch to { $new }

## The portal

portal-title = Your roles
portal-roles = { $roles ->
    [one] { $roles } role
   *[other] { $roles } roles
}
portal-in-accounts = { $accounts ->
    [one] in { $accounts } account.
   *[other] in { $accounts } accounts.
}
portal-session-ends = Session ends
portal-only-role = Your role in
get-credentials = Get credentials
keys-choose = choose
keys-clear = all roles
quick-favourites = Favourites
quick-recent = Used lately
favourite = Favourite
copy-link = Copy the link
filter-label = Filter by account or role
filter-shortcut = The / key goes to the filter
filter-shortcut-toggle = Keyboard shortcut: the slash key goes to the filter
filter-nothing = No role has all of these words.
filter-clear = Show all roles
duration = Duration
console-duration = Console sessions last { $duration }: your identity provider says so.
region = Region
region-none = As configured
console-page = Console page
console-home = Home
permissions = Permissions
permissions-all = All of the role's
switch-instead = For this role, instead of the permissions chosen above
reduced-to = Reduced to
policy-size = Room for policies
policy-size-taken = { $percent } % of what AWS allows for session policies and tags
policy-size-warning = { $percent } % of what AWS allows for session policies and tags: beyond 100 % AWS refuses the role
role-via = via
at-most = At most { $duration }
credentials = Credentials
console = Console

ask-reason = Why do you need this role?
ask-reason-hint = Your answer goes to the audit trail.
ask-reason-hint-tag = Your answer goes to the audit trail, and as a tag to AWS, where characters other than letters, digits and _ . : / = + - @ become -.
ask-reason-wrong = Give a reason of at most 256 characters.
ask-code = Code of the MFA device
ask-code-hint = Six digits, of
ask-code-wrong = That code is not right. A code is good for one time: wait for the next one.

no-roles-title = No roles
no-roles-heading = No AWS roles for you yet
no-roles-lede = You are signed in as { $name }, and { $idp } named no AWS role that you may use.
no-roles-dropped = { $dropped ->
    [one] { $dropped } role was left out, since your identity provider wrote it in a form that AWS does not take. Your administrator can see why.
   *[other] { $dropped } roles were left out, since your identity provider wrote them in a form that AWS does not take. Your administrator can see why.
}
no-roles-to-do = Ask the people who look after { $idp } to give you a role, and tell them this request ID. Then sign out, and in again.

## Who am I

me-title = Who you are here
me-name = Name
me-idp = Identity provider
me-format = Kind of name
me-began = Signed in
me-roles = Roles
me-grants = Grants
me-without-hub = The roles of the grant “{ $grant }”: you lack { $hub }, which they are assumed from.
me-aws-grants = By your identity provider. What a grant tells AWS stands on the page of its role.
me-aws = What AWS is told of you
me-no-session-name = None: AWS refuses every role without one. Your identity provider has to send RoleSessionName.
me-source-identity = Source identity
me-none = None
me-console-duration = Console sessions
me-as-chosen = As long as you choose
me-tag = Tag
me-transitive = goes along to further roles
me-dropped = What was left out
me-dropped-lede = Your identity provider wrote these in a form that AWS does not take. Your administrator can mend it there.
me-dropped-beyond = { $number ->
    [one] And { $number } more.
   *[other] And { $number } more.
}
dropped-not-a-pair = Not one role ARN and one SAML provider ARN with a comma between them.
dropped-role = The role's ARN is not one: { $why }.
dropped-provider = The SAML provider's ARN is not one: { $why }.
arn-not-an-arn = not an ARN: arn:partition:iam::account:resource is expected
arn-partition = the partition is not one of aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, …
arn-service = the service is not iam
arn-region = an IAM ARN has no region
arn-account = the account is not twelve digits
arn-not-a-role = the resource does not begin with role/
arn-not-a-user = the resource does not begin with user/
arn-not-root = the resource is not root
arn-not-a-provider = the resource does not begin with saml-provider/
arn-path = the path is longer than 512 characters or holds one that IAM does not allow
arn-name = the name is empty, longer than { $maximum } characters or holds one that IAM does not allow
dropped-two-partitions = The role and the SAML provider are in different partitions.
dropped-session-name = Not 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -.
dropped-session-duration = Not a number of seconds from 900 to 43200.
dropped-source-identity = Not 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -, or beginning with aws:.
dropped-tag-key = The tag's key is not 1 to 128 of the characters that IAM allows, or begins with aws:.
dropped-tag-value = The tag's value is not up to 256 of the characters that IAM allows.
dropped-tag-repeated = A tag with the same key is there already; keys differ by more than case.
dropped-too-many-tags = There are 50 tags already.
dropped-second-value = The attribute has one value, and there is another already.
dropped-unknown-attribute = AWS knows no such attribute; names are case-sensitive.

## What stands behind a role

behind = Given by
behind-link = What stands behind this role
behind-assertion = Your identity provider, through { $provider }
behind-grant = The grant “{ $grant }” of this service
behind-chain = The grant “{ $grant }” of this service, from { $hub }
behind-token = The grant “{ $grant }” of this service, by a token
behind-federation = The grant “{ $grant }” of this service, through the IAM user { $user }
behind-user = The grant “{ $grant }” of this service, which has the keys of the IAM user { $user }
behind-root = The grant “{ $grant }” of this service, as the account's root user
not-served = not set up here
behind-asks = Needs
behind-fresh = a sign-in of the last { $duration }
behind-reason = a reason
behind-code = the code of an MFA device
behind-problem = This role cannot be used as it is: { $problem }.

## Tools

tools-title = Ask AWS
tools-lede = With one of your roles, whose credentials nobody sees.
tools-no-role = You have no role that AWS can be asked with.
tools-refusal = Why was that refused?
tools-message = Encoded authorization failure message
tools-role = With the role
tools-explain = Explain
tools-explicit = A policy forbids it.
tools-implicit = No policy allows it.
tools-principal = Who asked
tools-action = For what
tools-resource = On what
tools-statement = Statement
tools-key = Whose is this access key?
tools-key-id = Access key ID, AKIA… or ASIA…
tools-find = Find the account
tools-account = It belongs to the account

## Several roles at once

several-pick = Choose
several-lede = Choose roles to get their credentials as one file.
several-not = This role asks something first: use it by itself
several-none = Choose none
several-get = Credentials of the chosen roles
several-title = Credentials of several roles
several-profiles = { $number ->
    [0] There is no profile in it.
    [one] { $number } profile for ~/.aws/credentials.
   *[other] { $number } profiles for ~/.aws/credentials.
}
several-names = Profiles
several-refused = Some roles were refused.

## The credentials

credentials-for = Credentials for { $role }
all-roles = All roles
account = Account
good-for = Good for { $duration }.
good-for-why = More is not allowed by AWS, your identity provider or the grant.
expired = These credentials have expired.
cleared = The credentials were removed from this page when you left it.
get-new-below = Get new ones below.
expires = Expires
seen-as = AWS sees you as
session-name = Session name
role = Role
iam-user = IAM user
root-user = Root user
destination = Page
copy-for = Copy for
copy-the-format = for { $format }
save = Save
save-as-file = as a file
profile = Profile name
profile-wrong = A profile's name has letters, digits and _ . @ + - only, and does not begin with -.
show = Show
hide = Hide
show-what = the secrets
show-secrets = Show the secrets
copy-failed = Your browser did not allow copying. The text is selected: copy it with the keyboard.
more-with-role = More with this role
get-new = Get new credentials
open-console = Open the console

format-bash = bash, zsh
    .hint = Paste into bash, zsh or another POSIX shell.
format-fish = fish
    .hint = Paste into fish.
format-powershell = PowerShell
    .hint = Paste into PowerShell, on any system.
format-cmd = Command Prompt
    .hint = Paste into the Windows Command Prompt.
format-csh = csh, tcsh
    .hint = Paste into csh or tcsh.
format-dotenv = .env file
    .hint = Save as .env, for programs that read one.
format-credentials-file = Credentials file
    .hint = Add to ~/.aws/credentials, and name the profile with --profile or AWS_PROFILE.
format-credential-process = JSON
    .hint = What a credential_process program prints.

## Errors: the heading, what happened, and what to do now

sign-in-again = Sign in again
to-sign-in = To the sign-in page
try-again = Try again
back-to-roles = Back to your roles
aws-says = AWS says: “{ $message }”

error-idp-said-no =
    .title = Your identity provider said no
    .happened = Your identity provider did not sign you in. It says: { $message }
    .to-do = Ask the people who run your identity provider, or sign in as somebody else.
error-idp-said-no-reason =
    .title = Your identity provider said no
    .happened = Your identity provider did not sign you in, and gave no reason.
    .to-do = Ask the people who run your identity provider, or sign in as somebody else.
error-too-late =
    .title = That sign-in is no longer valid
    .happened = The sign-in came too late or too early: it took too long on the way, or a clock is wrong.
    .to-do = Sign in again. If it happens every time, tell your administrator the request ID below: the clock of the identity provider or of this service is wrong.
error-over =
    .title = That sign-in is over
    .happened = This sign-in took too long, or was finished before.
    .to-do = Sign in again.
error-replay =
    .title = That sign-in was used before
    .happened = A sign-in is good for one time, and this one was used. Going back in the browser does that.
    .to-do = Sign in again.
error-idp-removed =
    .title = Your identity provider is no longer used here
    .happened = Your administrator has removed it from this service.
    .to-do = Sign in with another identity provider, or ask your administrator.
error-idp-replaced =
    .title = Your identity provider has changed
    .happened = Your administrator has replaced the one that you used.
    .to-do = Sign in again.
error-other-browser =
    .title = That sign-in belongs to another browser
    .happened = The sign-in was started in another browser or a private window, and can only end there.
    .to-do = Sign in again in this browser.
error-encryption =
    .title = That sign-in cannot be decrypted
    .happened = Your identity provider encrypted the sign-in, and this service cannot read it.
    .to-do = Tell your administrator, with the request ID below: the identity provider must encrypt to this service's present certificate with AES-GCM, or not at all.
error-not-asked-anew =
    .title = Your identity provider did not ask you again
    .happened = This service wants you to sign in anew each time, and your identity provider let you in without.
    .to-do = Sign out at your identity provider, and sign in again.
error-authn-context =
    .title = You signed in by another way than this service asks for
    .happened = This service asks your identity provider for certain ways of signing in, such as with a second factor.
    .to-do = Sign in again by such a way; if your identity provider offers none, tell your administrator, with the request ID below.
error-unsolicited =
    .title = That identity provider cannot start a sign-in here
    .happened = The sign-in was started by an identity provider that may not do so.
    .to-do = Start from this service's own sign-in page.
error-unknown-issuer =
    .title = That identity provider is not known here
    .happened = The sign-in came from an identity provider that this service is not set up for.
    .to-do = Start from this service's own sign-in page. If it happens there, tell your administrator the request ID below: the entity ID in the identity provider's metadata is another than the one that it signs with.
error-audience =
    .title = That sign-in is for another service
    .happened = Your identity provider made the sign-in out to another service than this one.
    .to-do = Tell your administrator, with the request ID below: the entity ID (audience) that the identity provider has for this service is not its own.
error-recipient =
    .title = That sign-in was sent to the wrong address
    .happened = Your identity provider made the sign-in out to another address than the one that it arrived at.
    .to-do = Tell your administrator, with the request ID below: the ACS URL (recipient, reply URL) that the identity provider has for this service does not match.
error-signature =
    .title = That sign-in is not signed by your identity provider
    .happened = The signature is not by a key that this service knows of your identity provider.
    .to-do = Sign in again. If it happens every time, tell your administrator the request ID below: the identity provider may have a new certificate that this service does not know yet.
error-unverified =
    .title = That sign-in could not be verified
    .happened = What your identity provider sent does not pass this service's checks.
    .to-do = Sign in again. If it happens every time, tell your administrator the request ID below.
error-logout =
    .title = That sign-out was refused
    .happened = The message from the identity provider is not one that this service can trust or use, so that it changed nothing.
    .to-do = To sign out here, use the button on the page with your roles. If it happens every time, tell your administrator the request ID below.
error-bad-request =
    .title = That request could not be read
    .happened = The request is not complete or not well-formed: { $problem }.
    .to-do = Go back to your roles and try again.
problem-not-a-form = it is not application/x-www-form-urlencoded
problem-not-well-formed = it is not a well-formed form
problem-twice = { $field } stands twice
problem-missing = { $field } is missing
problem-unknown = { $field } means nothing here
problem-too-long = { $field } is too long
problem-name-too-long = a field's name is too long
problem-link-too-long = the link is too long
problem-too-many-fields = it has too many fields
problem-switch = a switch does not say its role
problem-duration = duration_seconds is not a number
problem-region = region is not a region code such as eu-central-1
problem-action = action is none of console, credentials and show
problem-slow = its body took too long
problem-unreadable = its body could not be read
problem-no-role = no role is chosen
problem-too-many-roles = more than { $most } roles are chosen
problem-role-twice = a role is chosen twice
problem-access-key-id = access_key_id is not 16 to 128 letters, digits and _
problem-tool-json = the body must be a JSON object with role_arn, message or access_key_id and, if need be, provider_arn or grant
problem-json = the body must be a JSON object with role_arn and, if need be, provider_arn or grant, duration_seconds (a number), region, policy, destination, reason and token_code
error-too-large =
    .title = That request is too large
    .happened = The request is larger than this service reads.
    .to-do = Tell your administrator, with the request ID below.
error-too-often =
    .title = Too many requests
    .happened = More requests came from your network than this service takes from one address.
    .to-do = { $seconds ->
        [one] Wait a second, then try again. If it goes on, tell your administrator.
       *[other] Wait { $seconds } seconds, then try again. If it goes on, tell your administrator.
    }
error-not-signed-in =
    .title = You are not signed in
    .happened = You are not signed in, or your session has ended.
    .to-do = Sign in.
error-login-required =
    .title = A new sign-in is needed
    .happened = Your sign-in is too old for this, or the rules for signing in have changed since then.
    .to-do = Sign in again at login_url, then repeat the request.
error-unknown-idp =
    .title = No such identity provider
    .happened = This service does not know the identity provider that was asked for.
    .to-do = Choose one on the sign-in page.
error-idp-unavailable =
    .title = Your company's sign-in cannot be used now
    .happened = What this service knows of the identity provider is missing or out of date, so that it cannot verify a sign-in.
    .to-do = Try again in a few minutes. If it stays so, tell your administrator the request ID below.
error-unknown-email =
    .title = No identity provider for that address
    .happened = This service knows no identity provider for people with that e-mail address.
    .to-do = Look for a mistake in the address, or choose an identity provider on the sign-in page.
error-not-found =
    .title = Page not found
    .happened = There is no page at this address.
    .to-do = Go to your roles.
error-wrong-method =
    .title = That does not work here
    .happened = This address does not take requests of this kind.
    .to-do = Go to your roles.
error-cross-origin =
    .title = Another site sent you here
    .happened = Your browser was told by another site to do something here. It was not done.
    .to-do = Go to your roles and do it from there, if you want it.
error-busy =
    .title = Too many people at once
    .happened = More people are signing in just now than this service can serve in good time. Nothing of yours is lost.
    .to-do = { $seconds ->
        [one] Wait a second, then try again. If it goes on, tell your administrator.
       *[other] Wait { $seconds } seconds, then try again. If it goes on, tell your administrator.
    }
error-full =
    .title = Nobody else can sign in now
    .happened = As many people are signed in as this service has room for. Nobody is signed out to make room.
    .to-do = Try again in a few minutes, and tell your administrator: the limit can be raised.
error-no-marks =
    .title = Not just now
    .happened = The service has noted as many sign-ins and sign-outs as it has room for, so it could do neither for you now.
    .to-do = Try again in some minutes, and tell your administrator the request ID below.
error-too-many-logins =
    .title = Too many sign-ins
    .happened = You have signed in very often within a few minutes. Your session, if you have one, goes on.
    .to-do = { $seconds ->
        [one] Wait a second, then sign in again. If it was not you, tell your administrator the request ID below.
       *[other] Wait { $seconds } seconds, then sign in again. If it was not you, tell your administrator the request ID below.
    }
error-store =
    .title = Sessions are not available
    .happened = The service could not read or keep your session.
    .to-do = Try again in a minute. If it goes on, tell your administrator the request ID below.
error-audit =
    .title = Nothing was handed out
    .happened = The service could not write its audit trail, and without it hands out nothing.
    .to-do = Tell your administrator, with the request ID below.
error-internal =
    .title = Something went wrong here
    .happened = The service failed at something that should not fail.
    .to-do = Tell your administrator, with the request ID below.

error-stale =
    .title = AWS did not give access
    .happened = AWS did not accept the sign-in: it says that it is too old.
    .to-do = Tell your administrator, with the request ID below: the clock of the identity provider or of this service is wrong.
error-sign-in-outdated =
    .title = A new sign-in is needed
    .happened = Your sign-in can no longer be used: the rules may have changed, or your identity provider cannot be checked now.
    .to-do = Sign in again. If this page comes back, give your administrator the request ID below.
error-not-entitled =
    .title = That role is not yours
    .happened = This role is not one that you may use.
    .to-do = Choose a role from the list.
error-other-provider =
    .title = That role is not yours this way
    .happened = You may use this role, but not through the SAML provider or grant that was named.
    .to-do = Choose the role from the list.
error-name-provider =
    .title = Through what?
    .happened = You may use this role through several SAML providers or grants, and the request names none.
    .to-do = Choose the role from the list: it is there once for each of them.
error-duration =
    .title = That duration cannot be had
    .happened = Credentials can be had for 900 to { $max } seconds.
    .to-do = Choose a duration in between.
error-no-console =
    .title = That page cannot be opened
    .happened = The console of the partition { $partition } cannot be opened from here.
    .to-do = Get credentials for the command line instead: they do work.
error-policy =
    .title = Those permissions cannot be had
    .happened = This service does not know the permissions that were asked for.
    .to-do = Choose the role from the list, with permissions that are offered there.
error-partition =
    .title = That role cannot be used here
    .happened = It is in the partition { $partition }, for which this service is not set up.
    .to-do = Choose another role, or ask your administrator to add the partition (aws.partitions).
error-console-never =
    .title = There is no console for this
    .happened = AWS does not open its console with these credentials.
    .to-do = Get credentials for the command line instead.
error-tool-role =
    .title = AWS answers roles only
    .happened = AWS does not answer this with the credentials of a user or a root user.
    .to-do = Choose a role.
error-policy-fixed =
    .title = That role's permissions are fixed
    .happened = It has a session policy of its own, to which AWS would add another one, or AWS takes none for it.
    .to-do = Use the role without other permissions.
error-fresh-login =
    .title = A fresh sign-in is needed
    .happened = This role wants a sign-in that is just a few minutes old, and your identity provider says that yours is older, or not how old it is.
    .to-do = Sign in again. If it happens every time, tell your administrator the request ID below: the identity provider has to send AuthnInstant and to ask anew when it is told to.
error-reason =
    .title = A reason is needed
    .happened = This role wants a reason of at most 256 characters.
    .to-do = Use the role by itself, and give the reason that is asked for (for programs: reason).
error-mfa-code =
    .title = A code is needed
    .happened = This role wants the six digits that an MFA device shows.
    .to-do = Use the role by itself, and type the code (for programs: token_code).
error-mfa-refused =
    .title = That code is not right
    .happened = AWS does not take the code of the MFA device.
    .to-do = Wait for the next code, and type that.
error-too-many-codes =
    .title = Too many wrong codes
    .happened = You have typed five wrong codes of this MFA device.
    .to-do = Wait 15 minutes. If you did not type them, tell your administrator, with the request ID below.
error-changing =
    .title = The configuration is being changed
    .happened = The configuration changed several times while AWS was asked. Nothing was handed out.
    .to-do = Try again.
error-told =
    .title = AWS cannot be told who you are
    .happened = What your identity provider says of you does not do for this role: { $error }.
    .to-do = Tell your administrator, with the request ID below: the identity provider has to send it, or the grant has to be written in another way.
told-missing = { $of } needs { $value }, which your identity provider does not send
told-several = { $of } needs one value of { $value }, and your identity provider sends several
told-name = { $of } becomes “{ $value }”, which is not 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -
told-short-name = { $of } becomes “{ $value }”, which is not 2 to 32 of the characters A-Z a-z 0-9 _ + = , . @ -
told-tag = { $of } becomes “{ $value }”, which is no value of a tag
error-destination =
    .title = That page cannot be opened
    .happened = The page to open is not on the AWS console of this role's partition.
    .to-do = Leave the destination away, or give a path such as /s3/home.

error-sts-expired-token =
    .title = AWS did not give access
    .happened = AWS did not accept the sign-in: it is too old.
    .to-do = Sign in again. If it happens at once, the identity provider's clock is wrong.
error-sts-invalid-identity-token =
    .title = AWS did not give access
    .happened = AWS could not verify the sign-in.
    .to-do = Tell your administrator, with the request ID below: give the SAML provider in IAM the identity provider's current metadata (its signing certificate may have changed), and see that RoleSessionName and SourceIdentity are 2 to 64 of the characters A-Z a-z 0-9 _ + = , . @ -.
error-sts-idp-rejected-claim =
    .title = AWS did not give access
    .happened = AWS rejected what the identity provider says about you.
    .to-do = Sign in again. If it stays so, ask the people who run your identity provider.
error-sts-access-denied =
    .title = AWS did not give access
    .happened = AWS does not let you use this role.
    .to-do = Tell your administrator, with the request ID below: in the role's trust policy, the principal must be this SAML provider, the condition on SAML:aud must allow this service's sign-in (ACS) URL, and sts:TagSession and sts:SetSourceIdentity must be allowed beside sts:AssumeRoleWithSAML if the identity provider sends tags or a source identity. The role's name must be right, too: AWS does not say whether a role exists.
error-sts-duration =
    .title = AWS did not give access
    .happened = AWS found the request invalid.
    .to-do = Choose a shorter duration.
error-sts-validation-error =
    .title = AWS did not give access
    .happened = AWS found the request invalid.
    .to-do = Tell your administrator, with the request ID below: AWS's words above name what the identity provider has to send in another way.
error-sts-malformed-policy-document =
    .title = AWS did not give access
    .happened = AWS found the session policy invalid.
    .to-do = Tell your administrator, with the request ID below: mend the session policy that is configured for this role.
error-sts-packed-policy-too-large =
    .title = AWS did not give access
    .happened = The session tags that the identity provider sends are too large for AWS.
    .to-do = Tell your administrator, with the request ID below: let the identity provider send fewer or shorter session tags.
error-sts-region-disabled =
    .title = AWS did not give access
    .happened = AWS STS is switched off in this region for this account.
    .to-do = Tell your administrator, with the request ID below: activate STS for this region in the account settings of IAM, or configure another region for this service.
error-sts-throttled =
    .title = AWS did not give access
    .happened = AWS is getting too many requests from this account.
    .to-do = Try again in a minute.
error-sts-unavailable =
    .title = AWS did not give access
    .happened = AWS STS has a problem of its own at the moment.
    .to-do = Try again in a minute. If it goes on, look at the AWS Health Dashboard.
error-sts-unreachable =
    .title = AWS cannot be reached
    .happened = AWS STS could not be reached.
    .to-do = Try again in a minute. If it goes on, tell your administrator: this service must reach AWS STS over HTTPS.
error-sts-unexpected =
    .title = AWS did not give access
    .happened = AWS gave an answer that this service does not understand.
    .to-do = Try again. If it goes on, tell your administrator what AWS says, and the request ID.
error-tool-denied =
    .title = AWS did not answer
    .happened = AWS does not let this role ask that.
    .to-do = Choose another role, or ask your administrator to allow the role sts:DecodeAuthorizationMessage and sts:GetAccessKeyInfo.
error-grant-token =
    .title = AWS did not give access
    .happened = AWS does not take the token that this service made for you.
    .to-do = Tell your administrator, with the request ID below: IAM's OIDC provider in the role's account must have this service's issuer URL and the audience sts.amazonaws.com, and AWS must be able to read /.well-known/openid-configuration and the keys there.
error-grant-access-denied =
    .title = AWS did not give access
    .happened = AWS does not let this service use the role for you.
    .to-do = Tell your administrator, with the request ID below: the role's trust policy must allow this service's own identity (of a chain, the hub role) sts:AssumeRole, with the external ID of the grant, and sts:TagSession and sts:SetSourceIdentity beside it if the grant sets tags or a source identity; and that identity's own policy must allow it too.
error-user-access-denied =
    .title = AWS did not give access
    .happened = AWS does not let this service have such a session for you.
    .to-do = Tell your administrator, with the request ID below: the policy of the IAM user whose keys this service has must allow sts:GetFederationToken, and sts:TagSession if the grant sets tags; and the keys must be the user's long-term ones.
error-root-access-denied =
    .title = AWS did not give access
    .happened = AWS does not let this service act as the account's root user.
    .to-do = Tell your administrator, with the request ID below: root access must be centralised in the organisation, the account must be a member, and the policy of this service's own identity, in the management account or that of the delegated administrator, must allow sts:AssumeRoot for the account and the task.
error-sts-issuer-unreachable =
    .title = AWS cannot reach this service
    .happened = To verify who you are, AWS asks this service for its keys, and got no answer.
    .to-do = Try again in a minute. If it goes on, tell your administrator the request ID below: AWS must be able to read the issuer's documents over HTTPS.
error-sts-invalid-authorization-message =
    .title = That message cannot be decoded
    .happened = AWS finds no encoded authorization message in it.
    .to-do = Paste the whole of what stands behind “Encoded authorization failure message:”, and choose a role of the account in which it was refused.
error-sts-no-identity =
    .title = This service has no AWS identity
    .happened = For this role it has to sign with AWS credentials of its own, and found none.
    .to-do = Tell your administrator, with the request ID below: the log and the audit trail say what failed. Credentials are looked for in the environment, the profile, a web identity, the container and the instance, unless the configuration names them.
error-sts-identity-refused =
    .title = AWS does not know this service
    .happened = AWS did not take this service's own credentials.
    .to-do = Tell your administrator, with the request ID below: the service's access key is deleted, inactive or wrong.
error-sts-other-identity =
    .title = This service has somebody else's keys
    .happened = The keys that it uses for this are not those of the IAM user that its configuration names.
    .to-do = Tell your administrator, with the request ID below: the audit trail says whose they are.
error-sts-assertion-too-long =
    .title = AWS did not give access
    .happened = The sign-in is larger than AWS accepts.
    .to-do = Tell your administrator, with the request ID below: AWS takes at most 100,000 characters, so the identity provider has to send fewer roles or attributes for you.

error-signin-unreachable =
    .title = AWS cannot be reached
    .happened = AWS's sign-in service could not be reached.
    .to-do = Try again in a minute. If it goes on, tell your administrator: this service must reach the partition's AWS sign-in host over HTTPS.
error-signin-refused =
    .title = AWS did not give access
    .happened = AWS's sign-in service did not open a console session (status { $status }).
    .to-do = Try again. If it goes on, tell your administrator; credentials for the command line may still work.
error-signin-unexpected =
    .title = AWS did not give access
    .happened = AWS's sign-in service gave an answer that this service does not understand.
    .to-do = Try again. If it goes on, tell your administrator; credentials for the command line may still work.
error-signin-client =
    .title = AWS cannot be reached
    .happened = This service cannot connect to AWS.
    .to-do = Tell your administrator: the system's CA certificates may be missing.
