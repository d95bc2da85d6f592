//! Reads forms and queries, with limits on their size. Each field may appear only once.

use std::collections::HashSet;

use actix_web::HttpRequest;

use super::bad_request::BadRequest;
use super::body::Body;
use super::error::WebError;
use crate::aws::region::{Region, RegionError};
use crate::desk::RoleRequest;
use crate::printable::printable;

/// The maximum length, in bytes, of a field value that is repeated on a page: the length of the
/// longest ARN.
const MAX_KEPT: usize = 2048;
/// The maximum number of fields in a form. This is more than the portal needs for a thousand roles.
const MAX_FIELDS: usize = 4_096;
/// The maximum number of fields that are repeated on a page. This is enough for twenty roles, their
/// switches and the other choices.
const MAX_KEPT_FIELDS: usize = 64;
/// The maximum total size of the fields that are repeated on a page, in bytes.
const MAX_KEPT_BYTES: usize = 16 * 1024;
/// The maximum length of a field name in an error message, in characters.
const MAX_SHOWN_NAME: usize = 40;
/// The maximum length, in bytes, of a field name that is repeated on a page.
const MAX_KEPT_NAME: usize = 32;
/// The prefix of the names of switches. A switch is a field that selects a session policy for one
/// role.
const SWITCH: &str = "policy-";

/// A role as the portal writes it: its ARN, optionally followed by a space and the source of the
/// role. The source is the ARN of a SAML provider, or the name of a grant. The name of a grant may
/// contain spaces.
#[derive(Clone, Copy)]
pub struct NamedRole<'a> {
    role_arn: &'a str,
    through: Option<&'a str>,
}

impl<'a> From<&'a RoleRequest> for NamedRole<'a> {
    fn from(request: &'a RoleRequest) -> Self {
        Self {
            role_arn: &request.role_arn,
            through: request.through.as_deref(),
        }
    }
}

impl<'a> NamedRole<'a> {
    fn read(value: &'a str) -> Self {
        let (role_arn, through) = value.split_once(' ').unwrap_or((value, ""));
        Self {
            role_arn,
            through: Some(through).filter(|word| !word.is_empty()),
        }
    }

    /// Whether the two values may refer to the same role. A value without a source matches any
    /// source.
    pub fn may_be(self, other: NamedRole<'_>) -> bool {
        let is_same_way = match (self.through, other.through) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.role_arn == other.role_arn && is_same_way
    }
}

/// The fields of a form or query, in the order in which the client sent them.
#[derive(Clone, Debug)]
pub struct Form {
    fields: Vec<(String, String)>,
}

impl Form {
    /// Decodes `application/x-www-form-urlencoded`. A form with a repeated field is refused, since
    /// parsers disagree about which value counts.
    pub fn parse(body: Body) -> Result<Self, WebError> {
        let is_form = body.is_form;
        let bytes = body.bytes()?;
        if !is_form {
            return Err(BadRequest::NotAForm.into());
        }
        Self::decode(&bytes)
    }

    /// Decodes the query of a request. A query with a repeated parameter is refused.
    pub fn of_query(request: &HttpRequest) -> Result<Self, WebError> {
        Self::decode(request.query_string().as_bytes())
    }

    /// Decodes the bytes of a form or a query.
    pub fn decode(octets: &[u8]) -> Result<Self, WebError> {
        if memchr::memchr_iter(b'&', octets).count() >= MAX_FIELDS {
            return Err(BadRequest::TooManyFields.into());
        }
        let fields: Vec<(String, String)> =
            serde_urlencoded::from_bytes(octets).map_err(|_| BadRequest::NotWellFormed)?;
        let mut names = HashSet::with_capacity(fields.len());
        for (name, _) in &fields {
            if !names.insert(name) {
                return Err(BadRequest::Twice(printable(name, MAX_SHOWN_NAME)).into());
            }
        }
        Ok(Self { fields })
    }

    /// The value of a required field. An empty value counts as missing.
    pub fn required(&self, name: &'static str) -> Result<&str, WebError> {
        self.optional(name)
            .ok_or_else(|| BadRequest::Missing(name).into())
    }

    /// The value of a field, or `None` if it is missing or empty.
    pub fn optional(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(field, _)| field == name);
        field
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Refuses any field that is not in `known`.
    pub fn only(&self, known: &[&str]) -> Result<(), WebError> {
        let is_unknown = |(name, _): &&(String, String)| !known.contains(&name.as_str());
        match self.fields.iter().find(is_unknown) {
            None => Ok(()),
            Some((name, _)) => Err(BadRequest::Unknown(printable(name, MAX_SHOWN_NAME)).into()),
        }
    }

    /// The fields with names that begin with `prefix`, in the order of the form.
    pub fn beginning_with(&self, prefix: &str) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.fields.iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_str()));
        fields.filter(move |(name, _)| name.starts_with(prefix))
    }

    /// Reads the requested role and the other choices in the form.
    pub fn role_request(&self) -> Result<RoleRequest, WebError> {
        let role = NamedRole::read(self.required("role_arn")?);
        let named = self.optional("provider_arn").or(self.optional("grant"));
        let through = role.through.or(named);
        self.request(NamedRole { through, ..role })
    }

    /// Reads the request for one of several roles. `value` specifies the role in the format of
    /// [`NamedRole`].
    pub fn role(&self, value: &str) -> Result<RoleRequest, WebError> {
        self.request(NamedRole::read(value))
    }

    fn request(&self, role: NamedRole<'_>) -> Result<RoleRequest, WebError> {
        let common = self.choices()?;
        Ok(RoleRequest {
            role_arn: role.role_arn.to_owned(),
            through: role.through.map(str::to_owned),
            policy: self.switched(role)?.map(str::to_owned).or(common.policy),
            ..common
        })
    }

    /// The session policy that is switched on for a role. The name of a switch begins with
    /// [`SWITCH`]. The value consists of the policy's ID, a space and the role. A malformed switch
    /// is an error: if it were ignored, the person would get more permissions than they requested.
    fn switched(&self, role: NamedRole<'_>) -> Result<Option<&str>, WebError> {
        let mut found = None;
        for (_, value) in self.beginning_with(SWITCH) {
            let (policy, of) = value.split_once(' ').ok_or(BadRequest::Switch)?;
            if NamedRole::read(of).may_be(role) {
                found = found.or(Some(policy));
            }
        }
        Ok(found)
    }

    /// Reads the choices that accompany a role: duration, region, session policy, reason and MFA
    /// code.
    pub fn choices(&self) -> Result<RoleRequest, WebError> {
        let duration = self
            .optional("duration_seconds")
            .map(str::parse)
            .transpose();
        Ok(RoleRequest {
            duration_seconds: duration.map_err(|_| BadRequest::Duration)?,
            region: region(self.optional("region"))?,
            policy: self.optional("policy").map(str::to_owned),
            reason: self.optional("reason").map(str::to_owned),
            token_code: self.optional("token_code").map(str::to_owned),
            ..RoleRequest::default()
        })
    }

    /// Returns the fields in `names` and the switches for the roles in those fields, so that the
    /// form can be submitted again.
    pub fn needed(&self, names: &[&str]) -> Vec<(String, String)> {
        let (mut fields, others): (Vec<_>, Vec<_>) = self
            .fields
            .iter()
            .partition(|(name, _)| names.contains(&name.as_str()));
        let roles = fields.iter().map(|(_, value)| NamedRole::read(value));
        let roles: HashSet<_> = roles.map(|role| role.role_arn).collect();
        let is_needed = |(name, value): &&(String, String)| {
            let of = value.split_once(' ').map(|(_, role)| NamedRole::read(role));
            name.starts_with(SWITCH) && of.is_some_and(|of| roles.contains(of.role_arn))
        };
        fields.extend(others.into_iter().filter(is_needed));
        fields.into_iter().cloned().collect()
    }

    /// Like [`Self::needed`], but limits the number and the size of the fields, for a page that
    /// contains them.
    pub fn kept(&self, names: &[&str]) -> Result<Vec<(String, String)>, WebError> {
        let fields = self.needed(names);
        let sizes = fields.iter().map(|(name, value)| name.len() + value.len());
        if fields.len() > MAX_KEPT_FIELDS || sizes.sum::<usize>() > MAX_KEPT_BYTES {
            return Err(BadRequest::TooManyFields.into());
        }
        if fields.iter().any(|(name, _)| name.len() > MAX_KEPT_NAME) {
            return Err(BadRequest::NameTooLong.into());
        }
        let is_too_long = |(_, value): &&(String, String)| value.len() > MAX_KEPT;
        match fields.iter().find(is_too_long) {
            Some((name, _)) => Err(BadRequest::TooLong(name.clone()).into()),
            None => Ok(fields),
        }
    }
}

/// Parses a region code, if there is one.
pub fn region(text: Option<&str>) -> Result<Option<Region>, WebError> {
    let region = text.map(str::parse).transpose();
    region.map_err(|_: RegionError| BadRequest::Region.into())
}
