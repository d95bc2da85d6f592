//! Credentials in the AWS CLI.

use rolecall::demo::role::Role;
use serde_json::{Value, json};

use super::*;
use crate::support::partners::aws_cli::AwsCli;
use crate::support::partners::moto::{self, Moto};
use crate::support::partners::simplesamlphp::SimpleSamlPhp;

/// Environment variables for the AWS CLI, with the credentials from the API's response.
fn variables(credentials: &Value) -> [(&str, &str); 4] {
    let text = |key: &str| credentials[key].as_str().unwrap();
    [
        ("AWS_ACCESS_KEY_ID", text("AccessKeyId")),
        ("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey")),
        ("AWS_SESSION_TOKEN", text("SessionToken")),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ]
}

async fn credentials(app: &TestApp, agent: &UserAgent, role: &str) -> Value {
    let request = agent
        .request(reqwest::Method::POST, app.at("/api/credentials"))
        .body(json!({ "role_arn": role }).to_string());
    let page = agent.send(request).await;
    assert_eq!(page.status, StatusCode::OK, "{page}");
    serde_json::from_str(&page.body).unwrap()
}

#[actix_web::test]
async fn credentials_from_moto_work_in_the_aws_cli() {
    let (idp, sts) = (SimpleSamlPhp::shared().await, Moto::shared().await);
    let options = Options {
        metadata: Some(idp.metadata_xml().await),
        aws: format!("sts_endpoint = \"{}\"\n", sts.endpoint()),
        ..Options::default()
    };
    let app = TestApp::start_with(options);
    // moto fails if the assertion contains more than one role.
    let user = User::new("broker-moto")
        .with(ROLE, [format!("{READER},{PROVIDER}")])
        .with(ROLE_SESSION_NAME, ["broker-moto"]);
    idp.add_user(&user);
    idp.add_service_provider(&registration(&app));
    let agent = UserAgent::new();
    let form = agent
        .sign_in(app.at("/login?idp=corp"), &user.name, &user.password)
        .await;
    arrive(&app, &agent, &form).await;
    let credentials = credentials(&app, &agent, READER).await;
    assert_eq!(app.last_audit()["event"], "credentials_issued");
    let endpoint = sts.endpoint();
    let arguments = ["sts", "get-caller-identity", "--endpoint-url", &endpoint];
    let who = AwsCli::new()
        .run(&arguments, &variables(&credentials))
        .await
        .json();
    assert_eq!(who["Account"], moto::ACCOUNT);
    let arn = who["Arn"].as_str().unwrap();
    assert_eq!(
        arn,
        "arn:aws:sts::123456789012:assumed-role/Reader/broker-moto"
    );
}

fn roles(acs_url: &str) -> Vec<Role> {
    ["Reader", "Writer"]
        .map(|name| Role::new("aws", "123456789012", name, "Corp", acs_url))
        .into()
}

#[actix_web::test]
async fn credentials_work_in_the_aws_cli_in_every_supported_form() {
    let app = TestApp::start_with(Options {
        roles: Some(roles),
        ..Options::default()
    });
    let person = rolecall::demo::people::Person::new("cli", "CLI")
        .with_attribute(ROLE, [format!("{READER},{PROVIDER}")])
        .with_attribute(ROLE_SESSION_NAME, ["cli@example.com"]);
    let agent = UserAgent::new();
    app.sign_in(&agent, &person).await;
    let endpoint = app.aws.as_ref().unwrap().sts_endpoint().to_string();
    let identity = ["sts", "get-caller-identity", "--endpoint-url", &endpoint];
    let expected = "arn:aws:sts::123456789012:assumed-role/Reader/cli@example.com";

    let credentials = credentials(&app, &agent, READER).await;
    let who = AwsCli::new()
        .run(&identity, &variables(&credentials))
        .await
        .json();
    assert_eq!(who["Arn"], expected);
    assert_eq!(who["Account"], "123456789012");

    // Use AWS_ENDPOINT_URL_STS, as the demo recommends.
    let mut environment = variables(&credentials).to_vec();
    environment.push(("AWS_ENDPOINT_URL_STS", &endpoint));
    let who = AwsCli::new().run(&identity[..2], &environment).await.json();
    assert_eq!(who["Arn"], expected);

    // Use credential_process, with a command that prints the API's response.
    let cli = AwsCli::new();
    let file = cli.config_file().with_file_name("credentials.json");
    std::fs::write(&file, credentials.to_string()).unwrap();
    cli.write_config(&format!(
        "[profile broker]\ncredential_process = cat {}\nregion = us-east-1\n",
        file.display()
    ));
    let arguments = [&identity[..], &["--profile", "broker"]].concat();
    assert_eq!(cli.run(&arguments, &[]).await.json()["Arn"], expected);

    // Use the credentials file that the page shows.
    let form = [("role_arn".to_owned(), READER.to_owned())];
    let page = agent.post_form(app.at("/credentials"), &form).await;
    let texts = page.texts("[data-secret]");
    assert!(!texts.is_empty(), "{page}");
    let file = raw_texts(&page)
        .into_iter()
        .find(|text| text.starts_with('['))
        .expect("a profile");
    let profile = file[1..file.find(']').unwrap()].to_owned();
    let cli = AwsCli::new();
    cli.write_credentials(&file);
    cli.write_config(&format!("[profile {profile}]\nregion = us-east-1\n"));
    let arguments = [&identity[..], &["--profile", &profile]].concat();
    assert_eq!(cli.run(&arguments, &[]).await.json()["Arn"], expected);

    // Expired credentials are rejected.
    app.clock.advance(chrono::TimeDelta::hours(2));
    let refused = AwsCli::new().run(&identity, &variables(&credentials)).await;
    assert!(
        !refused.success && refused.stderr.contains("ExpiredToken"),
        "{refused:?}"
    );
}

/// The blocks of credentials on the page, exactly as they are copied, including line breaks.
fn raw_texts(page: &Page) -> Vec<String> {
    let html = scraper::Html::parse_document(&page.body);
    let secrets = scraper::Selector::parse("[data-secret]").unwrap();
    html.select(&secrets)
        .map(|element| element.text().collect())
        .collect()
}
