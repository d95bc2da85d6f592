//! The reasons for refusing a SAML message.

use thiserror::Error;

/// Why a SAML message was refused. The audit line contains the variant's [`Refusal::name`]. The
/// error texts quote nothing from an assertion except the names of elements, algorithms,
/// authentication context classes and the like. The texts may therefore be logged. People see one
/// of a few plain pages instead of the texts.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    // Decoding and parsing (saml-bindings 3.5.4).
    /// The form field or query parameter is not valid base64 (line breaks are allowed).
    #[error("the message is not base64")]
    Base64,
    /// The decoded message, or a decoded query parameter, is not UTF-8.
    #[error("the message is not UTF-8")]
    Utf8,
    /// The decoded message contains a NUL character.
    #[error("the message contains a NUL character")]
    NulCharacter,
    /// The XML declaration specifies an encoding other than UTF-8.
    #[error("the message declares an encoding other than UTF-8")]
    Encoding,
    /// The message contains a document type declaration, which would allow XXE and entity
    /// expansion.
    #[error("the message contains a document type declaration")]
    Doctype,
    /// The message contains a comment. Parsers disagree about text with comments (CVE-2017-11427
    /// and similar).
    #[error("the message contains a comment")]
    Comment,
    /// The message contains a CDATA section. No IdP sends one, and parsers disagree about CDATA
    /// sections.
    #[error("the message contains a CDATA section")]
    CdataSection,
    /// The message contains a processing instruction other than the XML declaration.
    #[error("the message contains a processing instruction")]
    ProcessingInstruction,
    /// The message is not well-formed according to XML 1.0 and Namespaces in XML.
    #[error("the message is not well-formed XML: {0}")]
    NotWellFormed(String),
    /// Elements are nested more than 64 levels deep.
    #[error("elements are nested more than {} levels deep", super::xml::MAX_DEPTH)]
    TooDeep,
    /// The document has more than this many tags.
    #[error("there are more than {0} tags")]
    TooManyTags(usize),
    /// An element has more than 64 attributes, or all elements together have too many.
    #[error(
        "an element has more than {} attributes, or there are too many in all",
        super::xml::MAX_ATTRIBUTES
    )]
    TooManyAttributes,
    /// More than 32 namespace prefixes or 64 declarations are in scope at an element, too many are in
    /// scope at too many elements, or one declaration is longer than 512 bytes. Parsing would have to
    /// search all of them, and canonicalization to copy them.
    #[error(
        "there are too many namespaces: at most {} prefixes and {} declarations may be in scope, of \
         at most {} bytes each",
        super::policy::MAX_NAMESPACES,
        super::xml::MAX_DECLARATIONS,
        super::xml::MAX_DECLARATION
    )]
    TooManyNamespaces,

    /// The parameters or fields of a logout message do not follow its binding
    /// (saml-bindings 3.4.4, 3.5.4).
    #[error("the message does not follow its binding: {0}")]
    Binding(&'static str),
    /// A message in a query is not valid DEFLATE data, or inflates to more than 64 KiB.
    #[error("the message is not valid DEFLATE data, or inflates to more than 64 KiB")]
    Deflate,

    // Structure, before any cryptography.
    /// The root is not `samlp:Response`.
    #[error("the message is not a samlp:Response")]
    NotAResponse,
    /// The root is not the `samlp:LogoutRequest` or `samlp:LogoutResponse` that the message's
    /// parameter or form field implies.
    #[error("SAMLRequest contains no LogoutRequest, or SAMLResponse contains no LogoutResponse")]
    NotALogoutMessage,
    /// The Version of a Response, Assertion or logout message is not 2.0.
    #[error("{0} is not SAML version 2.0")]
    Version(&'static str),
    /// A Response with the status Success contains no assertion.
    #[error("the response contains no assertion")]
    NoAssertion,
    /// There is more than one assertion, or an assertion in a place where none is allowed.
    #[error("the message contains more than one assertion, or one in the wrong place")]
    SeveralAssertions,
    /// The decrypted content is not a `saml:Assertion`.
    #[error("the decrypted content is not a saml:Assertion")]
    NotAnAssertion,
    /// Two elements have the same `ID`.
    #[error("two elements have the same ID")]
    DuplicateId,
    /// A signed element or a LogoutRequest has no `ID`.
    #[error("{0} has no ID")]
    MissingId(&'static str),
    /// An ID attribute has a prefix, such as `xml:id`, or the wrong case for its element, such as
    /// `Id` instead of `ID`.
    #[error("an ID attribute has a prefix or an unusual spelling")]
    ForeignId,
    /// An ID contains a colon. An `xs:ID` is a name without colons (xmlschema-2 3.3.8).
    #[error("an ID contains a colon")]
    InvalidId,
    /// A prefixed attribute has the same local name as an attribute that is read.
    #[error("a prefixed attribute shadows {0}")]
    ShadowedAttribute(String),
    /// A part that is read contains text or an element that the schema does not allow, or too many
    /// elements with the same name.
    #[error("{parent} contains unexpected content: {child}")]
    UnexpectedElement {
        /// The local name of the element that contains the unexpected content.
        parent: String,
        /// The local name of the unexpected element, or `text` for text that is not allowed.
        child: String,
    },
    /// An element that the schema requires is missing.
    #[error("{parent} lacks {child}")]
    MissingElement {
        /// The local name of the incomplete element.
        parent: String,
        /// The local name of the missing element, or `text` if an element that must contain text is
        /// empty.
        child: String,
    },
    /// A namespace name is not an absolute URI. Some canonicalizers return nothing for a document
    /// with such a name (CVE-2025-66568).
    #[error("a namespace name is not an absolute URI")]
    RelativeNamespace,
    /// A `Signature` is not a direct child of the message's root or of the Assertion, or is not in
    /// the namespace of XML Signature.
    #[error("a signature is in the wrong place or in the wrong namespace")]
    MisplacedSignature,
    /// An element has more than one signature.
    #[error("an element contains more than one signature")]
    SeveralSignatures,
    /// The signature's structure does not exactly follow the SAML profile (saml-core 5.4).
    #[error("the signature does not follow the SAML profile: {0}")]
    SignatureProfile(&'static str),
    /// The signature's reference is not `#` followed by the ID of the signature's parent, or this
    /// ID contains characters other than letters, digits, `_`, `-` and `.`.
    #[error("the signature does not refer to its parent by a plain ID")]
    ReferenceUri,
    /// The transforms are not enveloped-signature and one canonicalization, in this order.
    #[error("the signature's transforms are not enveloped-signature and one canonicalization")]
    Transforms,
    /// A signature, digest or canonicalization algorithm is not on the allowlist.
    #[error("the signature uses an algorithm that is not allowed: {0}")]
    Algorithm(String),

    /// The encrypted assertion does not have one of the forms that IdPs send (saml-core 2.3.4).
    #[error("the encrypted assertion does not have an accepted form: {0}")]
    EncryptionProfile(&'static str),
    /// The cipher or key transport is not on the allowlist. AES-CBC is refused unless it is
    /// enabled for the IdP and the Response's signature covers the ciphertext.
    #[error("the assertion is encrypted with an algorithm that is not allowed: {0}")]
    EncryptionAlgorithm(String),

    // Decryption.
    /// The assertion is encrypted, but there is no decryption key.
    #[error("the assertion is encrypted, but this service provider has no decryption key")]
    NoDecryptionKey,
    /// The assertion could not be decrypted or, with AES-CBC, its plaintext was refused. The reason
    /// stays secret.
    #[error("the assertion cannot be decrypted with this service provider's keys")]
    Decryption,

    // Identity provider and signature.
    /// The message's issuer is not the entity ID of a configured IdP.
    #[error("the message's issuer is not a configured identity provider")]
    UnknownIdp,
    /// The response is unsolicited, and the IdP is not allowed to start logins.
    #[error("this identity provider may not start a login without a request")]
    UnsolicitedNotAllowed,
    /// There is no signature on the message's root, on its assertion or in the query.
    #[error("no part of the message is signed")]
    NotSigned,
    /// A signature does not verify with any trusted key: a key of the IdP or, for metadata, a key
    /// in `metadata_certificate_file`.
    #[error("a signature does not verify with any trusted key")]
    Signature,
    /// A signature is valid, but covers something other than its parent.
    #[error("a signature covers something other than its parent")]
    SignatureTarget,
    /// The message's content does not match the SAML schema.
    #[error("the message cannot be read as SAML: {0}")]
    Unreadable(String),

    // The Response (saml-profiles 4.1.4.3).
    /// The IdP reports an error.
    #[error("the identity provider reported {code}{}", .message.as_deref().map(|m| format!(": {m}")).unwrap_or_default())]
    Status {
        /// The second-level status code, or the top-level code if there is no second-level code
        /// (saml-core 3.2.2.2).
        code: String,
        /// The IdP's status message, truncated to 200 characters.
        message: Option<String>,
    },
    /// Destination is not our endpoint, or is missing from a signed Response or a logout message.
    #[error("the message is not addressed to this service")]
    Destination,
    /// The Issuer of the Response or logout message is not the expected IdP, or a signed Response
    /// has no Issuer.
    #[error("the message's issuer is not the expected identity provider")]
    ResponseIssuer,
    /// The Response's InResponseTo is not our request's ID, or is missing from a signed Response,
    /// or is set although there was no request.
    #[error("the response's InResponseTo does not match this login")]
    ResponseInResponseTo,

    // The Assertion.
    /// The Issuer of the Response, the Assertion or a logout message has a Format other than entity,
    /// and the configuration does not allow it (saml-profiles 4.1.4.2, 4.4.4).
    #[error("an Issuer has a Format other than entity: {0}")]
    IssuerFormat(String),
    /// The Assertion's Issuer is not the expected IdP.
    #[error("the assertion's issuer is not the identity provider of this login")]
    AssertionIssuer,
    /// The assertion's IssueInstant is in the future, even with the permitted clock skew.
    #[error("the assertion's time of issue is in the future")]
    IssuedInFuture,
    /// The assertion is older than [`MAX_AGE`](super::check::MAX_AGE), even with the permitted
    /// clock skew.
    #[error("the assertion was issued too long ago")]
    IssuedTooLongAgo,
    /// Conditions is missing, or lacks NotBefore or NotOnOrAfter.
    #[error("the assertion has no complete validity period")]
    NoConditions,
    /// The Conditions' NotBefore is in the future, even with the permitted clock skew.
    #[error("the assertion is not yet valid")]
    NotYetValid,
    /// The Conditions' NotOnOrAfter has passed, even with the permitted clock skew.
    #[error("the assertion has expired")]
    Expired,
    /// The assertion contains a condition that we do not understand, which makes the assertion
    /// indeterminate (saml-core 2.5.1.1).
    #[error("the assertion contains a condition that is not understood: {0}")]
    UnknownCondition(String),
    /// There is no AudienceRestriction.
    #[error("the assertion has no audience")]
    NoAudience,
    /// An AudienceRestriction does not include us.
    #[error("the assertion is for another audience")]
    Audience,
    /// An assertion has no Subject with a `NameID`, or a LogoutRequest has no `NameID`.
    #[error("the message has no subject with a NameID")]
    NoSubject,
    /// The attribute that `idp.person_attribute` names is missing or has no value.
    #[error("the assertion has no value of the attribute that identifies the person")]
    NoPersonAttribute,
    /// The attribute that `idp.person_attribute` names has several values.
    #[error("the attribute that identifies the person has several values")]
    SeveralPersonValues,
    /// The Subject has no bearer confirmation.
    #[error("the subject has no bearer confirmation")]
    NoBearerConfirmation,
    /// The confirmation's Recipient is missing or is not our ACS URL.
    #[error("the subject confirmation is not for this service")]
    Recipient,
    /// The confirmation's NotOnOrAfter is missing, or has passed even with the permitted clock
    /// skew.
    #[error("the subject confirmation has expired or has no expiry")]
    ConfirmationExpired,
    /// The bearer confirmation has a NotBefore, which is forbidden (saml-profiles 4.1.4.2).
    #[error("the subject confirmation has a NotBefore")]
    ConfirmationNotBefore,
    /// The confirmation's InResponseTo is missing or not our request's ID, or is set although there
    /// was no request.
    #[error("the subject confirmation's InResponseTo does not match this login")]
    InResponseTo,
    /// There is no AuthnStatement.
    #[error("the assertion does not state how the person signed in")]
    NoAuthnStatement,
    /// The person had to sign in again, but an AuthnInstant is missing or too early.
    #[error("the assertion does not show that the person signed in again, as required")]
    NotAskedAgain,
    /// An AuthnContextClassRef is missing or not one of the requested classes.
    #[error("the person's sign-in method, {0:?}, was not requested")]
    AuthnContext(String),
    /// SessionNotOnOrAfter has passed, or the session that the login would begin has expired or was
    /// ended by a LogoutRequest.
    #[error("the session has already ended")]
    SessionEnded,

    // Logout (saml-core 3.7).
    /// A logout message is too old, from the future or past its NotOnOrAfter, or one of its times
    /// is invalid.
    #[error("the logout message is not current, or one of its times is invalid")]
    LogoutTime,
    /// The LogoutResponse is not for a LogoutRequest that we sent and that has had no response yet.
    #[error("no logout is in progress for this response")]
    UnknownLogout,
    /// There is no key for signing logout messages, the IdP offers no single logout service that we
    /// support, or single logout is disabled for the IdP.
    #[error("single logout is not set up with this identity provider")]
    NoSingleLogout,

    // The login in progress.
    /// The RelayState does not identify a login in progress, or the one-time code does not identify
    /// a verified login. The login has expired or ended, or the value was made up.
    #[error("no login is in progress for this response or one-time code")]
    UnknownLogin,
    /// The IdP was removed from the configuration during the login.
    #[error("the identity provider is no longer configured")]
    IdpRemoved,
    /// The IdP was replaced by another with the same configured ID during the login.
    #[error("the identity provider was replaced by another during the login")]
    IdpReplaced,
    /// The assertion or the LogoutRequest has already been used, or a response to the same
    /// AuthnRequest has been accepted.
    #[error("the message has already been used")]
    Replay,
    /// The browser that finishes the login is not the one in which the login was started.
    #[error("the login was started in another browser")]
    OtherBrowser,
}

impl Refusal {
    /// The stable name of the refusal, for audit lines and alerts: the variant's name in snake
    /// case, except that `NotAskedAgain` is `not_asked_anew`.
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
            Self::TooManyTags(_) => "too_many_tags",
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
            Self::InvalidId => "invalid_id",
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
            Self::IssuerFormat(_) => "issuer_format",
            Self::IssuedInFuture => "issued_in_future",
            Self::IssuedTooLongAgo => "issued_too_long_ago",
            Self::NoConditions => "no_conditions",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::UnknownCondition(_) => "unknown_condition",
            Self::NoAudience => "no_audience",
            Self::Audience => "audience",
            Self::NoSubject => "no_subject",
            Self::NoPersonAttribute => "no_person_attribute",
            Self::SeveralPersonValues => "several_person_values",
            Self::NoBearerConfirmation => "no_bearer_confirmation",
            Self::Recipient => "recipient",
            Self::ConfirmationExpired => "confirmation_expired",
            Self::ConfirmationNotBefore => "confirmation_not_before",
            Self::InResponseTo => "in_response_to",
            Self::NoAuthnStatement => "no_authn_statement",
            Self::NotAskedAgain => "not_asked_anew",
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
