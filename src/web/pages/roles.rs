//! The view models of roles and their accounts, and the links to roles.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use super::behind;
use crate::aws::entitlement::{Account, Role};
use crate::aws::partition::Partition;
use crate::aws::region::Region;
use crate::desk::RoleRequest;
use crate::grant::Grant;
use crate::web::context::Context;
use crate::web::view::{AccountView, GoodFor, ReducedView, RoleView};

/// The value of the `action` parameter in links to credentials.
pub const CREDENTIALS: &str = "credentials";

/// Whether the role's grant prevents people from choosing a session policy.
pub fn fixes_policy(context: &Context, role: &Role) -> bool {
    let grant = context.desk_rules().grant_of(role);
    grant.is_some_and(Grant::fixes_policy)
}

/// The view model of an account, without its roles.
pub fn head(context: &Context, account: &Account) -> AccountView {
    AccountView {
        id: account.id.to_string(),
        name: account.name.clone(),
        label: context
            .rules
            .account_labels
            .get(account.id.as_str())
            .cloned(),
        partition: partition_label(account),
        roles: Vec::new(),
    }
}

/// The partition of an account, unless it is `aws`, which almost everybody uses.
fn partition_label(account: &Account) -> Option<String> {
    let partition = account.roles.first()?.partition;
    (partition != Partition::Aws).then(|| partition.to_string())
}

/// The view model of a role in an account.
pub fn view(context: &Context, account: &Account, role: &Role, show_provider: bool) -> RoleView {
    let desk_rules = context.desk_rules();
    let of_user = desk_rules.grant_of(role).is_some_and(Grant::is_of_user);
    let longest = desk_rules
        .longest(role)
        .or_else(|| of_user.then(|| desk_rules.longest_of(role)));
    RoleView {
        name: role.name.clone(),
        kind: context.texts.kind(&role.arn),
        arn: role.arn.to_string(),
        through: role.through.as_str().to_owned(),
        link: link(account, role),
        at_most: longest.map(|longest| context.texts.duration(longest.seconds())),
        needs: context
            .desk_rules()
            .grant_of(role)
            .filter(|grant| grant.asks_something())
            .map(|grant| behind::asks(context, grant).join(", ")),
        has_policy: fixes_policy(context, role),
        good_for: match role {
            role if !context.desk_rules().serves(role) => GoodFor::Nothing,
            role if context.desk_rules().has_console(role) => GoodFor::Everything,
            _ => GoodFor::Credentials,
        },
        show_provider,
    }
}

/// The view model of the requested session policy, if there is one.
pub fn reduced(context: &Context, request: &RoleRequest, role: &Role) -> Option<ReducedView> {
    let named = context.desk_rules().policy(request).ok().flatten()?;
    Some(ReducedView {
        name: named.name.clone(),
        arns: named.policy.arns_for(role.partition, role.arn.account()),
        document: named.policy.document().map(str::to_owned),
    })
}

/// The link to a role in an account: `/go` with a query that identifies the role.
pub fn link(account: &Account, role: &Role) -> String {
    // A link with the role's name is easier to read than a link with its ARN, and stays valid if
    // the role's path changes.
    let same = account
        .roles
        .iter()
        .filter(|other| other.name.eq_ignore_ascii_case(&role.name));
    let is_unique = same.count() == 1;
    let name = if is_unique {
        &role.name
    } else {
        role.arn.as_str()
    };
    let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let link = format!("/go?account={}&role={name}", account.id.as_str());
    match role.grant_in_links().filter(|_| !is_unique) {
        Some(grant) => format!(
            "{link}&grant={}",
            utf8_percent_encode(grant, NON_ALPHANUMERIC)
        ),
        None => link,
    }
}

/// The link to a role's credentials, with the person's choices of duration, policy and region.
pub fn link_to_credentials(
    account: &Account,
    role: &Role,
    request: &RoleRequest,
    region: Option<&Region>,
) -> String {
    let seconds = request.duration_seconds.map(|seconds| seconds.to_string());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("action", CREDENTIALS)
        .extend_pairs(seconds.map(|seconds| ("duration_seconds", seconds)))
        .extend_pairs(request.policy.as_ref().map(|policy| ("policy", policy)))
        .extend_pairs(region.map(|region| ("region", region.as_str())))
        .finish();
    format!("{}&{query}", link(account, role))
}
