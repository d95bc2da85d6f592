//! Reads an assertion from its XML tree into samael's types.
//!
//! The text is not parsed again after verification, since a second parser could read it
//! differently. Nothing outside the given element is read. Inside the element, the nodes that the
//! policy marked as unread (signatures, extensions, markup inside values) are skipped.

use std::borrow::Cow;
use std::fmt::Display;

use chrono::{DateTime, Utc};
use samael::attribute::{Attribute, AttributeValue};
use samael::schema::{
    Assertion, AttributeStatement, AudienceRestriction, AuthnContext, AuthnContextClassRef,
    AuthnStatement, Conditions, Issuer, Subject, SubjectConfirmation, SubjectConfirmationData,
    SubjectNameID,
};
use uppsala::{Document, NodeId, NodeKind};

use super::Refusal;
use super::xml::{self, WHITE_SPACE, ns};

/// Reads a `saml:Assertion` that passed the policy. Verify it first, except for an inspection.
pub fn assertion(document: &Document<'_>, node: NodeId) -> Result<Assertion, Refusal> {
    let assertion = At { document, node };
    Ok(Assertion {
        id: assertion.required("ID")?,
        issue_instant: assertion.issue_instant()?,
        version: assertion.required("Version")?,
        issuer: assertion
            .child("Issuer")
            .map(At::issuer)
            .ok_or_else(|| unreadable("Issuer", &"missing"))?,
        signature: None,
        subject: assertion.child("Subject").map(At::subject).transpose()?,
        conditions: assertion
            .child("Conditions")
            .map(At::conditions)
            .transpose()?,
        authn_statements: assertion.some("AuthnStatement", At::authn_statement)?,
        attribute_statements: assertion.some("AttributeStatement", |statement| {
            let attributes = statement.children("Attribute").map(At::attribute);
            Ok(AttributeStatement {
                attributes: attributes.collect(),
            })
        })?,
    })
}

/// The IssueInstant of a message or an assertion (saml-core 2.3.3, 3.2.2).
pub fn issue_instant(document: &Document<'_>, node: NodeId) -> Result<DateTime<Utc>, Refusal> {
    At { document, node }.issue_instant()
}

/// The Name of each attribute value that is [no value](has_no_value), in the message's order.
pub fn left_out(document: &Document<'_>, assertion: NodeId) -> Vec<String> {
    let assertion = At {
        document,
        node: assertion,
    };
    let attributes = assertion
        .children("AttributeStatement")
        .flat_map(|statement| statement.children("Attribute"));
    let left_out = attributes.flat_map(|attribute| {
        let values = attribute.children("AttributeValue");
        let values = values.filter(|value| has_no_value(document, value.node));
        values.filter_map(move |_| attribute.optional("Name"))
    });
    left_out.collect()
}

/// Whether an AttributeValue is no text: it contains elements, or it is nil (xmlschema-1 2.6.2).
/// Two readers could take different parts of such a value, so no part is read.
pub fn has_no_value(document: &Document<'_>, value: NodeId) -> bool {
    let nil = document.get_attribute_ns(value, ns::SCHEMA_INSTANCE, "nil");
    let is_nil = nil.is_some_and(|nil| !matches!(nil.trim_matches(WHITE_SPACE), "false" | "0"));
    is_nil || xml::child_elements(document, value).next().is_some()
}

fn unreadable(what: &str, why: &dyn Display) -> Refusal {
    Refusal::Unreadable(format!("{what}: {why}"))
}

/// An element, with the document that contains it.
#[derive(Clone, Copy)]
struct At<'d, 'a> {
    document: &'d Document<'a>,
    node: NodeId,
}

impl<'d> At<'d, '_> {
    fn children(self, name: &'static str) -> impl Iterator<Item = Self> {
        let document = self.document;
        let nodes = xml::children_named(document, self.node, ns::ASSERTION, name);
        nodes.map(move |node| Self { document, node })
    }

    fn child(self, name: &'static str) -> Option<Self> {
        self.children(name).next()
    }

    /// Reads all children with this name; `None` if there are none.
    fn some<T>(
        self,
        name: &'static str,
        read: impl Fn(Self) -> Result<T, Refusal>,
    ) -> Result<Option<Vec<T>>, Refusal> {
        let all: Vec<T> = self.children(name).map(read).collect::<Result<_, _>>()?;
        Ok((!all.is_empty()).then_some(all))
    }

    fn attribute_text(self, name: &str) -> Option<&'d str> {
        xml::attribute(self.document, self.node, name)
    }

    fn optional(self, name: &str) -> Option<String> {
        self.attribute_text(name).map(str::to_owned)
    }

    fn required(self, name: &str) -> Result<String, Refusal> {
        let text = self.optional(name);
        text.ok_or_else(|| unreadable(name, &"missing"))
    }

    /// The attribute `name` as an instant. SAML times are in UTC (saml-core 1.3.3).
    fn instant(self, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
        let text = self.attribute_text(name);
        let instant = text.map(str::parse).transpose();
        instant.map_err(|error: chrono::ParseError| unreadable(name, &error))
    }

    fn issue_instant(self) -> Result<DateTime<Utc>, Refusal> {
        let name = "IssueInstant";
        self.instant(name)?
            .ok_or_else(|| unreadable(name, &"missing"))
    }

    /// The element's own text, without its child elements; `None` if it is only white space.
    fn text(self) -> Option<String> {
        let mut whole = Cow::Borrowed("");
        for child in self.document.children_iter(self.node) {
            if let Some(NodeKind::Text(text)) = self.document.node_kind(child) {
                whole += &**text;
            }
        }
        let is_there = whole.contains(|character| !WHITE_SPACE.contains(&character));
        is_there.then(|| whole.into_owned())
    }

    fn issuer(self) -> Issuer {
        Issuer {
            name_qualifier: self.optional("NameQualifier"),
            sp_name_qualifier: self.optional("SPNameQualifier"),
            format: self.optional("Format"),
            sp_provided_id: self.optional("SPProvidedID"),
            value: self.text(),
        }
    }

    fn name_id(self) -> Option<SubjectNameID> {
        let name_id = self.child("NameID")?;
        Some(SubjectNameID {
            format: name_id.optional("Format"),
            value: name_id.text()?,
        })
    }

    fn subject(self) -> Result<Subject, Refusal> {
        Ok(Subject {
            name_id: self.name_id(),
            subject_confirmations: self.some("SubjectConfirmation", |confirmation| {
                let data = confirmation.child("SubjectConfirmationData");
                Ok(SubjectConfirmation {
                    method: confirmation.optional("Method"),
                    name_id: confirmation.name_id(),
                    subject_confirmation_data: data.map(At::confirmation_data).transpose()?,
                })
            })?,
        })
    }

    fn confirmation_data(self) -> Result<SubjectConfirmationData, Refusal> {
        Ok(SubjectConfirmationData {
            not_before: self.instant("NotBefore")?,
            not_on_or_after: self.instant("NotOnOrAfter")?,
            recipient: self.optional("Recipient"),
            in_response_to: self.optional("InResponseTo"),
            address: self.optional("Address"),
            content: self.text(),
        })
    }

    fn conditions(self) -> Result<Conditions, Refusal> {
        Ok(Conditions {
            not_before: self.instant("NotBefore")?,
            not_on_or_after: self.instant("NotOnOrAfter")?,
            audience_restrictions: self.some("AudienceRestriction", |restriction| {
                let audiences = restriction.children("Audience");
                Ok(AudienceRestriction {
                    audience: audiences.filter_map(At::text).collect(),
                })
            })?,
            one_time_use: None,
            proxy_restriction: None,
        })
    }

    fn authn_statement(self) -> Result<AuthnStatement, Refusal> {
        let class = |context: Self| {
            let class = context.child("AuthnContextClassRef");
            AuthnContext {
                value: class.map(|class| AuthnContextClassRef {
                    value: class.text(),
                }),
            }
        };
        Ok(AuthnStatement {
            authn_instant: self.instant("AuthnInstant")?,
            session_index: self.optional("SessionIndex"),
            session_not_on_or_after: self.instant("SessionNotOnOrAfter")?,
            subject_locality: None,
            authn_context: self.child("AuthnContext").map(class),
        })
    }

    fn attribute(self) -> Attribute {
        let values = self.children("AttributeValue").map(|value| AttributeValue {
            // Every value is read as text, regardless of its `xsi:type`.
            attribute_type: None,
            value: value
                .text()
                .filter(|_| !has_no_value(value.document, value.node)),
        });
        Attribute {
            friendly_name: self.optional("FriendlyName"),
            name: self.optional("Name"),
            name_format: self.optional("NameFormat"),
            values: values.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::saml::{policy, signature};

    const XSI: &str = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

    /// An assertion with `text` wherever text is allowed, and `attribute` in attributes.
    fn message(text: &str, attribute: &str) -> String {
        let id = attribute.replace(':', "");
        format!(
            "<a:Assertion xmlns:a=\"{}\" xmlns:xs=\"x:s\" {XSI} ID=\"{id}\" Version=\"2.0\" \
             IssueInstant=\"2026-03-02T08:00:00.123Z\">\
             <a:Issuer Format=\"{attribute}\">i{text}</a:Issuer>\
             <a:Subject><a:NameID Format=\"{attribute}\">n{text}</a:NameID>\n\
             <a:SubjectConfirmation Method=\"{attribute}\"><a:NameID>c{text}</a:NameID>\
             <a:SubjectConfirmationData Recipient=\"{attribute}\" InResponseTo=\"{attribute}\" \
             NotOnOrAfter=\"2026-03-02T09:00:00+01:00\" Address=\"{attribute}\"/>\
             </a:SubjectConfirmation>\
             <a:SubjectConfirmation/></a:Subject>\
             <a:Conditions NotBefore=\"2026-03-02T07:59:00Z\" NotOnOrAfter=\"2026-03-02T08:05:00Z\">\
             <a:AudienceRestriction><a:Audience>u{text}</a:Audience><a:Audience>{text}u</a:Audience>\
             </a:AudienceRestriction><a:OneTimeUse/></a:Conditions>\
             <a:AuthnStatement AuthnInstant=\"2026-03-02T08:00:00Z\" SessionIndex=\"{attribute}\" \
             SessionNotOnOrAfter=\"2026-03-02T20:00:00Z\"><a:SubjectLocality/>\
             <a:AuthnContext><a:AuthnContextClassRef>{text}</a:AuthnContextClassRef></a:AuthnContext>\
             </a:AuthnStatement>\
             <a:AttributeStatement><a:Attribute Name=\"{attribute}\" FriendlyName=\"{attribute}\" \
             NameFormat=\"{attribute}\"><a:AttributeValue xsi:type=\"xs:string\">{text}</a:AttributeValue>\
             <a:AttributeValue>{text}</a:AttributeValue><a:AttributeValue/>\
             <a:AttributeValue>{text}<x xmlns=\"u:x\">no</x>{text}</a:AttributeValue>\
             <a:AttributeValue><a:NameID Format=\"{attribute}\">{text}</a:NameID></a:AttributeValue>\
             <a:AttributeValue xsi:nil=\"true\">{text}</a:AttributeValue>\
             <a:AttributeValue xsi:nil=\" 0 \">{text}</a:AttributeValue></a:Attribute>\
             <a:Attribute/></a:AttributeStatement></a:Assertion>",
            ns::ASSERTION
        )
    }

    /// Our reading of the tree, and samael's reading of the canonical bytes.
    fn both(xml: &str) -> Result<(Assertion, Assertion), Refusal> {
        let document = xml::parse(xml)?;
        let structure = policy::check_decrypted(&document)?;
        let octets = signature::signed_octets(&document, structure.root, &structure.unread)?;
        let mut theirs: Assertion = octets.parse().expect("samael can read the bytes");
        // Our reader leaves out the type of each value on purpose.
        for statement in theirs.attribute_statements.iter_mut().flatten() {
            let attributes = statement.attributes.iter_mut();
            for value in attributes.flat_map(|attribute| &mut attribute.values) {
                value.attribute_type = None;
            }
        }
        Ok((assertion(&document, structure.root)?, theirs))
    }

    #[test]
    fn the_tree_matches_the_bytes() {
        for text in [
            "",
            "text",
            "a&amp;b &lt;c&gt; &#x41;",
            "ü \u{1f600}",
            "&#xD;x",
            "x\ty",
        ] {
            let (ours, theirs) = both(&message(text, "id")).expect("a readable message");
            assert_eq!(ours, theirs, "{text:?}");
        }
    }

    /// Nothing of a value with elements or of a nil value is read, and each is reported.
    #[test]
    fn values_with_elements_and_nil_values_are_left_out() {
        let text = message("text", "id");
        let document = xml::parse(&text).expect("the XML is well-formed");
        let root = document.document_element().expect("a root element");
        let read = assertion(&document, root).expect("the assertion can be read");
        let attributes = read.attribute_statements.into_iter().flatten();
        let attributes = attributes.flat_map(|statement| statement.attributes);
        let values = attributes.flat_map(|attribute| attribute.values);
        let values: Vec<_> = values.map(|value| value.value).collect();
        let text = || Some("text".to_owned());
        assert_eq!(values, [text(), text(), None, None, None, None, text()]);
        assert_eq!(left_out(&document, root), ["id"; 3]);
    }

    #[test]
    fn nil_is_anything_but_false() {
        for (nil, is_nil) in [
            ("true", true),
            ("1", true),
            ("\n true ", true),
            ("TRUE", true),
            ("", true),
            ("false", false),
            ("0", false),
        ] {
            let text = format!("<v {XSI} xsi:nil=\"{nil}\">x</v>");
            let document = xml::parse(&text).expect("the XML is well-formed");
            let root = document.document_element().expect("a root element");
            assert_eq!(has_no_value(&document, root), is_nil, "{nil:?}");
        }
        for other in ["nil=\"true\"", "xmlns:e=\"urn:e\" e:nil=\"true\""] {
            let text = format!("<v {other}>x</v>");
            let document = xml::parse(&text).expect("the XML is well-formed");
            let root = document.document_element().expect("a root element");
            assert!(!has_no_value(&document, root), "{other}");
        }
    }

    /// Statements may appear in any order (saml-core 2.3.3), but samael's own reader accepts them
    /// only if statements of the same kind are adjacent.
    #[test]
    fn statements_may_come_in_any_order() {
        let attributes = |name| {
            format!("<a:AttributeStatement><a:Attribute Name=\"{name}\"/></a:AttributeStatement>")
        };
        let whole = message("text", "id");
        let moved = whole.replacen(
            "<a:AuthnStatement",
            &(attributes("first") + "<a:AuthnStatement"),
            1,
        );
        let document = xml::parse(&moved).expect("the XML is well-formed");
        let root = document.document_element().expect("a root element");
        policy::check_decrypted(&document).expect("the assertion passes the policy");
        let read = assertion(&document, root).expect("the assertion can be read");
        let names = read.attribute_statements.into_iter().flatten();
        let names = names.flat_map(|statement| statement.attributes);
        let names: Vec<_> = names.map(|attribute| attribute.name).collect();
        let expected = [Some("first"), Some("id"), None];
        assert_eq!(names, expected.map(|name| name.map(str::to_owned)));
    }

    #[test]
    fn missing_or_invalid_required_parts_are_errors() {
        let whole = message("text", "id");
        for (text, without) in [
            (" ID=\"id\"", ""),
            (" IssueInstant=\"2026-03-02T08:00:00.123Z\"", ""),
            ("2026-03-02T08:00:00.123Z", "yesterday"),
            ("2026-03-02T08:05:00Z", "2026-03-02 at eight"),
            ("2026-03-02T09:00:00+01:00", ""),
            ("2026-03-02T20:00:00Z", "+262143-01-01T00:00:00Z"),
        ] {
            let document = whole.replace(text, without);
            let document = xml::parse(&document).expect("the XML is well-formed");
            let root = document.document_element().expect("a root element");
            let refusal = assertion(&document, root).expect_err(text);
            assert!(matches!(refusal, Refusal::Unreadable(_)), "{refusal}");
        }
    }

    proptest! {
        #[test]
        fn the_tree_matches_the_bytes_for_any_text(
            text in "([a-z <>&\"'\u{9}\u{a}\u{e9}\u{2028}]|&#xD;){0,8}",
            attribute in "_[a-z ,:/\u{e9}]{0,8}",
        ) {
            let text = text.replace("&#xD;", "\r").replace('&', "&amp;").replace('<', "&lt;");
            let text = text.replace('\r', "&#xD;");
            let (ours, theirs) = both(&message(&text, &attribute)).expect("a readable message");
            prop_assert_eq!(ours, theirs);
        }
    }
}
