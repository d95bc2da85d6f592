//! One pass over the text of a document, before the parser sees it.
//!
//! The pass bounds what makes parsing and canonicalizing slow, and finds the raw white space in
//! attribute values. The parser keeps that white space as it is, although XML 1.0 requires a blank
//! instead (3.3.3), and its tree cannot tell a raw line break from the reference `&#10;`. So the
//! text is normalized before it is parsed.
//!
//! In a well-formed document without a document type declaration, the pass finds exactly the tags
//! and attribute values that the parser finds. In any other document, it may find others, but the
//! parser refuses the document: normalization only replaces white space by white space, which makes
//! no document well-formed.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::{MAX_ATTRIBUTES, MAX_DEPTH};
use crate::saml::Refusal;

/// The maximum number of namespace declarations in scope at one element, including repeated ones.
/// The parser searches all of them for each prefix.
pub const MAX_DECLARATIONS: usize = 64;
/// The maximum length of one namespace declaration, in bytes; real ones have less than 100.
/// Inclusive canonicalization copies all declarations in scope at each element.
pub const MAX_DECLARATION: usize = 512;
/// The maximum of all declarations in scope at one element, summed over all elements of a message.
/// Inclusive canonicalization copies that many. A metadata document may have more, but at most one
/// for this many bytes; real documents have at most one for 14 bytes.
const MAX_COPIES: usize = 262_144;
const BYTES_PER_COPY: usize = 4;
/// The maximum number of attributes of all elements of a message. A metadata document may have more,
/// but at most one for this many bytes; real documents have at most one for 90.
const MAX_ATTRIBUTES_IN_ALL: usize = 32_768;
const BYTES_PER_ATTRIBUTE: usize = 16;

/// The deepest nesting, as a number of array elements.
const DEEPEST: usize = MAX_DEPTH as usize;

/// Checks the bounds, with at most `most_tags` start tags, end tags, comments and the like. Returns
/// whether the text must be [`normalized`].
pub fn scan(text: &str, most_tags: usize) -> Result<bool, Refusal> {
    let mut bounds = Bounds::new(text, most_tags);
    walk(text.as_bytes(), &mut bounds)?;
    Ok(bounds.is_raw)
}

/// The text with the line ends of XML 1.0 2.11, and with a blank for each raw tab or line feed in
/// an attribute value or a namespace declaration (3.3.3). References such as `&#10;` stay.
pub fn normalized(text: &str) -> String {
    let text = with_line_feeds(text);
    let mut values = Values::default();
    // `Values` never ends the walk, but a document type declaration does. The parser refuses it.
    let _ = walk(text.as_bytes(), &mut values);
    let mut normal = String::with_capacity(text.len());
    let mut done = 0;
    for value in values.found {
        normal.push_str(&text[done..value.start]);
        let blank = |c| if matches!(c, '\t' | '\n') { ' ' } else { c };
        normal.extend(text[value.clone()].chars().map(blank));
        done = value.end;
    }
    normal.push_str(&text[done..]);
    normal
}

fn with_line_feeds(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

/// What a [`walk`] passes. What a visitor has no use for is passed over.
trait Visit {
    /// The name of a start tag begins.
    fn start(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
    /// An attribute or namespace declaration: the text between the previous value, or the `<`, and
    /// this value, and the value without its quotes.
    fn attribute(&mut self, before: &[u8], value: Range<usize>) -> Result<(), Refusal>;
    /// A start tag ends. An empty element has no end tag.
    fn started(&mut self, _is_empty: bool) -> Result<(), Refusal> {
        Ok(())
    }
    /// An end tag begins.
    fn end(&mut self) -> Result<(), Refusal> {
        Ok(())
    }
    /// A comment, CDATA section, processing instruction or XML declaration.
    fn aside(&mut self, _range: Range<usize>) -> Result<(), Refusal> {
        Ok(())
    }
}

fn walk(bytes: &[u8], visit: &mut impl Visit) -> Result<(), Refusal> {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &bytes[at..]) {
        let tag = at + found + 1;
        at = match bytes.get(tag) {
            Some(b'/') => {
                visit.end()?;
                tag
            }
            Some(b'!' | b'?') => aside(bytes, tag, visit)?,
            _ => start_tag(bytes, tag, visit)?,
        };
    }
    Ok(())
}

/// Passes a start tag whose name begins at `at`, and returns where the text goes on. A tag ends at
/// the first `>` outside quotes, and each attribute has one quoted value.
fn start_tag(bytes: &[u8], mut at: usize, visit: &mut impl Visit) -> Result<usize, Refusal> {
    visit.start()?;
    while let Some(found) = memchr::memchr3(b'>', b'"', b'\'', &bytes[at..]) {
        let mark = at + found;
        if bytes[mark] == b'>' {
            visit.started(bytes[mark - 1] == b'/')?;
            return Ok(mark + 1);
        }
        let from = mark + 1;
        let length = memchr::memchr(bytes[mark], &bytes[from..]);
        let to = length.map_or(bytes.len(), |length| from + length);
        visit.attribute(&bytes[at..mark], from..to)?;
        at = (to + 1).min(bytes.len());
    }
    Ok(bytes.len())
}

/// Passes the markup whose `!` or `?` is at `at`, and returns where the text goes on.
fn aside(bytes: &[u8], at: usize, visit: &mut impl Visit) -> Result<usize, Refusal> {
    let rest = &bytes[at..];
    let (begin, end): (_, &[u8]) = if rest.starts_with(b"!--") {
        (3, b"-->")
    } else if rest.starts_with(b"![CDATA[") {
        (8, b"]]>")
    } else if rest.starts_with(b"?") {
        (1, b"?>")
    } else {
        return Err(Refusal::Doctype);
    };
    let length = memmem::find(&rest[begin..], end);
    let to = length.map_or(bytes.len(), |length| at + begin + length + end.len());
    visit.aside(at..to)?;
    Ok(to)
}

/// Checks the bounds, and looks for white space that must be normalized.
struct Bounds<'t> {
    bytes: &'t [u8],
    most_tags: usize,
    tags: usize,
    /// The attributes and declarations of the current tag so far.
    attributes: usize,
    /// How many attributes all tags may still have.
    more_attributes: usize,
    /// The declarations of the current tag so far, and those of each open element.
    declarations: usize,
    declared: [u8; DEEPEST],
    depth: usize,
    in_scope: usize,
    /// See [`MAX_COPIES`].
    copies: usize,
    most_copies: usize,
    /// Where the first tab or line end is after the last value that was searched. Most messages
    /// contain few, so this is rarely searched again.
    next_raw: usize,
    is_raw: bool,
}

impl<'t> Bounds<'t> {
    fn new(text: &'t str, most_tags: usize) -> Self {
        Self {
            bytes: text.as_bytes(),
            most_tags,
            tags: 0,
            attributes: 0,
            more_attributes: MAX_ATTRIBUTES_IN_ALL.max(text.len() / BYTES_PER_ATTRIBUTE),
            declarations: 0,
            declared: [0; DEEPEST],
            depth: 0,
            in_scope: 0,
            copies: 0,
            most_copies: MAX_COPIES.max(text.len() / BYTES_PER_COPY),
            next_raw: 0,
            is_raw: false,
        }
    }

    fn tag(&mut self) -> Result<(), Refusal> {
        self.tags += 1;
        if self.tags > self.most_tags {
            return Err(Refusal::TooManyTags(self.most_tags));
        }
        Ok(())
    }

    fn declaration(&mut self, length: usize) -> Result<(), Refusal> {
        self.declarations += 1;
        self.in_scope += 1;
        if self.in_scope > MAX_DECLARATIONS || length > MAX_DECLARATION {
            return Err(Refusal::TooManyNamespaces);
        }
        Ok(())
    }
}

impl Visit for Bounds<'_> {
    fn start(&mut self) -> Result<(), Refusal> {
        self.tag()?;
        if self.depth == DEEPEST {
            return Err(Refusal::TooDeep);
        }
        (self.attributes, self.declarations) = (0, 0);
        Ok(())
    }

    fn attribute(&mut self, before: &[u8], value: Range<usize>) -> Result<(), Refusal> {
        self.attributes += 1;
        if self.attributes > MAX_ATTRIBUTES || self.more_attributes == 0 {
            return Err(Refusal::TooManyAttributes);
        }
        self.more_attributes -= 1;
        if is_declaration(before, self.attributes == 1) {
            self.declaration(before.len() + value.len())?;
        }
        if self.next_raw < value.start {
            let rest = &self.bytes[value.start..];
            let length = memchr::memchr3(b'\t', b'\n', b'\r', rest);
            self.next_raw = value.start + length.unwrap_or(rest.len());
        }
        self.is_raw |= self.next_raw < value.end;
        Ok(())
    }

    fn started(&mut self, is_empty: bool) -> Result<(), Refusal> {
        self.copies += self.in_scope;
        if self.copies > self.most_copies {
            return Err(Refusal::TooManyNamespaces);
        }
        if is_empty {
            self.in_scope -= self.declarations;
        } else if let Some(declared) = self.declared.get_mut(self.depth) {
            *declared = u8::try_from(self.declarations).unwrap_or(u8::MAX);
            self.depth += 1;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refusal> {
        self.depth = self.depth.saturating_sub(1);
        // More end tags than start tags would count the first element's declarations twice.
        let declared = std::mem::take(&mut self.declared[self.depth]);
        self.in_scope -= usize::from(declared);
        self.tag()
    }

    /// Each counts as a tag.
    fn aside(&mut self, range: Range<usize>) -> Result<(), Refusal> {
        // The parser normalizes line ends in text, but not in CDATA sections and the like.
        self.is_raw |= memchr::memchr(b'\r', &self.bytes[range]).is_some();
        self.tag()
    }
}

/// Collects the attribute values.
#[derive(Default)]
struct Values {
    found: Vec<Range<usize>>,
}

impl Visit for Values {
    fn attribute(&mut self, _: &[u8], value: Range<usize>) -> Result<(), Refusal> {
        self.found.push(value);
        Ok(())
    }
}

/// Whether the text before a value is a name that begins with `xmlns`, alone or with a prefix, and
/// a `=`. Before the first value of a tag, the tag's name precedes the attribute's.
fn is_declaration(before: &[u8], is_first: bool) -> bool {
    let before = if is_first {
        let end = before.iter().position(u8::is_ascii_whitespace);
        &before[end.unwrap_or(before.len())..]
    } else {
        before
    };
    let rest = before.trim_ascii_start().strip_prefix(b"xmlns");
    rest.is_some_and(|rest| {
        matches!(
            rest.first(),
            Some(b':' | b'=' | b' ' | b'\t' | b'\n' | b'\r')
        )
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn many(count: usize, write: impl Fn(usize) -> String) -> String {
        (0..count).map(write).collect()
    }

    #[test]
    fn only_values_are_normalized() {
        for (text, normal) in [
            ("<a b='\n'/>", "<a b=' '/>"),
            ("<a b=\"x\r\ny\tz\rw\"/>", "<a b=\"x y z w\"/>"),
            ("<a b='\r\r\n\n'/>", "<a b='   '/>"),
            (
                "<a xmlns='u\n' xmlns:p = \"\tu\"/>",
                "<a xmlns='u ' xmlns:p = \" u\"/>",
            ),
            (
                "<a\n\tb = 'x>\n\"'\r\n>\r\n\t'\n'</a\n>",
                "<a\n\tb = 'x> \"'\n>\n\t'\n'</a\n>",
            ),
            ("<a b='&#10;&#xD;\n'/>", "<a b='&#10;&#xD; '/>"),
            (
                "<?xml version='1.0'\n?><!-- <a b='\n'> --><a b='\n'/>",
                "<?xml version='1.0'\n?><!-- <a b='\n'> --><a b=' '/>",
            ),
            (
                "<a b='\n'><![CDATA[<a b='\n'>]]><?p a='\n'?></a>",
                "<a b=' '><![CDATA[<a b='\n'>]]><?p a='\n'?></a>",
            ),
            ("<a b='é\n日'/>", "<a b='é 日'/>"),
        ] {
            assert_eq!(scan(text, 100), Ok(true), "{text}");
            assert_eq!(normalized(text), normal, "{text}");
        }
    }

    #[test]
    fn other_white_space_needs_no_copy() {
        for text in [
            "<a b=' ' c='d'>\r\n\t</a>\n",
            "<a\n\tb='c'\r\n/>",
            "<a b='&#10;'>'\n'=\"\n\"</a>",
            "<?xml version='1.0'\n?><!-- '\n' --><a/>",
        ] {
            assert_eq!(scan(text, 100), Ok(false), "{text}");
        }
        // Line ends in CDATA sections and processing instructions count too.
        for text in ["<a><![CDATA[\r\n]]></a>", "<?p a\r?><a/>"] {
            assert_eq!(scan(text, 100), Ok(true), "{text}");
            assert!(!normalized(text).contains('\r'), "{text}");
        }
    }

    #[test]
    fn the_bounds_are_exact() {
        let attributes = |count| format!("<a{}/>", many(count, |n| format!(" a{n}='>'")));
        assert_eq!(scan(&attributes(64), 9), Ok(false));
        assert_eq!(scan(&attributes(65), 9), Err(Refusal::TooManyAttributes));
        let all = |count| format!("<r>{}</r>", "<a b='' c='' d='' e=''/>".repeat(count));
        assert_eq!(scan(&all(8_192), 9_999), Ok(false));
        assert_eq!(scan(&all(8_193), 9_999), Err(Refusal::TooManyAttributes));
        let deep = |levels| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));
        assert_eq!(scan(&deep(64), 128), Ok(false));
        assert_eq!(scan(&deep(65), 999), Err(Refusal::TooDeep));
        assert_eq!(scan(&deep(64), 127), Err(Refusal::TooManyTags(127)));
        assert_eq!(scan(&"<a><b/></a>".repeat(64), 192), Ok(false));
        let names = |count, letter| many(count, |n| format!(" xmlns:{letter}{n}='u:'"));
        let nested =
            |outer, inner| format!("<a{}><b/><c{}/></a>", names(outer, 'p'), names(inner, 'q'));
        assert_eq!(scan(&nested(32, 32), 9), Ok(false));
        assert_eq!(scan(&nested(32, 33), 9), Err(Refusal::TooManyNamespaces));
        // The declarations of one element do not count for its siblings.
        let siblings = format!("<a>{}</a>", nested(32, 32).repeat(9));
        assert_eq!(scan(&siblings, 99), Ok(false));
        let wide = |count| format!("<a{}>{}</a>", names(32, 'p'), "<b/>".repeat(count));
        assert_eq!(scan(&wide(8_191), 9_999), Ok(false));
        assert_eq!(scan(&wide(8_192), 9_999), Err(Refusal::TooManyNamespaces));
        let long = |length| format!("<a xmlns='{}'/>", "u".repeat(length));
        assert_eq!(scan(&long(500), 9), Ok(false));
        assert_eq!(scan(&long(513), 9), Err(Refusal::TooManyNamespaces));
        // These only look like declarations.
        let other = format!("<a{}/>", many(64, |n| format!(" xmlnsa{n}='u:'")));
        assert_eq!(scan(&other, 9), Ok(false));
        let asides = |count| format!("<a>{}</a>", "<!----><?p?><![CDATA[]]>".repeat(count));
        assert_eq!(scan(&asides(5), 17), Ok(false));
        assert_eq!(scan(&asides(5), 16), Err(Refusal::TooManyTags(16)));
        assert_eq!(scan("<a><!DOCTYPE a></a>", 9), Err(Refusal::Doctype));
    }

    proptest! {
        /// Whatever the text, normalization neither panics nor changes how it is parsed, except for
        /// the white space.
        #[test]
        fn any_text_stays_as_well_formed_as_it_was(
            text in "(<a|</a>|/>|>|<b/>|[ \t\n\r]|'|\"|=|b|xmlns|:|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<\\?p |\\?>|&#10;|é){0,24}",
        ) {
            let _ = scan(&text, 9);
            let normal = normalized(&text);
            let blank = |text: &str| text.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
            prop_assert_eq!(blank(&normal), blank(&text));
            prop_assert_eq!(uppsala::parse(&normal).is_ok(), uppsala::parse(&text).is_ok());
        }
    }
}
