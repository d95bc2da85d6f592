//! Why a message was refused: one variant a check.

use thiserror::Error;

/// A refused SAML message. Every check has its own variant, and [`Refusal::name`] is what the
/// audit line carries. The texts hold no part of an assertion beyond names and times, so that
/// they may be logged; people see one of a few plain pages instead.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    // The bytes (saml-bindings 3.5.4).
    /// The form field is not base64 (line breaks allowed).
    #[error("SAMLResponse is not base64")]
    Base64,
    /// The decoded message is not UTF-8.
    #[error("the message is not UTF-8")]
    Utf8,
    /// The decoded message holds a NUL character.
    #[error("the message holds a NUL character")]
    NulCharacter,
    /// The XML declaration names another encoding than UTF-8.
    #[error("the message declares an encoding other than UTF-8")]
    Encoding,
    /// A document type declaration (XXE, entity expansion).
    #[error("the message holds a document type declaration")]
    Doctype,
    /// A comment, which text readers disagree about (CVE-2017-11427 and kin).
    #[error("the message holds a comment")]
    Comment,
    /// A CDATA section; no IdP sends one, and readers disagree about them.
    #[error("the message holds a CDATA section")]
    CdataSection,
    /// A processing instruction.
    #[error("the message holds a processing instruction")]
    ProcessingInstruction,
    /// Not well-formed, by XML 1.0 and Namespaces in XML.
    #[error("the message is not well-formed XML: {0}")]
    NotWellFormed(String),
    /// Elements are nested more than 64 deep.
    #[error("elements are nested more than {} deep", super::xml::MAX_DEPTH)]
    TooDeep,
    /// There are more than 8192 tags.
    #[error("the message has more than {} tags", super::xml::MAX_TAGS)]
    TooManyTags,
    /// An element has more than 64 attributes.
    #[error("an element has more than {} attributes", super::xml::MAX_ATTRIBUTES)]
    TooManyAttributes,
    /// More namespace declarations are in scope of an element than canonicalisation is asked to
    /// look through.
    #[error(
        "more than {} namespace declarations are in scope",
        super::policy::MAX_NAMESPACES
    )]
    TooManyNamespaces,

    /// The parameters or fields of a logout message are not those of its binding
    /// (saml-bindings 3.4.4, 3.5.4).
    #[error("the message did not come as its binding says: {0}")]
    Binding(&'static str),
    /// A message in a query is not DEFLATE of at most 64 KiB.
    #[error("the message is not deflated text of at most 64 KiB")]
    Deflate,

    // The structure, before any cryptography.
    /// The root is not `samlp:Response`.
    #[error("the message is not a samlp:Response")]
    NotAResponse,
    /// The root is not the `samlp:LogoutRequest` or `samlp:LogoutResponse` that its field says.
    #[error("the message is not a logout message of the kind that its field says")]
    NotALogoutMessage,
    /// Response or Assertion is not of version 2.0.
    #[error("{0} is not of version 2.0")]
    Version(&'static str),
    /// A success Response without an assertion.
    #[error("the response carries no assertion")]
    NoAssertion,
    /// More than one assertion, or one that is not a child of the Response.
    #[error("the response carries an assertion beside the one that is read")]
    SeveralAssertions,
    /// What was decrypted is not `saml:Assertion`.
    #[error("what was decrypted is not a saml:Assertion")]
    NotAnAssertion,
    /// An `ID` stands twice.
    #[error("an ID attribute value stands twice")]
    DuplicateId,
    /// Response or Assertion has no `ID`.
    #[error("{0} has no ID")]
    MissingId(&'static str),
    /// An `xml:id` or otherwise prefixed ID attribute, or one in another case.
    #[error("an ID attribute in a form that readers resolve differently")]
    ForeignId,
    /// A prefixed attribute with the local name of one that is read.
    #[error("a prefixed attribute shadows {0}")]
    ShadowedAttribute(String),
    /// An element where the schema has none, or one too many, in a part that is read.
    #[error("{parent} holds an unexpected {child}")]
    UnexpectedElement {
        /// The element that holds it.
        parent: String,
        /// The element that should not be there.
        child: String,
    },
    /// An element that the schema requires is not there.
    #[error("{parent} lacks {child}")]
    MissingElement {
        /// The element that should hold it.
        parent: String,
        /// The element that should be there.
        child: String,
    },
    /// A namespace name that is not absolute: canonicalisers give nothing for it (CVE-2025-66568).
    #[error("a namespace name is not an absolute URI")]
    RelativeNamespace,
    /// A `ds:Signature` that is not a direct child of the Response or the Assertion.
    #[error("a signature stands where none is allowed")]
    MisplacedSignature,
    /// Two signatures in one parent.
    #[error("an element holds more than one signature")]
    SeveralSignatures,
    /// The signature's own structure is not exactly the SAML profile's (saml-core 5.4).
    #[error("the signature is not of the SAML profile: {0}")]
    SignatureProfile(&'static str),
    /// The reference is not `#` and the parent's ID.
    #[error("the signature does not refer to its parent")]
    ReferenceUri,
    /// The transforms are not enveloped-signature and at most one C14N.
    #[error("the signature's transforms are not enveloped-signature and one canonicalisation")]
    Transforms,
    /// A signature, digest or canonicalisation algorithm off the allow-list.
    #[error("the signature uses an algorithm that is not allowed: {0}")]
    Algorithm(String),

    /// The encryption's structure is not what IdPs send (saml-core 2.3.4).
    #[error("the encrypted assertion is not of the usual form: {0}")]
    EncryptionProfile(&'static str),
    /// A cipher or key transport off the allow-list, or AES-CBC where it is not allowed or not
    /// covered by the Response's signature.
    #[error("the assertion is encrypted with an algorithm that is not allowed: {0}")]
    EncryptionAlgorithm(String),

    // What opens it.
    /// There is no key that could decrypt anything.
    #[error("the assertion is encrypted, and this service provider has no RSA key")]
    NoDecryptionKey,
    /// It could not be decrypted; nothing more is told.
    #[error("the assertion cannot be decrypted with this service provider's keys")]
    Decryption,

    // Who says so.
    /// No IdP with this entity ID is configured.
    #[error("no identity provider with the message's issuer is configured")]
    UnknownIdp,
    /// The IdP may not start a login.
    #[error("this identity provider may not start a login by itself")]
    UnsolicitedNotAllowed,
    /// Nothing is signed.
    #[error("neither the response nor the assertion is signed")]
    NotSigned,
    /// A signature does not verify with the IdP's keys.
    #[error("a signature does not verify with the identity provider's keys")]
    Signature,
    /// A signature verified, but over something other than its parent.
    #[error("a signature covers something other than its parent")]
    SignatureTarget,
    /// The signed octets are not what the schema says.
    #[error("the signed message does not read as SAML: {0}")]
    Unreadable(String),

    // What it says: the Response (saml-profiles 4.1.4.3).
    /// The IdP reports an error.
    #[error("the identity provider answered {code}{}", .message.as_deref().map(|m| format!(": {m}")).unwrap_or_default())]
    Status {
        /// The top-level status code (saml-core 3.2.2.2).
        code: String,
        /// The IdP's own words, cut to 200 characters.
        message: Option<String>,
    },
    /// Destination is not this ACS, or is missing in a signed Response.
    #[error("the message is destined for another service")]
    Destination,
    /// The Response's Issuer is not the IdP.
    #[error("the response's issuer is not the identity provider of this login")]
    ResponseIssuer,
    /// The Response answers another request than ours.
    #[error("the response answers another request")]
    ResponseInResponseTo,

    // What it says: the Assertion.
    /// The Assertion's Issuer is not the IdP.
    #[error("the assertion's issuer is not the identity provider of this login")]
    AssertionIssuer,
    /// Issued in the future, beyond skew.
    #[error("the assertion is issued in the future")]
    IssuedInFuture,
    /// Issued longer ago than an assertion may be presented.
    #[error("the assertion was issued too long ago")]
    IssuedTooLongAgo,
    /// No Conditions, or without both of its bounds.
    #[error("the assertion has no validity period")]
    NoConditions,
    /// Conditions' NotBefore lies ahead, beyond skew.
    #[error("the assertion is not yet valid")]
    NotYetValid,
    /// Conditions' NotOnOrAfter has passed, beyond skew.
    #[error("the assertion has expired")]
    Expired,
    /// A condition that is not understood makes the assertion indeterminate (saml-core 2.5.1.1).
    #[error("the assertion carries a condition that is not understood: {0}")]
    UnknownCondition(String),
    /// No AudienceRestriction.
    #[error("the assertion names no audience")]
    NoAudience,
    /// An AudienceRestriction without us.
    #[error("the assertion is for another audience")]
    Audience,
    /// No Subject with a `NameID`.
    #[error("the assertion names no subject")]
    NoSubject,
    /// No bearer confirmation.
    #[error("the subject has no bearer confirmation")]
    NoBearerConfirmation,
    /// The confirmation's Recipient is not this ACS.
    #[error("the subject confirmation is for another recipient")]
    Recipient,
    /// The confirmation has no NotOnOrAfter, or it has passed.
    #[error("the subject confirmation has expired")]
    ConfirmationExpired,
    /// The confirmation has a NotBefore (saml-profiles 4.1.4.2 forbids it for bearer).
    #[error("the subject confirmation has a NotBefore")]
    ConfirmationNotBefore,
    /// The confirmation's InResponseTo is not our request's ID, or stands in an unsolicited one.
    #[error("the assertion answers another request")]
    InResponseTo,
    /// No AuthnStatement.
    #[error("the assertion does not say how the person signed in")]
    NoAuthnStatement,
    /// AuthnInstant lies before our request, which had ForceAuthn, or there is none.
    #[error("the person was not asked anew, as the request wanted")]
    NotAskedAnew,
    /// The AuthnContextClassRef is none of those that were asked for.
    #[error("the person did not sign in by one of the ways asked for, but by {0:?}")]
    AuthnContext(String),
    /// SessionNotOnOrAfter has passed.
    #[error("the session at the identity provider has ended")]
    SessionEnded,

    // This logout (saml-core 3.7).
    /// A logout message was not issued just now, or its NotOnOrAfter has passed.
    #[error("the logout message is not of this moment")]
    LogoutTime,
    /// A LogoutResponse answers no request that is waiting for one.
    #[error("no logout is in progress for this response")]
    UnknownLogout,
    /// There is no key to sign logout messages with, or the IdP has no service for them.
    #[error("single logout is not set up with this identity provider")]
    NoSingleLogout,

    // This login.
    /// RelayState names no login in progress: expired, already used, or made up.
    #[error("no login is in progress for this response")]
    UnknownLogin,
    /// The IdP was taken out of the configuration during the login.
    #[error("the identity provider is no longer configured")]
    IdpRemoved,
    /// The IdP was replaced by another one of the same id during the login.
    #[error("another identity provider has taken the place of the one that was asked")]
    IdpReplaced,
    /// The assertion was used before.
    #[error("the assertion was used before")]
    Replay,
    /// The login was started in another browser.
    #[error("the login was started in another browser")]
    OtherBrowser,
}

impl Refusal {
    /// The check's name: the variant's, in snake case; stable, for audit lines and alerts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Base64 => "base64",
            Self::Utf8 => "utf8",
            Self::NulCharacter => "nul_character",
            Self::Encoding => "encoding",
            Self::Doctype => "doctype",
            Self::Comment => "comment",
            Self::CdataSection => "cdata_section",
            Self::ProcessingInstruction => "processing_instruction",
            Self::NotWellFormed(_) => "not_well_formed",
            Self::TooDeep => "too_deep",
            Self::TooManyTags => "too_many_tags",
            Self::TooManyAttributes => "too_many_attributes",
            Self::TooManyNamespaces => "too_many_namespaces",
            Self::Binding(_) => "binding",
            Self::Deflate => "deflate",
            Self::NotALogoutMessage => "not_a_logout_message",
            Self::NotAResponse => "not_a_response",
            Self::Version(_) => "version",
            Self::NoAssertion => "no_assertion",
            Self::SeveralAssertions => "several_assertions",
            Self::NotAnAssertion => "not_an_assertion",
            Self::DuplicateId => "duplicate_id",
            Self::MissingId(_) => "missing_id",
            Self::ForeignId => "foreign_id",
            Self::ShadowedAttribute(_) => "shadowed_attribute",
            Self::UnexpectedElement { .. } => "unexpected_element",
            Self::MissingElement { .. } => "missing_element",
            Self::RelativeNamespace => "relative_namespace",
            Self::MisplacedSignature => "misplaced_signature",
            Self::SeveralSignatures => "several_signatures",
            Self::SignatureProfile(_) => "signature_profile",
            Self::ReferenceUri => "reference_uri",
            Self::Transforms => "transforms",
            Self::Algorithm(_) => "algorithm",
            Self::EncryptionProfile(_) => "encryption_profile",
            Self::EncryptionAlgorithm(_) => "encryption_algorithm",
            Self::NoDecryptionKey => "no_decryption_key",
            Self::Decryption => "decryption",
            Self::UnknownIdp => "unknown_idp",
            Self::UnsolicitedNotAllowed => "unsolicited_not_allowed",
            Self::NotSigned => "not_signed",
            Self::Signature => "signature",
            Self::SignatureTarget => "signature_target",
            Self::Unreadable(_) => "unreadable",
            Self::Status { .. } => "status",
            Self::Destination => "destination",
            Self::ResponseIssuer => "response_issuer",
            Self::ResponseInResponseTo => "response_in_response_to",
            Self::AssertionIssuer => "assertion_issuer",
            Self::IssuedInFuture => "issued_in_future",
            Self::IssuedTooLongAgo => "issued_too_long_ago",
            Self::NoConditions => "no_conditions",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::UnknownCondition(_) => "unknown_condition",
            Self::NoAudience => "no_audience",
            Self::Audience => "audience",
            Self::NoSubject => "no_subject",
            Self::NoBearerConfirmation => "no_bearer_confirmation",
            Self::Recipient => "recipient",
            Self::ConfirmationExpired => "confirmation_expired",
            Self::ConfirmationNotBefore => "confirmation_not_before",
            Self::InResponseTo => "in_response_to",
            Self::NoAuthnStatement => "no_authn_statement",
            Self::NotAskedAnew => "not_asked_anew",
            Self::AuthnContext(_) => "authn_context",
            Self::SessionEnded => "session_ended",
            Self::LogoutTime => "logout_time",
            Self::UnknownLogout => "unknown_logout",
            Self::NoSingleLogout => "no_single_logout",
            Self::UnknownLogin => "unknown_login",
            Self::IdpRemoved => "idp_removed",
            Self::IdpReplaced => "idp_replaced",
            Self::Replay => "replay",
            Self::OtherBrowser => "other_browser",
        }
    }
}
