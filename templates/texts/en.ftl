# The English texts of all pages, scripts and API errors, except the demo's pages. `de.ftl` contains
# the German texts. Tests check that both files define the same messages, and that each is used.

## On every page

skip-to-content = Skip to content
signed-in-as = Signed in as
sign-out = Sign out
continue = Continue
copy = Copy
request-id = Request ID
request-id-copy = the request ID
contact-label = Need help?
what-to-do-now = What you can do now

# A chrono format string. The month name (%b) is in the language of this file.
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
script-not-copied = Could not copy
# The script fills in {role}, {number} and {total}.
script-chosen = {"{role}"}, {"{number}"} of {"{total}"}
# The script fills in {in}, such as “in 5 minutes”.
script-expires = The credentials expire {"{in}"}.
script-expired = The credentials have expired.
# The script fills in {number} here and in the next message.
script-picked = {"{number}"} selected
script-picked-too-many = {"{number}"} selected. The maximum is { $most }.
script-just-now = just now
script-soon = in less than a minute
# The script fills in {shown} and {total}.
script-count = {"{shown}"} of {"{total}"} roles

## The sign-in page

sign-in-title = Sign in
sign-in-heading = Sign in to AWS
sign-in-lede = Sign in with your identity provider, then choose an AWS role.
sign-in-with = Sign in with
sign-in-last-used = last used
sign-in-email = Email address
sign-in-nobody = No identity provider is configured. Tell your administrator.
signed-out-here = You are signed out here.
signed-out-here-only = You may still be signed in at your identity provider. If so, it can sign you in here again without asking for a password.
signed-out-everywhere = You are signed out
signed-out-everywhere-too = here and at your identity provider.
signed-out-partly = Your identity provider did not confirm that you are also signed out there and at all other services. To be safe, close your browser.

## On the way to the identity provider and back

one-moment = One moment
to-idp-sign-in = Taking you to { $idp } to sign in.
to-idp-sign-out = Taking you to { $idp } to sign out there too.
to-idp-confirm-sign-out = Taking you back to { $idp } to finish signing out.
repeat-lede = Your request required a new sign-in. { $brand } is now resuming the request.

ask-again-title = You are signed in
ask-again-other = Somebody else asked for something before you signed in, so it was not done. If you need it too, please ask for it.
ask-again-lede = What you asked for could not be kept while you signed in, so please ask for it again.

replace-title = Switch user?
replace-lede = You are signed in as { $current }. A sign-in that was started elsewhere would switch you to { $new }.
replace-warning = If you did not expect this, do not switch. Somebody may be trying to make you work under their name without noticing.
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
keys-choose = select
keys-clear = clear filter
quick-favourites = Favorites
quick-recent = Recent
favourite = Favorite
copy-link = Copy link
filter-label = Filter by account or role
filter-shortcut = Press / to jump to the filter
filter-shortcut-toggle = Keyboard shortcut: press slash to jump to the filter
filter-nothing = No role matches all of these words.
filter-clear = Show all roles
duration = Duration
console-duration = Console sessions: { $duration } (set by your identity provider)
region = Region
region-none = Default region
console-page = Console page
console-home = Home
permissions = Permissions
permissions-all = Full permissions
switch-instead = Overrides the permissions selected above, for this role only
reduced-to = Limited to
policy-size = Policy size
policy-size-taken = { $percent }% of the AWS limit for session policies and tags
policy-size-warning = { $percent }% of the AWS limit for session policies and tags. Above 100%, AWS rejects the request.
role-via = via
at-most = Up to { $duration }
credentials = Credentials
console = Console

ask-reason = Why do you need this role?
ask-reason-hint = Your answer is recorded in the audit trail.
ask-reason-hint-tag = Your answer is recorded in the audit trail and sent to AWS as a tag. In the tag, characters other than letters, digits, spaces and _ . : / = + - @ are replaced with -.
ask-reason-wrong = Enter a reason of at most 256 characters, with at least one letter or digit.
ask-code = MFA code
ask-code-hint = 6-digit code from
ask-code-wrong = That code did not work. Each code works only once: wait for the next one.

no-roles-title = No roles
no-roles-heading = You have no AWS roles yet
no-roles-lede = You are signed in as { $name }, but { $idp } sent no AWS role that you can use.
no-roles-dropped = { $dropped ->
    [one] { $dropped } role was left out because your identity provider sent it in a format that AWS rejects. Your administrator can see why.
   *[other] { $dropped } roles were left out because your identity provider sent them in a format that AWS rejects. Your administrator can see why.
}
no-roles-to-do = Ask the administrators of { $idp } to assign you a role, and give them this request ID. When you have the role, sign out and sign in again.

## Who am I

me-title = Your sign-in
me-name = Name
me-idp = Identity provider
me-name-id = NameID of this sign-in
me-format = NameID format
me-began = Signed in
me-roles = Roles
me-grants = Grants
me-without-hub = You cannot use the roles of the grant “{ $grant }”, because they need the role { $hub }, which you do not have.
me-aws-grants = These values come from your identity provider. For a role from a grant, the role's details show what is sent.
me-aws = Sent to AWS
me-no-session-name = None. AWS requires one for every role from your identity provider, so the identity provider must send RoleSessionName.
me-source-identity = Source identity
me-none = None
me-console-duration = Console sessions
me-as-chosen = The duration that you choose
me-tag = Tag
me-transitive = transitive
me-dropped = Left out
me-dropped-lede = Your identity provider sent these values in a format that AWS rejects. Your administrator can correct them at the identity provider.
me-dropped-beyond = { $number ->
    [one] And { $number } more.
   *[other] And { $number } more.
}
dropped-not-a-pair = Must be one role ARN and one SAML provider ARN, separated by a comma.
dropped-role = Invalid role ARN: { $why }.
dropped-provider = Invalid SAML provider ARN: { $why }.
arn-not-an-arn = not an ARN of the form arn:partition:iam::account:resource
arn-partition = the partition is unknown (known partitions include aws, aws-cn, aws-us-gov, aws-eusc and aws-iso)
arn-service = the service is not iam
arn-region = an IAM ARN cannot contain a region
arn-account = the account ID is not twelve digits
arn-not-a-role = the resource does not begin with role/
arn-not-a-user = the resource does not begin with user/
arn-not-root = the resource is not root
arn-not-a-provider = the resource does not begin with saml-provider/
arn-path = the path is empty, is longer than 512 characters or contains a character that IAM does not allow
arn-name = the name is empty, is longer than { $maximum } characters or contains a character that IAM does not allow
dropped-two-partitions = The role and the SAML provider are in different partitions.
dropped-session-name = Must be 2 to 64 characters long and contain only A-Z a-z 0-9 _ + = , . @ -.
dropped-session-duration = Must be a number of seconds from 900 to 43200.
dropped-source-identity = Must be 2 to 64 characters long, contain only A-Z a-z 0-9 _ + = , . @ - and not begin with aws:.
dropped-tag-key = The tag key must be 1 to 128 characters long, contain only characters that IAM allows and not begin with aws:.
dropped-tag-value = The tag value must be at most 256 characters long and contain only characters that IAM allows.
dropped-tag-repeated = There is already a tag with this key. Keys that differ only in case count as the same.
dropped-too-many-tags = AWS accepts at most 50 tags, and there are already 50.
dropped-second-value = This attribute can have only one value, and it already has one.
dropped-not-text = The value is not text: it contains elements or is nil.
dropped-unknown-attribute = AWS has no attribute with this name. Names are case-sensitive.

## Role details

behind = Source
behind-link = Role details
behind-assertion = Your identity provider, through { $provider }
behind-grant = The grant “{ $grant }” of this service
behind-chain = The grant “{ $grant }” of this service, through the role { $hub }
behind-token = The grant “{ $grant }” of this service, with an OpenID Connect token
behind-federation = The grant “{ $grant }” of this service, through the IAM user { $user }
behind-user = The grant “{ $grant }” of this service, with the keys of the IAM user { $user }
behind-root = The grant “{ $grant }” of this service, as the account's root user
not-served = AWS partition not configured here
behind-asks = Requires
behind-fresh = a sign-in no older than { $duration }
behind-reason = a reason
behind-code = an MFA code
behind-problem = This role cannot be used: { $problem }.

## Tools

tools-title = AWS tools
tools-lede = Decode an access-denied message, or find the account that an access key belongs to. The request to AWS uses one of your roles. The role's credentials are never shown.
tools-no-role = None of your roles can be used with these tools.
tools-refusal = Why was access denied?
tools-message = Encoded authorization failure message
tools-role = Role to use
tools-explain = Decode message
tools-explicit = A policy explicitly denies this request.
tools-implicit = No policy allows this request.
tools-principal = Requested by
tools-action = Action
tools-resource = Resource
tools-statement = Statement
tools-key = Which account does an access key belong to?
tools-key-id = Access key ID (AKIA… or ASIA…)
tools-find = Find account
tools-account = This key belongs to account

## Several roles at once

several-pick = Select
several-lede = Select roles to get their credentials in one file.
several-not = This role requires a reason, an MFA code or a new sign-in first. Use it on its own.
several-none = Clear selection
several-get = Get credentials
several-title = Credentials for several roles
several-profiles = { $number ->
    [0] No credentials were issued.
    [one] { $number } profile for ~/.aws/credentials.
   *[other] { $number } profiles for ~/.aws/credentials.
}
several-names = Profiles
several-refused = No credentials were issued for these roles:

## The credentials

credentials-for = Credentials for { $role }
all-roles = All roles
account = Account
good-for = Valid for { $duration }.
good-for-why = AWS, your identity provider or the grant does not allow a longer duration.
expired = These credentials have expired.
cleared = The credentials were removed from this page when you left it.
get-new-below = Get new ones below.
expires = Expires
seen-as = AWS sees you as
session-name = Session name
role = Role
iam-user = IAM user
root-user = Root user
destination = Console page
copy-for = Copy credentials
copy-the-format = in { $format } format
save = Save
save-as-file = as a file
profile = Profile name
profile-wrong = A profile name can contain only letters, digits and _ . @ + -, and cannot begin with -.
show = Show
hide = Hide
show-what = the secrets
show-secrets = Show secrets
copy-failed = Your browser did not allow copying. The text is selected: copy it with the keyboard.
more-with-role = More actions for this role
get-new = Get new credentials
open-console = Open console

format-bash = bash, zsh
    .hint = Paste into bash, zsh or another POSIX shell.
format-fish = fish
    .hint = Paste into fish.
format-powershell = PowerShell
    .hint = Paste into PowerShell on any operating system.
format-cmd = Command Prompt
    .hint = Paste into the Windows Command Prompt.
format-csh = csh, tcsh
    .hint = Paste into csh or tcsh.
format-dotenv = .env file
    .hint = Save as .env for programs that read .env files.
format-credentials-file = Credentials file
    .hint = Add to ~/.aws/credentials, then select the profile with --profile or AWS_PROFILE.
format-credential-process = JSON
    .hint = The output of a credential_process program.

## Errors: the heading, what happened, and what to do now

sign-in-again = Sign in again
to-sign-in = Go to the sign-in page
try-again = Try again
back-to-roles = Back to your roles
aws-says = Message from AWS: “{ $message }”

error-idp-said-no =
    .title = Your identity provider refused the sign-in
    .happened = Your identity provider sent this message: “{ $message }”
    .to-do = Ask the administrators of your identity provider for help, or sign in as somebody else.
error-idp-said-no-reason =
    .title = Your identity provider refused the sign-in
    .happened = Your identity provider gave no reason.
    .to-do = Ask the administrators of your identity provider for help, or sign in as somebody else.
error-too-late =
    .title = That sign-in is not valid at this time
    .happened = The sign-in arrived too late or too early, or your session at the identity provider has already ended.
    .to-do = Sign in again. If it happens every time, give your administrator the request ID: the clock of the identity provider or of this service may be wrong.
error-over =
    .title = That sign-in has ended
    .happened = The sign-in took too long, was already completed, or was interrupted by a restart of this service.
    .to-do = Sign in again.
error-replay =
    .title = That sign-in was already used
    .happened = Each sign-in works only once. Going back in the browser can send it a second time.
    .to-do = Sign in again.
error-idp-removed =
    .title = Your identity provider was removed
    .happened = You can no longer use this service with the identity provider that you signed in with.
    .to-do = Sign in with another identity provider, or ask your administrator for help.
error-idp-replaced =
    .title = Your identity provider was replaced
    .happened = Your administrator replaced the identity provider that you signed in with. Your sign-in is therefore no longer valid.
    .to-do = Sign in again.
error-other-browser =
    .title = That sign-in belongs to another browser
    .happened = The sign-in was started in another browser or a private window, and can only be finished there.
    .to-do = Sign in again in this browser.
error-encryption =
    .title = That sign-in cannot be decrypted
    .happened = Your identity provider encrypted the sign-in with a key that this service does not have, or in an unsupported way.
    .to-do = Give your administrator the request ID: the identity provider must encrypt with this service's current certificate and a supported algorithm, such as AES-GCM, or not at all.
error-not-asked-again =
    .title = Your identity provider did not ask you to sign in again
    .happened = This service required a new sign-in, but your identity provider reused an earlier one.
    .to-do = Sign out at your identity provider, then sign in again.
error-authn-context =
    .title = Sign-in method not accepted
    .happened = This service requires certain sign-in methods, such as a second factor. You used a different method.
    .to-do = Sign in again with an accepted method. If your identity provider offers none, give your administrator the request ID.
error-unsolicited =
    .title = That sign-in was not started here
    .happened = The sign-in was started at the identity provider. This service does not allow that for this identity provider.
    .to-do = Start from this service's sign-in page.
error-unknown-issuer =
    .title = Unknown identity provider
    .happened = The sign-in came from an identity provider that is not configured in this service.
    .to-do = Start from this service's sign-in page. If it happens there too, give your administrator the request ID: the entity ID that the identity provider sends differs from the one in its metadata.
error-audience =
    .title = That sign-in is not for this service
    .happened = The audience of your identity provider's message is missing or is another service.
    .to-do = Give your administrator the request ID: the identity provider must send this service's entity ID as the audience.
error-recipient =
    .title = That sign-in was sent to the wrong address
    .happened = Your identity provider's message is not addressed to the URL that received it.
    .to-do = Give your administrator the request ID: the ACS URL (recipient, reply URL) configured at the identity provider is not the ACS URL of this service.
error-signature =
    .title = That sign-in is not signed by your identity provider
    .happened = The sign-in is not signed with any key that this service has for your identity provider.
    .to-do = Sign in again. If it happens every time, give your administrator the request ID: the identity provider may have a new certificate that this service does not have yet.
error-unverified =
    .title = That sign-in could not be verified
    .happened = The message from your identity provider failed this service's checks.
    .to-do = Sign in again. If it happens every time, give your administrator the request ID.
error-logout =
    .title = That sign-out was refused
    .happened = The identity provider's message could not be verified or used, so nothing was changed.
    .to-do = To sign out here, use the “Sign out” button on the page with your roles. If you see this error every time you sign out, give your administrator the request ID.
error-bad-request =
    .title = Invalid request
    .happened = The request is incomplete or malformed: { $problem }.
    .to-do = Go back to your roles and try again. If a program sent the request, correct the program.
problem-not-a-form = the content type is not application/x-www-form-urlencoded
problem-not-well-formed = the form or query is not correctly URL-encoded
problem-twice = { $field } appears more than once
problem-missing = { $field } is missing
problem-unknown = { $field } is not a known field
problem-too-long = { $field } is too long
problem-name-too-long = a field's name is too long
problem-link-too-long = the link is too long
problem-too-many-fields = the form or query contains too many fields or too much data
problem-switch = a switch does not specify both a session policy and a role
problem-duration = duration_seconds must be a number
problem-region = region must be a region code such as eu-central-1
problem-action = action must be console, credentials or show
problem-slow = the body took too long to arrive
problem-unreadable = the body could not be read
problem-no-role = no role is selected
problem-too-many-roles = more than { $most } roles are selected
problem-role-twice = a role is selected twice
problem-access-key-id = access_key_id must be 16 to 128 characters long and contain only letters, digits and _
problem-tool-json = the body must be a JSON object with role_arn, either message or access_key_id, and optionally either provider_arn or grant
problem-json = the body must be a JSON object with role_arn and, optionally, either provider_arn or grant, and any of duration_seconds (a number), region, policy, destination, reason and token_code
error-too-large =
    .title = That request is too large
    .happened = The request exceeds the size limit of this service. Nothing was changed.
    .to-do = Give your administrator the request ID.
error-too-often =
    .title = Too many requests
    .happened = Your network sent more requests than this service accepts from one address.
    .to-do = { $seconds ->
        [one] Wait a second, then try again. If it keeps happening, tell your administrator.
       *[other] Wait { $seconds } seconds, then try again. If it keeps happening, tell your administrator.
    }
error-not-signed-in =
    .title = You are not signed in
    .happened = Either you have not signed in yet, or your session has ended.
    .to-do = Sign in.
error-login-required =
    .title = New sign-in required
    .happened = Your sign-in is too old for this request, or the sign-in rules have changed since you signed in.
    .to-do = Sign in again at login_url, then repeat the request.
error-unknown-idp =
    .title = No such identity provider
    .happened = The requested identity provider is not configured in this service.
    .to-do = Choose an identity provider on the sign-in page.
error-idp-unavailable =
    .title = Your identity provider cannot be used right now
    .happened = The identity provider's metadata is missing or expired, so this service cannot verify a sign-in.
    .to-do = Try again in a few minutes. If it keeps happening, give your administrator the request ID.
error-unknown-email =
    .title = No identity provider for that address
    .happened = No identity provider is configured for the domain of this email address.
    .to-do = Check the address for typos, or choose an identity provider on the sign-in page.
error-not-found =
    .title = Page not found
    .happened = There is no page at this address. The address may contain a typo, or the link may be outdated.
    .to-do = Check the address, or go to your roles.
error-wrong-method =
    .title = That request does not work here
    .happened = This address does not accept this kind of request.
    .to-do = Go to your roles. If a program sent the request, check the method and the address.
error-cross-origin =
    .title = Request from another site blocked
    .happened = Another site sent a request here from your browser. Nothing was changed.
    .to-do = If you came from your identity provider, it posted to the wrong URL: tell your administrator. Otherwise, go to your roles and try again from there.
error-ahead-of-time =
    .title = This page opens only when you follow the link
    .happened = Your browser asked for this page before you followed the link. Nothing was changed.
    .to-do = Follow the link, or reload this page.
error-session-ended =
    .title = Your session has ended
    .happened = While AWS was responding, you signed out or signed in again, or your session ended. The result was discarded.
    .to-do = Sign in again, and choose the role again.
error-busy =
    .title = Too busy right now
    .happened = This service is receiving more requests than it can handle right now. Nothing was lost.
    .to-do = { $seconds ->
        [one] Wait a second, then try again. If it keeps happening, tell your administrator.
       *[other] Wait { $seconds } seconds, then try again. If it keeps happening, tell your administrator.
    }
error-full =
    .title = No more sign-ins right now
    .happened = This service has no memory left for new sessions, and it does not end existing sessions to make room.
    .to-do = Try again in a few minutes, and tell your administrator: the memory limit for sessions can be raised.
error-no-marks =
    .title = Too many sign-ins and sign-outs
    .happened = This service has no memory left to record another sign-in or sign-out, so yours was not completed.
    .to-do = Try again in a few minutes, and give your administrator the request ID.
error-too-many-logins =
    .title = Too many sign-ins
    .happened = You have signed in too often in the last few minutes. If you have a session, it is still valid.
    .to-do = { $seconds ->
        [one] Wait a second, then sign in again. If it was not you, give your administrator the request ID.
       *[other] Wait { $seconds } seconds, then sign in again. If it was not you, give your administrator the request ID.
    }
error-store =
    .title = Sessions are not available
    .happened = This service could not read or save session data.
    .to-do = Try again in a minute. If it keeps happening, give your administrator the request ID.
error-audit =
    .title = The audit trail is not available
    .happened = This service could not write to its audit trail, so it did not complete your request.
    .to-do = Give your administrator the request ID.
error-internal =
    .title = Something went wrong
    .happened = This service had an internal error.
    .to-do = Give your administrator the request ID.

error-stale =
    .title = Sign-in too old for AWS
    .happened = AWS accepts a sign-in for at most five minutes. Your sign-in is older or has already expired.
    .to-do = Give your administrator the request ID: the clock of the identity provider or of this service is wrong.
error-sign-in-outdated =
    .title = New sign-in required
    .happened = Your sign-in is no longer valid. The sign-in rules may have changed, or the metadata of your identity provider may be unavailable right now.
    .to-do = Sign in again. If it happens again, give your administrator the request ID.
error-not-entitled =
    .title = You do not have this role
    .happened = Neither your identity provider nor a grant of this service assigns this role to you.
    .to-do = Choose a role from your list.
error-other-provider =
    .title = Wrong SAML provider or grant
    .happened = You can use this role, but not through the requested SAML provider or grant.
    .to-do = Choose the role from your list.
error-name-provider =
    .title = Choose how to get this role
    .happened = You have this role through several SAML providers or grants, and the request does not specify which one to use.
    .to-do = Choose one of them in your list of roles (in a program, set provider_arn or grant).
error-duration =
    .title = That duration is not allowed
    .happened = The duration must be between 900 and { $max } seconds.
    .to-do = Choose a duration in this range.
error-no-console =
    .title = Console not available
    .happened = This service cannot open the console of the partition { $partition }.
    .to-do = Get credentials for the command line instead.
error-policy =
    .title = Unknown permissions
    .happened = The requested permissions are not configured in this service.
    .to-do = Choose the role from your list, with one of the permission options offered there.
error-partition =
    .title = That role cannot be used here
    .happened = The role is in the partition { $partition }, which is not configured in this service.
    .to-do = Choose another role, or ask your administrator to add the partition to aws.partitions.
error-console-never =
    .title = No console for these credentials
    .happened = AWS opens the console only with the credentials of roles and federated users.
    .to-do = Get credentials for the command line instead.
error-tool-role =
    .title = These tools need a role
    .happened = AWS does not accept these requests with the temporary credentials of a federated user, an IAM user or a root user.
    .to-do = Choose a role.
error-policy-fixed =
    .title = This role's permissions are fixed
    .happened = You cannot choose a session policy for this role. Either the role already has one, and a second one would add permissions, or AWS accepts none for this role.
    .to-do = Use the role without choosing permissions.
error-fresh-login =
    .title = New sign-in required
    .happened = This role requires a recent sign-in. Yours is too old, or your identity provider did not report when you signed in.
    .to-do = Sign in again. If it happens every time, give your administrator the request ID: the identity provider must send AuthnInstant and honor ForceAuthn.
error-reason =
    .title = Reason required
    .happened = This role requires a reason of at most 256 characters, with at least one letter or digit.
    .to-do = Use the role on its own and enter the reason (in a program, set reason).
error-mfa-code =
    .title = MFA code required
    .happened = This role requires a 6-digit code from an MFA device.
    .to-do = Use the role on its own and enter the code (in a program, set token_code).
error-mfa-refused =
    .title = Wrong MFA code
    .happened = AWS did not accept the code from the MFA device.
    .to-do = Wait for the next code, then enter it.
error-too-many-codes =
    .title = Too many wrong codes
    .happened = You entered five wrong codes for this MFA device.
    .to-do = Wait 15 minutes. If it was not you, give your administrator the request ID.
error-too-many-codes-device =
    .title = Too many wrong codes
    .happened = Too many wrong codes have been entered for this MFA device, by you or by others.
    .to-do = Wait 15 minutes. If you need access sooner, give your administrator the request ID.
error-too-many-codes-address =
    .title = Too many wrong codes
    .happened = Too many wrong MFA codes have been entered from your network address, by you or by others.
    .to-do = Wait 15 minutes. If you need access sooner, give your administrator the request ID.
error-changing =
    .title = The configuration is being changed
    .happened = The configuration changed several times while AWS was processing your request. Nothing was issued.
    .to-do = Try again.
error-session-parameters =
    .title = Your sign-in lacks data for this role
    .happened = Data from your identity provider is missing or not valid for this role: { $error }.
    .to-do = Give your administrator the request ID: the identity provider must send the required data, or the grant must be changed.
session-parameters-missing = { $of } requires { $value }, which your identity provider does not send
session-parameters-several = { $of } requires a single value for { $value }, but your identity provider sends several
session-parameters-name = { $of } would be “{ $value }”, which is not valid: it must be 2 to 64 characters long and contain only A-Z a-z 0-9 _ + = , . @ -
session-parameters-short-name = { $of } would be “{ $value }”, which is not valid: it must be 2 to 32 characters long and contain only A-Z a-z 0-9 _ + = , . @ -
session-parameters-tag = { $of } would be “{ $value }”, which is not a valid tag value
error-destination =
    .title = That page cannot be opened
    .happened = The destination is not a page of the AWS console in this role's partition.
    .to-do = Omit the destination, or use a path such as /s3/home.

error-sts-expired-token =
    .title = Sign-in too old for AWS
    .happened = AWS rejected the sign-in because it is more than five minutes old or has expired.
    .to-do = Sign in again. If it happens again right away, give your administrator the request ID: the clock of the identity provider or of this service may be wrong.
error-sts-invalid-identity-token =
    .title = AWS could not verify the sign-in
    .happened = AWS rejected the message from your identity provider as invalid.
    .to-do = Give your administrator the request ID. The SAML provider in IAM needs the identity provider's current metadata, for example after a change of the signing certificate. RoleSessionName and SourceIdentity must be 2 to 64 characters long and contain only A-Z a-z 0-9 _ + = , . @ -.
error-sts-idp-rejected-claim =
    .title = AWS rejected the sign-in
    .happened = AWS rejected a claim in the message from your identity provider or in a token from this service.
    .to-do = Sign in again. If it keeps happening, give your administrator the request ID.
error-sts-access-denied =
    .title = AWS denied access
    .happened = AWS does not allow you to use this role.
    .to-do = Give your administrator the request ID. The role's trust policy must allow the SAML provider to call sts:AssumeRoleWithSAML, and its condition on SAML:aud must allow this service's sign-in (ACS) URL. The policy must also allow sts:TagSession if the identity provider sends tags, and sts:SetSourceIdentity if it sends a source identity. Check the role's name, too: AWS does not reveal whether a role exists.
error-sts-duration =
    .title = AWS rejected the duration
    .happened = The role does not allow sessions of this duration.
    .to-do = Choose a shorter duration.
error-sts-validation-error =
    .title = AWS rejected the request
    .happened = AWS found an invalid value in the request.
    .to-do = Give your administrator the request ID: AWS's message shows which value must be changed.
error-sts-malformed-policy-document =
    .title = AWS rejected the session policy
    .happened = The session policy is not valid.
    .to-do = Give your administrator the request ID: the session policy must be corrected in the configuration.
error-sts-packed-policy-too-large =
    .title = Session policies and tags too large
    .happened = The session policies and tags for this role exceed the AWS limit.
    .to-do = Give your administrator the request ID: this role needs fewer or shorter session tags, or smaller session policies.
error-sts-region-disabled =
    .title = AWS STS is not active in this region
    .happened = This role's account has not activated AWS STS in the region that this service uses.
    .to-do = Give your administrator the request ID: STS must be activated for this region in the account settings of IAM, or this service must use another region.
error-sts-throttled =
    .title = Too many requests to AWS
    .happened = AWS has received too many requests and is temporarily refusing more.
    .to-do = Try again in a minute.
error-sts-unavailable =
    .title = AWS STS is not available
    .happened = AWS STS had an internal error.
    .to-do = Try again in a minute. If it keeps happening, check the AWS Health Dashboard.
error-sts-unreachable =
    .title = AWS cannot be reached
    .happened = The connection from this service to AWS STS failed or timed out.
    .to-do = Try again in a minute. If it keeps happening, tell your administrator: this service must be able to reach AWS STS over HTTPS.
error-sts-unexpected =
    .title = Unexpected response from AWS
    .happened = AWS STS returned a response that this service does not understand.
    .to-do = Try again. If it keeps happening, give your administrator AWS's message and the request ID.
error-tool-denied =
    .title = AWS denied access
    .happened = The role that you chose is not allowed to use this tool.
    .to-do = Choose another role. If none of your roles can use the tool, ask your administrator to allow sts:DecodeAuthorizationMessage and sts:GetAccessKeyInfo for one of them.
error-grant-token =
    .title = AWS rejected this service's token
    .happened = AWS did not accept the token that this service issued for you to use this role.
    .to-do = Give your administrator the request ID. The role's account must have an IAM OIDC provider with this service's issuer URL and the audience sts.amazonaws.com. AWS must be able to read this service's /.well-known/openid-configuration and the keys at its jwks_uri.
error-grant-access-denied =
    .title = AWS denied access
    .happened = AWS does not allow this service to use the role for you.
    .to-do = Give your administrator the request ID. The role's trust policy must allow this service's own identity (in a chain, the hub role) to call sts:AssumeRole with the grant's external ID. For a web-identity grant, the trust policy must instead allow the OIDC provider to call sts:AssumeRoleWithWebIdentity. The trust policy must also allow sts:TagSession if the grant sets tags, and sts:SetSourceIdentity if the grant sets a source identity. The policy of this service's identity (in a chain, of the hub role) must allow the same actions.
error-user-access-denied =
    .title = AWS denied access
    .happened = AWS does not allow this service to get this session for you.
    .to-do = Give your administrator the request ID. This service must use long-term keys of the grant's IAM user. For a federation-token grant, the user's policy must allow sts:GetFederationToken, and sts:TagSession if the grant sets tags.
error-root-access-denied =
    .title = AWS denied access
    .happened = AWS does not allow this service to act as the account's root user.
    .to-do = Give your administrator the request ID. Centralized root access must be enabled in the organization, and the account must be a member account. This service's own identity must be in the management account or in the delegated administrator's account. The identity's policy must allow sts:AssumeRoot for the account and the task.
error-sts-issuer-unreachable =
    .title = AWS cannot reach this service
    .happened = To verify who you are, AWS tried to read this service's keys, but got no response.
    .to-do = Try again in a minute. If it keeps happening, give your administrator the request ID: AWS must be able to read this service's OpenID Connect documents over HTTPS.
error-sts-invalid-authorization-message =
    .title = That message cannot be decoded
    .happened = AWS did not recognize the message as an encoded authorization failure message.
    .to-do = Paste everything after “Encoded authorization failure message:”, and choose a role in the account where access was denied.
error-sts-no-identity =
    .title = This service could not load its AWS credentials
    .happened = For this role, this service needs its own AWS credentials. It could not find or load them.
    .to-do = Give your administrator the request ID: the log and the audit trail show what failed. If no credentials are configured, the service looks for them in the environment, a profile, a web identity, the container and the instance.
error-sts-identity-refused =
    .title = AWS rejected this service's credentials
    .happened = AWS does not accept the credentials with which this service signed the request.
    .to-do = Give your administrator the request ID: the credentials that this service uses were deleted, are inactive, have expired or are wrong.
error-sts-other-identity =
    .title = This service has the wrong keys
    .happened = The keys that this service uses for this request do not belong to the IAM user in the service's configuration.
    .to-do = Give your administrator the request ID: the audit trail shows who owns the keys.
error-sts-assertion-too-long =
    .title = Sign-in too large for AWS
    .happened = AWS accepts at most 100,000 characters of sign-in data. Your identity provider sent more.
    .to-do = Give your administrator the request ID: the identity provider must send fewer roles or attributes for you.

error-signin-unreachable =
    .title = AWS cannot be reached
    .happened = The connection from this service to AWS's sign-in service failed or timed out.
    .to-do = Try again in a minute. If it keeps happening, tell your administrator: this service must be able to reach the partition's AWS sign-in host over HTTPS.
error-signin-refused =
    .title = AWS did not open the console
    .happened = AWS's sign-in service did not open a console session (status { $status }).
    .to-do = Try again. If it keeps happening, tell your administrator. Credentials for the command line may still work.
error-signin-unexpected =
    .title = AWS did not open the console
    .happened = AWS's sign-in service returned a response that this service does not understand.
    .to-do = Try again. If it keeps happening, tell your administrator. Credentials for the command line may still work.
error-signin-client =
    .title = No connection to AWS
    .happened = This service cannot set up HTTPS connections to AWS.
    .to-do = Tell your administrator: the system's CA certificates may be missing.
