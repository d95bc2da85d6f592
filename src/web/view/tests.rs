//! Tests that render the pages, mostly with strings that would be markup if a page did not escape
//! them.

use actix_web::body::to_bytes;
use actix_web::http::header;

use std::sync::Arc;

use actix_web::http::StatusCode;
use askama::Template;

use super::*;
use crate::web::assets;
use crate::web::brand::{Brand, Contact};
use crate::web::texts::{Texts, Timestamp};

const EVIL: &str = "<script>\"'&";
const ESCAPED: &str = "&#60;script&#62;&#34;&#39;&#38;";

fn evil() -> String {
    EVIL.to_owned()
}

fn frame() -> Frame {
    let contact = Contact {
        name: evil(),
        href: Some(evil()),
    };
    Frame {
        texts: Texts::english(),
        brand: Arc::new(Brand {
            name: evil(),
            contact: Some(contact),
            ..Brand::default()
        }),
    }
}

fn time() -> Timestamp {
    Timestamp {
        rfc3339: evil(),
        text: evil(),
    }
}

fn fields() -> Vec<HiddenField> {
    vec![
        HiddenField {
            name: evil(),
            value: evil(),
        },
        HiddenField {
            name: evil(),
            value: evil(),
        },
    ]
}

fn sign_in() -> SignInPage {
    SignInPage {
        frame: frame(),
        idps: vec![IdpLink {
            name: evil(),
            href: evil(),
            is_last: true,
        }],
        asks_for_email: true,
        signed_out: Some(SignedOut::Here),
    }
}

fn role(show_provider: bool) -> RoleView {
    RoleView {
        name: evil(),
        kind: evil(),
        arn: evil(),
        through: evil(),
        link: evil(),
        at_most: Some(evil()),
        needs: Some(evil()),
        has_policy: false,
        good_for: GoodFor::Everything,
        show_provider,
    }
}

fn option(value: &str, selected: bool) -> ChoiceOption {
    ChoiceOption {
        value: value.to_owned(),
        label: evil(),
        selected,
    }
}

fn choices() -> Choices {
    Choices {
        duration_seconds: evil(),
        region: Some(evil()),
        destination: Some(evil()),
        policy: Some(evil()),
    }
}

fn reduced() -> ReducedView {
    ReducedView {
        name: evil(),
        arns: vec![evil()],
        document: Some(evil()),
    }
}

fn portal() -> PortalPage {
    let account = |name, partition| AccountView {
        id: evil(),
        name,
        label: Some(AccountLabel {
            text: evil(),
            color: "red",
        }),
        partition,
        roles: vec![role(false), role(true)],
    };
    PortalPage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        session_expires: time(),
        durations: [900, 3600]
            .map(|seconds| option(&seconds.to_string(), seconds == 3600))
            .into(),
        console_duration: Some(evil()),
        regions: vec![option("", true), option("eu-central-1", false)],
        destinations: vec![option("", false), option(EVIL, true)],
        policies: vec![option("", false), option(EVIL, true)],
        switch: Some(option(EVIL, true)),
        has_tools: true,
        accounts: vec![account(Some(evil()), Some(evil())), account(None, None)],
    }
}

fn go() -> GoPage {
    let one = || GoRole {
        account: portal().accounts.remove(0),
        role: role(true),
        behind: BehindView {
            given_by: evil(),
            asks: vec![evil()],
            parameters: vec![FactView {
                name: evil(),
                value: evil(),
                is_transitive: true,
            }],
            problem: Some(evil()),
            policies: vec![evil()],
        },
    };
    GoPage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        roles: vec![one(), one()],
        choices: choices(),
        reduced: Some(reduced()),
        wants_credentials: false,
        at_once: false,
    }
}

fn me() -> MePage {
    MePage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        own_name_id: Some(evil()),
        name_id_format: Some(evil()),
        began: time(),
        session_expires: time(),
        roles: 2,
        grants: vec![evil()],
        without_hub: vec![evil()],
        lacks_session_name: true,
        session_name: Some(evil()),
        source_identity: Some(evil()),
        console_duration: Some(evil()),
        tags: vec![TagView {
            name: evil(),
            value: evil(),
            is_transitive: true,
        }],
        dropped: vec![DroppedView {
            attribute: evil(),
            value: evil(),
            reason: evil(),
        }],
        dropped_beyond: 3,
    }
}

fn several() -> SeveralPage {
    SeveralPage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        expires: Some(time()),
        profiles: vec![ProfileView {
            name: evil(),
            role: evil(),
            reduced: Some(evil()),
        }],
        formats: vec![format("credentials-file", EVIL)],
        refused: vec![RefusedView {
            role: evil(),
            reason: evil(),
        }],
    }
}

fn no_roles(dropped: usize) -> NoRolesPage {
    NoRolesPage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        request_id: evil(),
        dropped,
    }
}

fn format(id: &'static str, text: &str) -> FormatView {
    FormatView {
        id,
        profile: (id == "cmd").then(evil),
        file_name: Some(".env"),
        text: text.into(),
        masked: evil(),
    }
}

fn credentials() -> CredentialsPage {
    CredentialsPage {
        kind: evil(),
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        role_name: evil(),
        role_arn: evil(),
        through: evil(),
        choices: choices(),
        link: Some(evil()),
        account_id: evil(),
        account_name: Some(evil()),
        session_name: Some(evil()),
        seen_as: Some(evil()),
        expires: time(),
        has_console: true,
        shortened: Some(evil()),
        reduced: Some(reduced()),
        policy_size: Some(evil()),
        formats: vec![format(EVIL, EVIL), format("cmd", "first\r\nsecond\r\n")],
    }
}

fn error(button: HelpButton) -> ErrorPage {
    ErrorPage {
        frame: frame(),
        title: evil(),
        what_happened: evil(),
        what_to_do: evil(),
        about: Some(AboutView {
            name_id: evil(),
            role: evil(),
        }),
        request_id: evil(),
        button,
        signed_in: true,
    }
}

fn link() -> HelpButton {
    HelpButton::Link {
        label: evil(),
        href: evil(),
    }
}

fn demo_console(tags: Vec<TagView>) -> DemoConsolePage {
    DemoConsolePage {
        frame: frame(),
        account_id: evil(),
        account_name: Some(evil()),
        role_name: evil(),
        role_arn: evil(),
        session_name: Some(evil()),
        policies: vec![evil()],
        source_identity: Some(evil()),
        tags,
        expires: time(),
        destination: evil(),
        back_href: evil(),
    }
}

fn ask() -> AskPage {
    AskPage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        account: Some(portal().accounts.remove(0)),
        role_name: evil(),
        role_arn: evil(),
        action: "/credentials",
        fields: fields(),
        reason: Some(ReasonView {
            given: evil(),
            is_wrong: true,
            is_tagged: true,
        }),
        code: Some(CodeView {
            serial: evil(),
            is_wrong: true,
        }),
    }
}

fn tools() -> ToolsPage {
    ToolsPage {
        frame: frame(),
        name_id: evil(),
        idp_name: evil(),
        roles: vec![option(EVIL, true)],
        message: evil(),
        refused: Some(RefusedRequestView {
            verdict: evil(),
            principal: evil(),
            action: evil(),
            resource: evil(),
            conditions: vec![(evil(), vec![evil()])],
            statements: vec![evil()],
        }),
        access_key_id: evil(),
        account: Some((evil(), Some(evil()))),
    }
}

fn pages() -> Vec<(&'static str, String)> {
    let post = HelpButton::Post {
        label: evil(),
        action: evil(),
        fields: fields(),
    };
    let person = PersonView {
        id: evil(),
        name: evil(),
        description: evil(),
    };
    let notice = DemoNoticePage {
        frame: frame(),
        title: evil(),
        text: evil(),
        label: evil(),
        href: evil(),
    };
    let tag = TagView {
        name: evil(),
        value: evil(),
        is_transitive: false,
    };
    let idp = DemoIdpPage {
        frame: frame(),
        action: evil(),
        fields: fields(),
        people: vec![person],
    };
    let replace = ReplaceSessionPage {
        frame: frame(),
        current: evil(),
        new: evil(),
        code: evil(),
    };
    [
        ("sign_in", sign_in().render()),
        ("portal", portal().render()),
        ("go", go().render()),
        ("ask", ask().render()),
        ("tools", tools().render()),
        ("me", me().render()),
        ("several", several().render()),
        ("no_roles", no_roles(1).render()),
        ("credentials", credentials().render()),
        ("error", error(link()).render()),
        ("error_post", error(post).render()),
        ("ask_again", AskAgainPage { frame: frame() }.render()),
        (
            "continue",
            ContinuePage {
                frame: frame(),
                action: evil(),
                fields: fields(),
            }
            .render(),
        ),
        ("replace_session", replace.render()),
        ("demo_idp", idp.render()),
        (
            "demo_post",
            DemoPostPage {
                frame: frame(),
                action: evil(),
                fields: fields(),
            }
            .render(),
        ),
        ("demo_console", demo_console(vec![tag]).render()),
        ("demo_notice", notice.render()),
    ]
    .map(|(name, html)| (name, html.expect("writing into memory")))
    .into()
}

/// The tags of a page, without their angle brackets. Splitting at these brackets is enough, because
/// escaped values contain none.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
}

/// The name of the tag, followed by the names of its attributes.
fn attributes(tag: &str) -> impl Iterator<Item = &str> {
    // Outside quotes, spaces separate attributes.
    let outside = tag.split('"').step_by(2);
    outside
        .flat_map(str::split_whitespace)
        .map(|part| part.trim_end_matches('='))
}

fn occurrences(html: &str, part: &str) -> usize {
    html.matches(part).count()
}

#[test]
fn every_string_is_escaped() {
    for (name, html) in pages() {
        assert!(html.contains(ESCAPED), "{name} shows no string at all");
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("\"'"), "{name} has a raw quote");
        assert!(!html.contains("'&"), "{name} has a raw ampersand");
    }
}

#[test]
fn no_page_has_inline_script_or_style() {
    for (name, html) in pages() {
        for tag in tags(&html) {
            assert!(!tag.starts_with("style"), "{name}: <{tag}>");
            for attribute in attributes(tag).skip(1) {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: <{tag}>"
                );
            }
        }
        let of = |href| format!("<script src=\"{href}\" defer></script>");
        let mut scripts = vec![of(assets::js_href())];
        match name {
            "portal" => {
                let script = of(assets::portal_js_href());
                scripts.push(script.replace("defer", "defer blocking=\"render\""));
            }
            "credentials" | "several" => scripts.push(of(assets::credentials_js_href())),
            _ => {}
        }
        assert_eq!(occurrences(&html, "<script"), scripts.len(), "{name}");
        for script in scripts {
            assert!(html.contains(&script), "{name}");
        }
    }
}

#[test]
fn the_search_for_inline_script_finds_it() {
    let found = |tag| attributes(tag).any(|name| name == "style" || name.starts_with("on"));
    assert!(found("p class=\"x\" onclick=\"a b\""));
    assert!(found("p style=\"color: red\""));
    assert!(!found("p title=\"one style= onclick= two\" data-on=\"x\""));
}

#[test]
fn every_page_works_with_a_screen_reader() {
    for (name, html) in pages() {
        assert!(
            html.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{name}"
        );
        for part in [
            "<h1>",
            "<main ",
            "<header>",
            "<title>",
            "role=\"status\" data-announce",
        ] {
            assert_eq!(occurrences(&html, part), 1, "{name}: {part}");
        }
    }
}

#[test]
fn no_page_has_duplicate_ids() {
    for (name, html) in pages() {
        let mut ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: {ids:?}");
    }
}

#[test]
fn each_role_has_a_button_for_each_action() {
    let html = portal().render().expect("writing into memory");
    for action in ["/credentials", "/console"] {
        assert_eq!(occurrences(&html, &format!("formaction=\"{action}\"")), 4);
    }
    // Each button submits its role and the role's provider.
    let value = [ESCAPED; 2].join(" ");
    let button = format!("name=\"role_arn\" value=\"{value}\"");
    assert_eq!(occurrences(&html, &button), 8);
    // Each button also submits the choices that apply to all roles.
    assert_eq!(
        occurrences(&html, "name=\"duration_seconds\" form=\"roles\""),
        1
    );
    assert_eq!(occurrences(&html, "<form id=\"roles\" method=\"post\""), 1);
    assert_eq!(occurrences(&html, "role=\"switch\" name=\"policy-"), 4);
    assert_eq!(occurrences(&html, "class=\"provider\""), 2);
}

#[test]
fn the_number_of_roles_is_phrased_correctly() {
    let one = |roles| {
        let account = AccountView {
            id: evil(),
            name: None,
            label: None,
            partition: None,
            roles,
        };
        PortalPage {
            frame: frame(),
            accounts: vec![account],
            ..portal()
        }
        .render()
        .expect("writing into memory")
    };
    // With a single role, the page contains no list.
    let only = one(vec![role(false)]);
    assert!(only.contains("Your role in"), "{only}");
    assert!(!only.contains("id=\"filter\"") && !only.contains("<ul"));
    assert!(only.contains("action=\"/console\"") && only.contains("action=\"/credentials\""));
    assert!(one(vec![role(false), role(false)]).contains("2 roles in 1 account."));
    assert!(one(vec![role(false), role(false)]).contains("id=\"filter\""));
}

#[test]
fn dropped_roles_are_shown() {
    let html = |dropped| no_roles(dropped).render().expect("writing into memory");
    assert!(!html(0).contains("left out"));
    assert!(html(1).contains("1 role was left out"));
    assert!(html(2).contains("2 roles were left out"));
}

#[test]
fn secrets_are_inside_a_collapsed_element() {
    let page = CredentialsPage {
        frame: frame(),
        formats: vec![FormatView {
            masked: format!("key={MASK}"),
            ..format("dotenv", "key=the-secret")
        }],
        ..credentials()
    };
    let html = page.render().expect("writing into memory");
    let (before, _) = html.split_once("the-secret").expect("the secret");
    assert_eq!(occurrences(&html, "the-secret"), 1);
    assert!(before.contains(MASK));
    let fold = before.rfind("<details").expect("a details element");
    assert!(before[fold..].starts_with("<details class=\"show\">"));
}

#[test]
fn only_a_text_with_crlf_is_copied_with_crlf() {
    let html = credentials().render().expect("writing into memory");
    let (unix, windows) = html
        .split_once("id=\"format-cmd\"")
        .expect("the second format");
    assert!(!unix.contains("data-crlf"));
    assert!(windows.contains("data-crlf"));
}

#[test]
fn signing_out_is_offered_only_to_people_who_are_signed_in() {
    let html = |signed_in| {
        let page = ErrorPage {
            frame: frame(),
            signed_in,
            ..error(link())
        };
        page.render().expect("writing into memory")
    };
    assert!(html(true).contains("action=\"/logout\""));
    assert!(!html(false).contains("action=\"/logout\""));
}

#[test]
fn only_demo_pages_have_the_demo_banner() {
    for (name, html) in pages() {
        assert_eq!(
            html.contains("class=\"demo-banner\""),
            name.starts_with("demo_"),
            "{name}"
        );
    }
}

#[test]
fn two_hundred_roles_fit_into_a_small_answer() {
    let accounts = (0..40).map(|_| AccountView {
        id: "111111111111".to_owned(),
        name: Some("production".to_owned()),
        label: None,
        partition: None,
        roles: (0..5)
            .map(|_| RoleView {
                name: "Administrator".to_owned(),
                kind: "Role".to_owned(),
                arn: "arn:aws:iam::111111111111:role/Administrator".to_owned(),
                through: "arn:aws:iam::111111111111:saml-provider/corp".to_owned(),
                link: "/go?account=111111111111&role=Administrator".to_owned(),
                at_most: None,
                needs: None,
                has_policy: false,
                good_for: GoodFor::Everything,
                show_provider: false,
            })
            .collect(),
    });
    let page = PortalPage {
        frame: frame(),
        accounts: accounts.collect(),
        console_duration: Some(evil()),
        regions: Vec::new(),
        destinations: Vec::new(),
        policies: Vec::new(),
        switch: None,
        ..portal()
    };
    let html = page.render().expect("writing into memory");
    assert!(html.len() < 300_000, "{} bytes", html.len());
}

#[actix_web::test]
async fn an_answer_has_status_type_and_page() {
    let response = respond(StatusCode::FORBIDDEN, &error(link()));
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(
        response
            .headers()
            .get(header::CONTENT_TYPE)
            .expect("a content type"),
        "text/html; charset=utf-8"
    );
    let body = to_bytes(response.into_body())
        .await
        .expect("a body in memory");
    assert!(body.starts_with(b"<!doctype html>"));
}
