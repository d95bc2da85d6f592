//! The XML signature inside a message that we send (saml-core 5.4).

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bergshamra_dsig::DsigContext;
use bergshamra_keys::KeysManager;

use super::MessageError;
use crate::saml::key::SpKey;
use crate::saml::xml::{self, ns};

/// Signs the message `text` and inserts the signature after the Issuer. `id` is the ID of the root
/// element.
pub fn sign(text: &str, id: &str, key: &SpKey) -> Result<String, MessageError> {
    let failed = |error: &dyn ToString| MessageError::Message(error.to_string());
    let skeleton = Skeleton {
        id,
        method: key.algorithm(),
        certificate: STANDARD.encode(key.certificate_der()?),
    };
    let skeleton = skeleton.render().map_err(|error| failed(&error))?;
    let source = uppsala::parse(&skeleton).map_err(|error| failed(&error))?;
    let mut document = uppsala::parse(text).map_err(|error| failed(&error))?;
    let empty = || failed(&"the message is empty");
    let root = document.document_element().ok_or_else(empty)?;
    let issuer = xml::children_named(&document, root, ns::ASSERTION, "Issuer").next();
    let issuer = issuer.ok_or_else(|| failed(&"the message has no Issuer"))?;
    let signature = source
        .document_element()
        .and_then(|signature| document.import_subtree(&source, signature))
        .ok_or_else(empty)?;
    document.insert_after(root, signature, issuer);
    let context =
        DsigContext::new(KeysManager::new()).with_hsm_signer(Box::new(key.message_signer()));
    bergshamra_dsig::sign::sign_document_node(&context, &mut document, signature)
        .map_err(|error| failed(&error))?;
    Ok(document.to_xml())
}

#[derive(Template)]
#[template(path = "saml/message-signature.xml")]
struct Skeleton<'a> {
    id: &'a str,
    method: &'static str,
    certificate: String,
}
