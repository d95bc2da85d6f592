//! Every page, mostly with strings that would be markup if a page did not escape them.

use std::sync::Arc;

use super::*;
use crate::web::brand::{Brand, Contact};
use crate::web::texts::{Texts, Timestamp};

pub(super) const EVIL: &str = "<script>\"'&";

pub(super) fn evil() -> String {
    EVIL.to_owned()
}

pub(super) fn frame() -> Frame {
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

pub(super) fn time() -> Timestamp {
    Timestamp {
        rfc3339: evil(),
        text: evil(),
    }
}

pub(super) fn fields() -> Vec<HiddenField> {
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

pub(super) fn sign_in() -> SignInPage {
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

pub(super) fn role(show_provider: bool) -> RoleView {
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

pub(super) fn option(value: &str, selected: bool) -> ChoiceOption {
    ChoiceOption {
        value: value.to_owned(),
        label: evil(),
        selected,
    }
}

pub(super) fn choices() -> Choices {
    Choices {
        duration_seconds: evil(),
        region: Some(evil()),
        destination: Some(evil()),
        policy: Some(evil()),
    }
}

pub(super) fn reduced() -> ReducedView {
    ReducedView {
        name: evil(),
        arns: vec![evil()],
        document: Some(evil()),
    }
}

pub(super) fn portal() -> PortalPage {
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
        person: evil(),
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

pub(super) fn go() -> GoPage {
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
        person: evil(),
        idp_name: evil(),
        roles: vec![one(), one()],
        choices: choices(),
        reduced: Some(reduced()),
        wants_credentials: false,
        at_once: false,
    }
}

pub(super) fn me() -> MePage {
    MePage {
        frame: frame(),
        person: evil(),
        idp_name: evil(),
        name_id: Some(evil()),
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

pub(super) fn several() -> SeveralPage {
    SeveralPage {
        frame: frame(),
        person: evil(),
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

pub(super) fn no_roles(dropped: usize) -> NoRolesPage {
    NoRolesPage {
        frame: frame(),
        person: evil(),
        idp_name: evil(),
        request_id: evil(),
        dropped,
    }
}

pub(super) fn format(id: &'static str, text: &str) -> FormatView {
    FormatView {
        id,
        profile: (id == "cmd").then(evil),
        file_name: Some(".env"),
        text: text.into(),
        masked: evil(),
    }
}

pub(super) fn credentials() -> CredentialsPage {
    CredentialsPage {
        kind: evil(),
        frame: frame(),
        person: evil(),
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

pub(super) fn error(button: HelpButton) -> ErrorPage {
    ErrorPage {
        frame: frame(),
        title: evil(),
        what_happened: evil(),
        what_to_do: evil(),
        about: Some(AboutView {
            person: evil(),
            role: evil(),
        }),
        request_id: evil(),
        button,
        signed_in: true,
    }
}

pub(super) fn link() -> HelpButton {
    HelpButton::Link {
        label: evil(),
        href: evil(),
    }
}

pub(super) fn demo_console(tags: Vec<TagView>) -> DemoConsolePage {
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

pub(super) fn ask() -> AskPage {
    AskPage {
        frame: frame(),
        person: evil(),
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

pub(super) fn tools() -> ToolsPage {
    ToolsPage {
        frame: frame(),
        person: evil(),
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

pub(super) fn pages() -> Vec<(&'static str, String)> {
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
        (
            "ask_again",
            AskAgainPage {
                frame: frame(),
                lede: "ask-again-lede",
            }
            .render(),
        ),
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
