//! A message as a tree of elements and text, and the changes that signature wrapping attacks
//! consist of.
//!
//! This module does not escape or check anything, so its output is not always well-formed XML.

use arbitrary::Arbitrary;
use quick_xml::Reader;
use quick_xml::events::Event;

/// An element, or text in an element.
#[derive(Clone, Debug)]
pub enum Node {
    /// An element: its name, its attributes as text, and its children.
    Element(String, String, Vec<Node>),
    /// Text, exactly as it appears in the message.
    Text(String),
}

/// One change to a message. `from`, `to` and `what` select elements by their number in document
/// order. `at` is a position among children or in the serialized message. `nth` selects an
/// occurrence. Numbers that are too large wrap around.
#[derive(Arbitrary, Debug)]
pub enum Change {
    /// Copies an element into another one.
    Copy { from: u8, to: u8, at: u8 },
    /// Moves an element into another one.
    Move { from: u8, to: u8, at: u8 },
    Remove { what: u8 },
    /// Puts a new element around an existing one.
    Wrap { what: u8, name: Name },
    Rename { what: u8, name: Name },
    /// Adds an attribute before the element's other attributes.
    Attribute {
        what: u8,
        name: Attribute,
        value: Value,
    },
    /// Removes all attributes of an element.
    NoAttributes { what: u8 },
    /// Inserts text among the children of an element.
    Insert { to: u8, at: u8, text: Value },
    /// Replaces one occurrence of `old` in the serialized message.
    Replace { old: Value, new: Value, nth: u8 },
    /// Replaces one character in the serialized message.
    Character { at: u16, new: char },
}

macro_rules! words {
    ($(#[$doc:meta])* $kind:ident: $($word:literal)*) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $kind(&'static str);

        impl<'a> Arbitrary<'a> for $kind {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                u.choose(&[$($word),*]).map(|word| Self(word))
            }
        }
    };
}

words! {
    /// Names of elements to use in changes.
    Name:
    "saml:Assertion" "samlp:Response" "saml:Subject" "saml:NameID" "saml:Advice" "saml:EncryptedAssertion"
    "saml:AttributeValue" "samlp:Extensions" "samlp:Status" "ds:Object" "ds:Signature" "ds:SignedInfo"
    "ds:Reference" "ds:Manifest" "ds:KeyInfo" "ds:DigestValue" "ds:Transforms" "ds:Transform"
    "samlp:LogoutRequest" "Assertion" "evil" "x:y"
}

words! {
    /// Names of attributes to use in changes.
    Attribute:
    "ID" "Id" "id" "xml:id" "saml:ID" "URI" "Algorithm" "Destination" "Recipient" "InResponseTo" "NotOnOrAfter"
    "NotBefore" "Version" "xmlns" "xmlns:saml" "xmlns:samlp" "xmlns:ds" "xmlns:xml" "xml:space" "xml:base" "Name"
    "Value" "Method" "PrefixList" "IssueInstant" "SessionIndex" "xsi:type" "xsi:nil"
}

/// Values of attributes, and text to insert.
#[derive(Debug)]
pub enum Value {
    /// A value from `KNOWN`: one that is common in SAML messages or useful in attacks.
    Known(&'static str),
    /// Arbitrary text.
    Any(String),
}

impl<'a> Arbitrary<'a> for Value {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        if u.ratio(1, 8)? {
            return u.arbitrary().map(Self::Any);
        }
        u.choose(KNOWN).map(|word| Self::Known(word))
    }
}

const KNOWN: &[&str] = &[
    "",
    " ",
    "\n",
    "_assertion",
    "_response",
    "_request",
    "#_assertion",
    "#_response",
    "#",
    "2.0",
    "alice@example.com",
    "root@example.com",
    "<!-- -->",
    "<!---->",
    "<?x?>",
    "<![CDATA[",
    "]]>",
    "&#x61;",
    "&amp;",
    "&lt;",
    "<a/>",
    "<a>",
    "</a>",
    "<!DOCTYPE a>",
    "\u{0}",
    "\u{feff}",
    "\r",
    "&#13;",
    "\t",
    "arn:aws:iam::111111111111:role/admin,arn:aws:iam::111111111111:saml-provider/corp",
    "arn:aws:iam::111111111111:role/reader",
    "reader",
    "admin",
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "urn:oasis:names:tc:SAML:2.0:protocol",
    "http://www.w3.org/2000/09/xmldsig#",
    "urn:evil",
    "relative",
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/TR/1999/REC-xslt-19991116",
    "http://www.w3.org/TR/1999/REC-xpath-19991116",
    "http://www.w3.org/2000/09/xmldsig#base64",
    "http://www.w3.org/2000/09/xmldsig#sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
    "https://sp.example.com/saml/acs",
    "https://idp.example.com/metadata",
    "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key",
    "urn:oasis:names:tc:SAML:2.0:status:Success",
    "#default",
    "saml ds",
    "true",
    "xs:anyType",
    "262142-01-01T00:00:00Z",
    "2026-09-21T14:13:20Z",
];

impl Value {
    fn text(&self) -> &str {
        match self {
            Self::Known(text) => text,
            Self::Any(text) => text,
        }
    }
}

/// Parses a good message into its tree.
pub fn parse(xml: &str) -> Node {
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<Node> = Vec::new();
    loop {
        let event = reader.read_event().expect("a good message is XML");
        let done = match event {
            Event::Start(tag) => {
                open.push(element(&tag));
                continue;
            }
            Event::Empty(tag) => element(&tag),
            Event::End(_) => open.pop().expect("a start tag for each end tag"),
            Event::Text(text) => Node::Text(String::from_utf8_lossy(&text).into_owned()),
            Event::GeneralRef(name) => Node::Text(format!("&{};", String::from_utf8_lossy(&name))),
            other => panic!("a good message contains no {other:?}"),
        };
        match open.last_mut() {
            Some(Node::Element(_, _, children)) => children.push(done),
            _ => return done,
        }
    }
}

fn element(tag: &quick_xml::events::BytesStart<'_>) -> Node {
    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
    let attributes = String::from_utf8_lossy(tag.attributes_raw()).into_owned();
    Node::Element(name, attributes, Vec::new())
}

impl Node {
    /// Appends this node to `out`.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Text(text) => out.push_str(text),
            Self::Element(name, attributes, children) => {
                out.extend(["<", name, attributes]);
                if children.is_empty() {
                    out.push_str("/>");
                    return;
                }
                out.push('>');
                for child in children {
                    child.write(out);
                }
                out.extend(["</", name, ">"]);
            }
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Text(_) => 0,
            Self::Element(_, _, children) => 1 + children.iter().map(Self::size).sum::<usize>(),
        }
    }

    /// The `n`th element of this tree in document order, counted from 0. Reduces `n` by 1 for each
    /// element before that one.
    fn nth(&mut self, n: &mut usize) -> Option<&mut Self> {
        if matches!(self, Self::Text(_)) {
            return None;
        }
        if *n == 0 {
            return Some(self);
        }
        *n -= 1;
        let Self::Element(_, _, children) = self else {
            return None;
        };
        children.iter_mut().find_map(|child| child.nth(n))
    }

    /// The element that `n` selects. Numbers wrap around.
    fn at(&mut self, n: u8) -> &mut Self {
        let mut n = usize::from(n) % self.size();
        self.nth(&mut n).expect("n is less than the size")
    }

    /// Removes and returns an element; the root is only copied.
    fn take(&mut self, what: u8) -> Self {
        if usize::from(what) % self.size() == 0 {
            return self.clone();
        }
        std::mem::replace(self.at(what), Self::Text(String::new()))
    }

    /// `put` inserts nothing that would give the message more than this many elements.
    const MAX_ELEMENTS: usize = 1000;

    fn put(&mut self, to: u8, at: u8, new: Self) {
        if self.size() + new.size() > Self::MAX_ELEMENTS {
            return;
        }
        if let Self::Element(_, _, children) = self.at(to) {
            let at = usize::from(at) % (children.len() + 1);
            children.insert(at, new);
        }
    }

    /// Applies a change to the tree. Ignores a change to the serialized message.
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Copy { from, to, at } => {
                let copy = self.at(*from).clone();
                self.put(*to, *at, copy);
            }
            Change::Move { from, to, at } => {
                let moved = self.take(*from);
                self.put(*to, *at, moved);
            }
            Change::Remove { what } => {
                self.take(*what);
            }
            Change::Wrap { what, name } => {
                let place = self.at(*what);
                let inner = std::mem::replace(place, Self::Text(String::new()));
                *place = Self::Element(name.0.to_owned(), String::new(), vec![inner]);
            }
            Change::Rename { what, name } => {
                if let Self::Element(old, _, _) = self.at(*what) {
                    name.0.clone_into(old);
                }
            }
            Change::Attribute { what, name, value } => {
                if let Self::Element(_, attributes, _) = self.at(*what) {
                    *attributes = format!(" {}=\"{}\"{attributes}", name.0, value.text());
                }
            }
            Change::NoAttributes { what } => {
                if let Self::Element(_, attributes, _) = self.at(*what) {
                    attributes.clear();
                }
            }
            Change::Insert { to, at, text } => {
                self.put(*to, *at, Self::Text(text.text().to_owned()));
            }
            Change::Replace { .. } | Change::Character { .. } => {}
        }
    }
}

/// Applies the changes to `message`: first those to the tree, then those to the serialized message.
pub fn changed(message: &Node, changes: &[Change]) -> String {
    let mut tree = message.clone();
    for change in changes {
        tree.apply(change);
    }
    let mut text = String::new();
    tree.write(&mut text);
    for change in changes {
        match change {
            Change::Replace { old, new, nth } => replace(&mut text, old.text(), new.text(), *nth),
            Change::Character { at, new } => character(&mut text, usize::from(*at), *new),
            _ => {}
        }
    }
    text
}

fn replace(text: &mut String, old: &str, new: &str, nth: u8) {
    let places: Vec<_> = text.match_indices(old).map(|(at, _)| at).collect();
    if !places.is_empty() {
        let at = places[usize::from(nth) % places.len()];
        text.replace_range(at..at + old.len(), new);
    }
}

fn character(text: &mut String, at: usize, new: char) {
    let at = at % text.len().max(1);
    if let Some(old) = text.get(at..).and_then(|rest| rest.chars().next()) {
        text.replace_range(at..at + old.len_utf8(), new.encode_utf8(&mut [0; 4]));
    }
}
