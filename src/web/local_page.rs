//! The local pages that a login may return to.

/// The path of the page about the person who is signed in.
pub const ME: &str = "/me";

/// Returns `path` if a login may return to it, and the portal's path otherwise. This prevents open
/// redirects: a path that a browser would resolve to another host is never returned.
pub fn local_page(path: Option<&str>) -> String {
    let is_page = path.is_some_and(|path| {
        path == "/" || path == ME || path.starts_with("/?") || path.starts_with("/go?")
    });
    let is_plain =
        path.is_some_and(|path| path.len() <= 2_100 && path.bytes().all(|b| b.is_ascii_graphic()));
    path.filter(|_| is_page && is_plain)
        .unwrap_or("/")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::local_page;

    #[test]
    fn redirects_lead_only_to_our_own_pages() {
        for path in [
            "/",
            "/?x=1",
            "/?next=//evil.example",
            "/me",
            "/go?account=1&role=x",
        ] {
            assert_eq!(local_page(Some(path)), path);
        }
        for path in [
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "evil",
            "",
            "/login?idp=x",
            "/?a\r\nSet-Cookie: x=y",
            "/?\u{202e}",
            "/saml/acs",
            "/go",
            "/me/",
            "/me?x=1",
            "/go//evil.example",
            "/\t/evil.example",
        ] {
            assert_eq!(local_page(Some(path)), "/", "{path:?}");
        }
        assert_eq!(local_page(None), "/");
    }
}
