//! Tests that render the pages, mostly with strings that would be markup if a page did not escape
//! them.

mod samples;

use actix_web::body::to_bytes;
use actix_web::http::{StatusCode, header};
use askama::Template;

use self::samples::*;
use super::*;
use crate::web::assets;

const ESCAPED: &str = "&#60;script&#62;&#34;&#39;&#38;";

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
