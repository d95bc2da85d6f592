//! `POST /credentials/several`: credentials for several roles, as a single block of text for the
//! credentials file.

use std::collections::HashSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use futures_util::stream::{self, StreamExt as _};
use secrecy::{ExposeSecret as _, SecretString};

use super::credentials;
use super::through_idp::{FIELDS, is_repeated, sign_in_first};
use crate::aws::arn::AccountId;
use crate::aws::format::{Format, ProfileName};
use crate::desk::{DeskError, Granted, MAX_ARN, RoleRequest};
use crate::session::Session;
use crate::web::bad_request::BadRequest;
use crate::web::body::Body;
use crate::web::context::Context;
use crate::web::error::WebError;
use crate::web::error_response::note;
use crate::web::form::{Form, NamedRole};
use crate::web::limits::MAX_ROLES;
use crate::web::view::{self, FormatView, MASK, ProfileView, RefusedView, SeveralPage};

/// The prefix of the names of role fields. The values of these fields have the format of
/// [`NamedRole`].
const PREFIX: &str = "role-";
const PATH: &str = "/credentials/several";
/// The maximum number of STS calls that one request makes at the same time.
const CALLS_AT_ONCE: usize = 4;

/// Issues credentials for each chosen role and shows them, along with the roles for which none were
/// issued.
pub async fn several(context: Context, body: Body) -> Result<HttpResponse, WebError> {
    let form = Form::parse(body)?;
    let chosen = chosen(&form)?;
    let requests = requests(&form, &chosen)?;
    let names = chosen.iter().map(|(name, _)| *name);
    let kept: Vec<_> = names.chain(FIELDS).collect();
    let sign_in_first = |session| sign_in_first(&context, &form, &kept, PATH, session, false);
    let Some(session) = context.session_to_use().await? else {
        return sign_in_first(None).await;
    };
    let (desk, asker) = (context.desk(), context.asker(&session));
    let issue = |request| desk.credentials(&asker, request);
    let calls = stream::iter(requests.iter().map(issue));
    let issued: Vec<_> = calls.buffered(CALLS_AT_ONCE).collect().await;
    // A new sign-in starts only if no credentials were issued: issued credentials are always shown.
    let wants_sign_in =
        |result: &Result<_, DeskError>| result.as_ref().is_err_and(DeskError::wants_sign_in);
    let is_nothing = !issued.iter().any(Result::is_ok);
    if is_nothing && issued.iter().any(wants_sign_in) && !is_repeated(&form) {
        return sign_in_first(Some(&session)).await;
    }
    let results = requests.iter().zip(issued).collect();
    Ok(show(&context, &session, results))
}

/// The names and values of the fields that contain roles. There must be 1 to [`MAX_ROLES`] of them.
fn chosen(form: &Form) -> Result<Vec<(&str, &str)>, WebError> {
    let fields: Vec<_> = form.beginning_with(PREFIX).collect();
    match fields.len() {
        0 => Err(BadRequest::NoRole.into()),
        1..=MAX_ROLES => Ok(fields),
        _ => Err(BadRequest::TooManyRoles.into()),
    }
}

fn requests(form: &Form, chosen: &[(&str, &str)]) -> Result<Vec<RoleRequest>, WebError> {
    let requests = chosen.iter().map(|(_, role)| form.role(role));
    let requests: Vec<_> = requests.collect::<Result<_, _>>()?;
    let is_new = |(at, request): (usize, &RoleRequest)| {
        let mut before = requests.iter().take(at).map(NamedRole::from);
        !before.any(|before| before.may_be(request.into()))
    };
    if requests.iter().enumerate().all(is_new) {
        Ok(requests)
    } else {
        Err(BadRequest::RoleTwice.into())
    }
}

fn show(
    context: &Context,
    session: &Session,
    results: Vec<(&RoleRequest, Result<Granted, DeskError>)>,
) -> HttpResponse {
    let mut file = CredentialsFile::default();
    let mut refused = Vec::new();
    let mut status = StatusCode::OK;
    for (request, result) in results {
        match result {
            Ok(granted) => file.add(context, request, &granted),
            Err(error) => {
                let error = WebError::of_desk(error, session, &request.role_arn);
                status = error.status();
                note(&error, context);
                refused.push(RefusedView {
                    role: request.role_arn.chars().take(MAX_ARN).collect(),
                    reason: context.texts.error(&error).happened,
                });
            }
        }
    }
    let expires = file.expires.map(|time| context.texts.timestamp(time));
    let format = Format::CredentialsFile;
    let (text, masked) = file.texts();
    let page = SeveralPage {
        frame: context.frame(),
        person: session.person.shown(),
        idp_name: context.idp_name(session),
        expires,
        profiles: file.profiles,
        formats: vec![FormatView {
            id: format.id(),
            profile: None,
            file_name: format.file_name(),
            text,
            masked,
        }],
        refused,
    };
    // The status is an error only if no credentials were issued.
    let status = if page.profiles.is_empty() {
        status
    } else {
        StatusCode::OK
    };
    view::respond(status, &page)
}

/// The profiles of a credentials file, each with a unique name.
#[derive(Default)]
struct CredentialsFile {
    sections: Vec<SecretString>,
    masked: Vec<String>,
    profiles: Vec<ProfileView>,
    taken: HashSet<ProfileName>,
    /// The earliest time at which any of the credentials expire.
    expires: Option<chrono::DateTime<chrono::Utc>>,
}

impl CredentialsFile {
    fn add(&mut self, context: &Context, request: &RoleRequest, granted: &Granted) {
        let Granted { role, issued, .. } = granted;
        let profile = self.unused(credentials::profile(context, role), role.arn.account());
        let region = credentials::region(request, role.partition);
        let format = Format::CredentialsFile;
        let text = format.render(&issued.credentials, region, &profile);
        self.sections.push(text);
        let masked = format.masked(&issued.credentials, MASK, region, &profile);
        self.masked.push(masked);
        let reduced = context.desk_rules().policy(request).ok().flatten();
        self.profiles.push(ProfileView {
            name: profile.to_string(),
            role: role.arn.to_string(),
            reduced: reduced.map(|policy| policy.name.clone()),
        });
        let end = issued.credentials.expiration();
        self.expires = Some(self.expires.map_or(end, |first| first.min(end)));
    }

    /// The content of the credentials file, and the same content with its secrets masked.
    fn texts(&self) -> (SecretString, String) {
        // Allocate the exact length, because a string that grows leaves copies of secrets in
        // memory.
        let length = |section: &SecretString| section.expose_secret().len() + 1;
        let length: usize = self.sections.iter().map(length).sum();
        let mut text = String::with_capacity(length.saturating_sub(1));
        for section in &self.sections {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(section.expose_secret());
        }
        (text.into(), self.masked.join("\n"))
    }

    /// Returns a profile name that is not used yet. If the name that `portal.profile_name` produces
    /// for a role is already used, the account ID is appended to it. If the resulting name is used
    /// too, a number is appended instead.
    fn unused(&mut self, profile: ProfileName, account: &AccountId) -> ProfileName {
        let name = profile.to_string();
        let with = |end: String| {
            let room = ProfileName::LENGTH_MAXIMUM.saturating_sub(end.len() + 1);
            let start: String = name.chars().take(room).collect();
            format!("{start}-{end}").parse::<ProfileName>().ok()
        };
        let numbers = (2..=MAX_ROLES).map(|number| number.to_string());
        let ends = [account.to_string()].into_iter().chain(numbers);
        let mut names = [Some(profile.clone())]
            .into_iter()
            .chain(ends.map(with))
            .flatten();
        let unused = names.find(|name| !self.taken.contains(name));
        let unused = unused.unwrap_or(profile);
        self.taken.insert(unused.clone());
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profile_names_of_maximum_length_stay_distinguishable() {
        let mut file = CredentialsFile::default();
        let account: AccountId = "111111111111".parse().unwrap();
        let longest = "x".repeat(ProfileName::LENGTH_MAXIMUM);
        let mut unused = || {
            let name = longest.parse().unwrap();
            file.unused(name, &account).to_string()
        };
        assert_eq!(unused(), longest);
        assert_eq!(unused(), format!("{}-111111111111", &longest[13..]));
        assert_eq!(unused(), format!("{}-2", &longest[2..]));
    }
}
