//! Checks the code blocks in the documents, each with a program or parser for its language. Blocks
//! in the language `text` are not checked.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rolecall::config::Config;

use crate::support::partners::{installed, program};

struct Block {
    /// The file and line of the opening fence.
    place: String,
    language: String,
    text: String,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md"]
        .map(|name| root.join(name))
        .into();
    for folder in ["docs", "docs/grants"] {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        found.extend(paths.filter(|path| path.extension().is_some_and(|it| it == "md")));
    }
    found
}

/// The code blocks of a document. If a block is in a list item, its indentation is removed.
fn blocks(path: &Path) -> Vec<Block> {
    let text = fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    let mut open: Option<(usize, Block)> = None;
    for (number, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        open = match (open, fence) {
            (None, None) => None,
            (None, Some(language)) => {
                let block = Block {
                    place: format!("{}:{}", path.display(), number + 1),
                    language: language.to_owned(),
                    text: String::new(),
                };
                Some((line.len() - line.trim_start().len(), block))
            }
            (Some((_, block)), Some(_)) => {
                found.push(block);
                None
            }
            (Some((indent, mut block)), None) => {
                block.text.push_str(line.get(indent..).unwrap_or_default());
                block.text.push('\n');
                Some((indent, block))
            }
        };
    }
    assert!(open.is_none(), "{}: a block does not end", path.display());
    found
}

/// Runs a checker with `text` as its standard input. If the checker fails, returns its output.
fn run(mut checker: Command, text: &str) -> Result<(), String> {
    let mut child = checker
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Writing fails if the checker exits early. Its exit status then reports the problem.
    let _ = stdin.write_all(text.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed).into_owned();
    output.status.success().then_some(()).ok_or(printed)
}

fn python(code: &str, text: &str) -> Result<(), String> {
    let mut command = Command::new(installed("python/bin/python"));
    command.args(["-c", code]);
    run(command, text)
}

/// The smallest valid configuration. It completes code blocks that show only part of a
/// configuration.
const REST: &str = r#"
public_url = "https://aws.example.com"
[[idp]]
id = "corp"
name = "Example Corp"
metadata_file = "corp-idp.xml"
"#;

/// Where TLS ends, which every configuration with an HTTPS URL must state.
const PROXY: &str = "[http]\ntrusted_proxies = [\"127.0.0.1\"]\n";

/// The issuer that grants of the kind `web-identity` need.
const ISSUER: &str = "[oidc]\nsigning_key_files = [\"oidc.pem\"]\n";

/// Checks that an example configuration has no mistakes apart from files that cannot be read.
fn toml(text: &str) -> Result<(), String> {
    let is_whole = text.contains("public_url");
    let unless_in_text = |section: &str, rest| if text.contains(section) { "" } else { rest };
    let issuer = unless_in_text("[oidc]", ISSUER);
    let proxy = unless_in_text("[http]", PROXY);
    let text = if is_whole {
        text.to_owned()
    } else {
        format!("{REST}{proxy}{issuer}{text}")
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rolecall.toml");
    fs::write(&path, text).unwrap();
    let Err(mistakes) = Config::load(&path, []) else {
        return Ok(());
    };
    let is_of_a_file =
        |line: &&str| line.contains("cannot read ") || line.contains("there is no such file");
    let mistakes = mistakes.to_string();
    let others: Vec<_> = mistakes
        .lines()
        .filter(|line| !is_of_a_file(line))
        .collect();
    others.is_empty().then_some(()).ok_or(others.join("\n"))
}

fn json(text: &str) -> Result<(), String> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let values: Result<Vec<_>, _> = values.collect();
    values.map(drop).map_err(|error| error.to_string())
}

fn check(language: &str, text: &str) -> Result<(), String> {
    match language {
        "toml" => toml(text),
        "json" => json(text),
        "sh" => {
            let mut bash = Command::new(program("bash"));
            bash.arg("-n");
            run(bash, text)
        }
        "php" => {
            let mut php = Command::new(program("php"));
            php.arg("-l");
            run(php, &format!("<?php\n{text}"))
        }
        // By default, PyYAML rejects CloudFormation's own tags, such as `!Ref`.
        "yaml" => python(
            "import sys, yaml\n\
             yaml.SafeLoader.add_multi_constructor('!', lambda *_: '')\n\
             yaml.safe_load(sys.stdin)",
            text,
        ),
        "hcl" => python("import sys, hcl2; hcl2.load(sys.stdin)", text),
        "ini" => python(
            "import sys, configparser\n\
             configparser.ConfigParser(interpolation=None).read_file(sys.stdin)",
            text,
        ),
        "nginx" => python(
            "import sys, crossplane, tempfile\n\
             file = tempfile.NamedTemporaryFile('w', suffix='.conf')\n\
             file.write('events {}\\nhttp {\\n' + sys.stdin.read() + '}\\n')\n\
             file.flush()\n\
             parsed = crossplane.parse(file.name)\n\
             sys.exit(str(parsed['errors']) if parsed['errors'] else 0)",
            text,
        ),
        // Diagrams, output, and languages that only one product can read.
        "text" => Ok(()),
        other => Err(format!("no checker for {other:?}")),
    }
}

#[test]
fn every_code_block_is_valid() {
    let blocks: Vec<_> = documents().iter().flat_map(|path| blocks(path)).collect();
    assert!(blocks.len() > 60, "{}", blocks.len());
    let problems = blocks.iter().filter_map(|block| {
        let problem = check(&block.language, &block.text).err()?;
        Some(format!("{}: {problem}", block.place))
    });
    let problems: Vec<_> = problems.collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn each_checker_refuses_nonsense() {
    for (language, nonsense) in [
        ("toml", "colour = 1\n"),
        ("json", "{\"a\": }"),
        ("sh", "if true; then\n"),
        ("php", "$a = ;\n"),
        ("yaml", "a: [1\n"),
        ("hcl", "a = {\n"),
        ("ini", "no section = 1\n"),
        ("nginx", "server { listen 443 }\n"),
        ("cobol", ""),
    ] {
        assert!(check(language, nonsense).is_err(), "{language}");
    }
}
