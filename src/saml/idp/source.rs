//! Where metadata comes from: a file, or an address and the last good copy on disk.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Response, StatusCode};
use tempfile::NamedTempFile;
use url::Url;

use crate::causes::causes;
use crate::config::is_safe;
use crate::crypto;
use crate::saml::metadata::{MAX_BYTES, MetadataError};

/// How long it may take to get a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long it may take to get a document.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The most redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// Where metadata comes from.
#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf),
    Url(Url, Option<Kept>),
}

/// Reads a regular file of at most [`MAX_BYTES`].
pub fn read_file(path: &Path) -> Result<String, String> {
    let text = || {
        // Before it is opened: opening a pipe waits for somebody to write.
        if !fs::metadata(path)?.is_file() {
            return Err(io::Error::other("it is not a regular file"));
        }
        let mut text = String::new();
        let limit = u64::try_from(MAX_BYTES)
            .unwrap_or(u64::MAX)
            .saturating_add(1);
        fs::File::open(path)?
            .take(limit)
            .read_to_string(&mut text)?;
        io::Result::Ok(text)
    };
    text().map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The copy of the last good document of an address.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
}

impl Kept {
    /// A file in `folder`; configured ids are plain names. The address is in the name as well: what
    /// another address once gave may be another entity's.
    pub(super) fn new(folder: &Path, id: &str, url: &Url) -> Self {
        let digest = crypto::fingerprint(url.as_str().as_bytes());
        Self {
            path: folder.join(format!("{id}-{}.xml", &digest[..8])),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn read(&self) -> Result<Option<String>, String> {
        if self.path.exists() {
            read_file(&self.path).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Puts the document in the place of the one before, as a whole or not at all.
    pub(super) fn write(&self, document: &str) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(document.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&self.path)?;
        Ok(())
    }
}

/// What is wrong with a folder for copies, which need not be there yet; nothing is left in it.
pub fn folder_problem(folder: &Path) -> Option<String> {
    let there = folder.ancestors().find(|folder| folder.exists());
    let there = there.filter(|there| !there.as_os_str().is_empty());
    let there = there.unwrap_or(Path::new("."));
    let error = NamedTempFile::new_in(there).err()?;
    Some(format!(
        "{} cannot be written to: {}",
        there.display(),
        error.kind()
    ))
}

/// Fetches documents.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    /// A client that goes to safe addresses only.
    pub fn new() -> Result<Self, String> {
        let http = reqwest::Client::builder()
            .redirect(Policy::custom(follow))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build();
        Ok(Self {
            http: http.map_err(|error| causes(&error))?,
        })
    }

    /// The document.
    pub(super) async fn fetch(&self, url: &Url) -> Result<String, String> {
        let response = self.http.get(url.clone()).send().await.map_err(problem)?;
        match response.status() {
            StatusCode::OK => body(response).await,
            status => Err(format!("cannot fetch it: the answer is {status}")),
        }
    }
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if is_safe(attempt.url()) {
        attempt.follow()
    } else {
        attempt.error("a redirect to an address that is not https")
    }
}

/// What was sent, unless it is too large: the rest is then not read.
async fn body(mut response: Response) -> Result<String, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(problem)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(MetadataError::TooLarge.to_string());
        }
    }
    String::from_utf8(bytes).map_err(|_| "the document is not UTF-8".to_owned())
}

/// Without the address, which may hold a secret.
fn problem(error: reqwest::Error) -> String {
    format!("cannot fetch it: {}", causes(&error.without_url()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody writes to the pipe, so that whoever opened it would wait without end.
    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&*pipe, folder.path(), Path::new("/dev/zero")] {
            let problem = read_file(path).unwrap_err();
            assert!(problem.contains("not a regular file"), "{problem}");
        }
    }

    #[test]
    fn each_address_has_a_copy_of_its_own() {
        let kept = |url: &str| {
            let url = Url::parse(url).unwrap();
            Kept::new(Path::new("/kept"), "corp", &url).path
        };
        let one = kept("https://idp.example.com/metadata");
        assert_eq!(one, kept("https://idp.example.com/metadata"));
        assert_ne!(one, kept("https://idp.example.org/metadata"));
    }
}
