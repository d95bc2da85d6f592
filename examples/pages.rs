//! Renders every page with sample data into a folder, so that you can view it without the service:
//!
//! ```text
//! cargo run --example pages -- /tmp/pages [de] && python3 -m http.server --directory /tmp/pages
//! ```

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use askama::Template;
use chrono::{DateTime, TimeDelta, Utc};
use rolecall::clock::Clock;
use rolecall::web::assets;
use rolecall::web::brand::{Brand, Contact};
use rolecall::web::texts::Texts;
use rolecall::web::view::{
    AccountLabel, AccountView, ChoiceOption, Choices, ContinuePage, CredentialsPage,
    DemoConsolePage, DemoIdpPage, DemoNoticePage, DemoPostPage, ErrorPage, FormatView, Frame,
    GoodFor, HelpButton, HiddenField, IdpLink, MASK, NoRolesPage, PersonView, PortalPage,
    ReplaceSessionPage, RoleView, SignInPage, SignedOut, TagView,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const REQUEST_ID: &str = "f3b9c1d2-7a54-4c0e-9b8f-2d61a0c7e915";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("give the folder to write to")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder.join("static"))?;
    for asset in assets::all() {
        fs::write(folder.join("static").join(asset.name), &asset.bytes)?;
    }
    let now = Clock::system().now();
    for (name, html) in pages(now) {
        fs::write(folder.join(name).with_extension("html"), html?)?;
    }
    Ok(())
}

fn pages(now: DateTime<Utc>) -> Vec<(&'static str, askama::Result<String>)> {
    let one = vec![account(0, Some("sandbox"), None, 1)];
    vec![
        (
            "sign_in",
            sign_in(
                &["Example Corp", "Contractors", "Example Labs (Entra ID)"],
                None,
            ),
        ),
        (
            "signed_out",
            sign_in(&["Example Corp"], Some(SignedOut::Here)),
        ),
        ("portal", portal(now, some_accounts())),
        ("portal_one", portal(now, one)),
        ("portal_many", portal(now, many_accounts())),
        ("no_roles", no_roles()),
        ("credentials", credentials(now)),
        ("error", error()),
        ("error_post", error_post()),
        ("continue", go_on()),
        ("replace_session", replace_session()),
        ("demo_idp", demo_idp()),
        ("demo_post", demo_post()),
        ("demo_console", demo_console(now)),
        ("demo_notice", demo_notice()),
    ]
}

fn frame() -> Frame {
    let texts = Texts::all();
    let german = env::args().nth(2).is_some_and(|language| language == "de");
    Frame {
        texts: texts[usize::from(german)],
        brand: Brand {
            contact: Some(Contact {
                name: "Cloud team, #aws-help".to_owned(),
                href: Some("mailto:cloud-team@example.com".to_owned()),
            }),
            ..Brand::default()
        }
        .into(),
    }
}

fn sign_in(names: &[&str], signed_out: Option<SignedOut>) -> askama::Result<String> {
    let link = |name: &&str| IdpLink {
        name: (*name).to_owned(),
        href: "portal.html".to_owned(),
        is_last: *name == names[0],
    };
    SignInPage {
        frame: frame(),
        idps: names.iter().map(link).collect(),
        asks_for_email: signed_out.is_none(),
        signed_out,
    }
    .render()
}

fn account(index: usize, name: Option<&str>, partition: Option<&str>, roles: usize) -> AccountView {
    const ROLES: [&str; 6] = [
        "Administrator",
        "Billing",
        "Developer",
        "ReadOnly",
        "SecurityAudit",
        "Support",
    ];
    let id = format!("{:012}", 111_111_111_111 + index * 10_203_040_506);
    let code = match partition {
        Some("China") => "aws-cn",
        Some(_) => "aws-us-gov",
        None => "aws",
    };
    let role = |name: &&str| RoleView {
        kind: "Role".to_owned(),
        name: (*name).to_owned(),
        arn: format!("arn:{code}:iam::{id}:role/{name}"),
        through: format!("arn:{code}:iam::{id}:saml-provider/example-corp"),
        link: "go.html".to_owned(),
        at_most: None,
        needs: None,
        has_policy: false,
        good_for: GoodFor::Everything,
        show_provider: false,
    };
    AccountView {
        roles: ROLES.iter().cycle().take(roles).map(role).collect(),
        id: id.clone(),
        name: name.map(str::to_owned),
        label: match name {
            Some("Production") => Some(("production", "red")),
            Some("Data platform") => Some(("testing", "blue")),
            _ => None,
        }
        .map(|(text, color)| AccountLabel {
            text: text.to_owned(),
            color,
        }),
        partition: partition.map(str::to_owned),
    }
}

fn some_accounts() -> Vec<AccountView> {
    let mut accounts = vec![
        account(0, Some("Data platform"), None, 3),
        account(1, Some("Production"), None, 4),
        account(2, Some("Production, Beijing"), Some("China"), 1),
        account(3, Some("Public sector"), Some("GovCloud (US)"), 2),
        account(4, None, None, 2),
    ];
    if let Some(account) = accounts.last_mut() {
        for (role, provider) in account.roles.iter_mut().zip(["corp", "corp-legacy"]) {
            "Deploy".clone_into(&mut role.name);
            role.arn = format!(
                "arn:aws:iam::{}:role/teams/web/pipelines/Deploy",
                account.id
            );
            role.through = format!("arn:aws:iam::{}:saml-provider/{provider}", account.id);
            role.show_provider = true;
        }
    }
    accounts
}

fn many_accounts() -> Vec<AccountView> {
    let account = |index| account(index, Some(&format!("Team {:02}", index + 1)), None, 5);
    (0..40).map(account).collect()
}

fn portal(now: DateTime<Utc>, accounts: Vec<AccountView>) -> askama::Result<String> {
    let option = |seconds: u32| ChoiceOption {
        value: seconds.to_string(),
        label: frame().texts.duration(seconds),
        selected: seconds == 3600,
    };
    PortalPage {
        frame: frame(),
        person: "ada.lovelace@example.com".to_owned(),
        idp_name: "Example Corp".to_owned(),
        session_expires: frame().texts.timestamp(now + TimeDelta::minutes(472)),
        durations: [900, 1800, 3600, 7200, 14400, 28800, 43200]
            .map(option)
            .into(),
        console_duration: Some("8 hours".to_owned()),
        regions: Vec::new(),
        destinations: Vec::new(),
        policies: Vec::new(),
        switch: Some(ChoiceOption {
            value: "read-only".to_owned(),
            label: "Read-only".to_owned(),
            selected: false,
        }),
        has_tools: false,
        accounts,
    }
    .render()
}

fn no_roles() -> askama::Result<String> {
    NoRolesPage {
        frame: frame(),
        person: "newcomer@example.com".to_owned(),
        idp_name: "Example Corp".to_owned(),
        request_id: REQUEST_ID.to_owned(),
        dropped: 2,
    }
    .render()
}

fn format(id: &'static str, text: impl Fn(&str, &str) -> String) -> FormatView {
    let token = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQD".repeat(14);
    FormatView {
        id,
        profile: (id == "credentials-file").then(|| "prod-ReadOnly".to_owned()),
        file_name: (id == "dotenv").then_some(".env"),
        text: text(SECRET, &token).into(),
        masked: text(MASK, MASK),
    }
}

fn formats() -> Vec<FormatView> {
    let lines = |before: &'static str, end: &'static str| {
        move |secret: &str, token: &str| {
            [
                format!("{before}AWS_ACCESS_KEY_ID=ASIAIOSFODNN7EXAMPLE{end}"),
                format!("{before}AWS_SECRET_ACCESS_KEY={secret}{end}"),
                format!("{before}AWS_SESSION_TOKEN={token}{end}"),
                format!("{before}AWS_CREDENTIAL_EXPIRATION=2025-03-04T05:06:07Z{end}"),
            ]
            .concat()
        }
    };
    let json = |secret: &str, token: &str| {
        format!(
            "{{\"Version\":1,\"AccessKeyId\":\"ASIAIOSFODNN7EXAMPLE\",\"SecretAccessKey\":\"{secret}\",\
             \"SessionToken\":\"{token}\",\"Expiration\":\"2025-03-04T05:06:07Z\"}}"
        )
    };
    vec![
        format("bash", lines("export ", "\n")),
        format("fish", lines("set -gx ", "\n")),
        format("powershell", lines("$Env:", "\n")),
        format("cmd", lines("set ", "\r\n")),
        format("csh", lines("setenv ", "\n")),
        format("dotenv", lines("", "\n")),
        format("credentials-file", lines("", "\n")),
        format("credential-process", json),
    ]
}

fn credentials(now: DateTime<Utc>) -> askama::Result<String> {
    CredentialsPage {
        kind: "Role".to_owned(),
        has_console: true,
        frame: frame(),
        person: "ada.lovelace@example.com".to_owned(),
        idp_name: "Example Corp".to_owned(),
        role_name: "ReadOnly".to_owned(),
        role_arn: "arn:aws:iam::111111111111:role/ReadOnly".to_owned(),
        through: "arn:aws:iam::111111111111:saml-provider/example-corp".to_owned(),
        choices: Choices::default(),
        link: Some("go.html".to_owned()),
        account_id: "111111111111".to_owned(),
        account_name: Some("Production".to_owned()),
        session_name: Some("ada.lovelace@example.com".to_owned()),
        seen_as: None,
        expires: frame().texts.timestamp(now + TimeDelta::minutes(60)),
        shortened: Some(frame().texts.duration(3600)),
        reduced: None,
        policy_size: None,
        formats: formats(),
    }
    .render()
}

fn error() -> askama::Result<String> {
    ErrorPage {
        frame: frame(),
        title: "That sign-in belongs to another browser".to_owned(),
        what_happened: "The sign-in was started in another browser or a private window, and can \
                        only be finished there."
            .to_owned(),
        what_to_do: "Sign in again in this browser.".to_owned(),
        about: None,
        request_id: REQUEST_ID.to_owned(),
        button: HelpButton::Link {
            label: "Sign in again".to_owned(),
            href: "/".to_owned(),
        },
        signed_in: false,
    }
    .render()
}

fn error_post() -> askama::Result<String> {
    ErrorPage {
        frame: frame(),
        title: "AWS did not answer".to_owned(),
        what_happened: "AWS's sign-in service gave no answer within fifteen seconds.".to_owned(),
        what_to_do: "Wait a minute, then try again.".to_owned(),
        about: None,
        request_id: REQUEST_ID.to_owned(),
        button: HelpButton::Post {
            label: "Try again".to_owned(),
            action: "/credentials".to_owned(),
            fields: fields(&[("role_arn", "arn:aws:iam::111111111111:role/ReadOnly")]),
        },
        signed_in: true,
    }
    .render()
}

fn fields(pairs: &[(&str, &str)]) -> Vec<HiddenField> {
    let field = |(name, value): &(&str, &str)| HiddenField {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    };
    pairs.iter().map(field).collect()
}

fn go_on() -> askama::Result<String> {
    let fields = fields(&[("role_arn", "arn:aws:iam::111111111111:role/ReadOnly")]);
    ContinuePage {
        frame: frame(),
        action: "/credentials".to_owned(),
        fields,
    }
    .render()
}

fn replace_session() -> askama::Result<String> {
    ReplaceSessionPage {
        frame: frame(),
        current: "ada.lovelace@example.com".to_owned(),
        new: "charles.babbage@example.com".to_owned(),
        code: "one-time-code".to_owned(),
    }
    .render()
}

fn demo_idp() -> askama::Result<String> {
    let person = |id: &str, name: &str, description: &str| PersonView {
        id: id.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
    };
    DemoIdpPage {
        frame: frame(),
        action: "/idp/sso".to_owned(),
        fields: fields(&[("SAMLRequest", "request"), ("RelayState", "state")]),
        people: vec![
            person(
                "ada",
                "Ada Lovelace",
                "Many roles, over accounts in four partitions",
            ),
            person("charles", "Charles Babbage", "One role"),
            person(
                "grace",
                "Grace Hopper",
                "Two hundred roles in forty accounts",
            ),
            person("alan", "Alan Turing", "No role at all"),
        ],
    }
    .render()
}

fn demo_post() -> askama::Result<String> {
    let fields = fields(&[("SAMLResponse", "response"), ("RelayState", "state")]);
    DemoPostPage {
        frame: frame(),
        action: "http://localhost:8080/saml/acs".to_owned(),
        fields,
    }
    .render()
}

fn demo_console(now: DateTime<Utc>) -> askama::Result<String> {
    let tag = |name: &str, value: &str| TagView {
        is_transitive: false,
        name: name.to_owned(),
        value: value.to_owned(),
    };
    DemoConsolePage {
        frame: frame(),
        account_id: "111111111111".to_owned(),
        account_name: Some("Production".to_owned()),
        role_name: "ReadOnly".to_owned(),
        role_arn: "arn:aws:sts::111111111111:assumed-role/ReadOnly/ada.lovelace@example.com"
            .to_owned(),
        session_name: Some("ada.lovelace@example.com".to_owned()),
        policies: Vec::new(),
        source_identity: Some("ada".to_owned()),
        tags: vec![
            tag("CostCenter", "analytical-engines"),
            tag("Team", "mathematics"),
        ],
        expires: frame().texts.timestamp(now + TimeDelta::minutes(60)),
        destination: "https://console.aws.amazon.com/".to_owned(),
        back_href: "http://localhost:8080/".to_owned(),
    }
    .render()
}

fn demo_notice() -> askama::Result<String> {
    DemoNoticePage {
        frame: frame(),
        title: "Your session has expired".to_owned(),
        text: "Console sessions end when their credentials do.".to_owned(),
        label: "Sign in again".to_owned(),
        href: "http://localhost:8080/".to_owned(),
    }
    .render()
}
