//! Sources of metadata: a file, or a URL. The last good document from a URL can be saved as a copy.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Response, StatusCode};
use tempfile::NamedTempFile;
use thiserror::Error;
use url::Url;

use super::kept::Kept;
use crate::causes::causes;
use crate::config::is_safe;
use crate::saml::metadata::{MAX_BYTES, MetadataError};

/// The maximum time for connecting to a server.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The maximum time for a whole request, including redirects and the response body.
const TIMEOUT: Duration = Duration::from_secs(20);
const MAX_REDIRECTS: usize = 3;

/// The source of an identity provider's metadata: a file, or a URL with a copy if copies are
/// enabled.
#[derive(Debug)]
pub(super) enum Source {
    File(PathBuf),
    Url(Url, Option<Kept>),
}

/// Why a file cannot be read or a document cannot be fetched.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The file cannot be read, is not a regular file, or is not UTF-8.
    #[error("cannot read {}: {error}", path.display())]
    Read {
        /// The file's path.
        path: PathBuf,
        /// Why the file cannot be read.
        error: io::Error,
    },
    /// The HTTP client cannot be created, for example because TLS cannot be initialized.
    #[error("{}", causes(.0))]
    Client(reqwest::Error),
    /// The request failed: for example, the server could not be reached, did not respond in time,
    /// or redirected to an unsafe URL. The error never contains the URL, because a URL may contain
    /// a secret.
    #[error("cannot fetch the document: {}", causes(.0))]
    Fetch(reqwest::Error),
    /// The server answered with a status other than 200.
    #[error("cannot fetch the document: the server answered {0}")]
    Status(StatusCode),
    /// The document is larger than [`MAX_BYTES`].
    #[error("{}", MetadataError::TooLarge)]
    TooLarge,
    /// The fetched document is not UTF-8.
    #[error("the document is not UTF-8")]
    NotUtf8,
}

impl From<reqwest::Error> for SourceError {
    fn from(error: reqwest::Error) -> Self {
        Self::Fetch(error.without_url())
    }
}

/// Reads a regular file, but at most one byte more than [`MAX_BYTES`]. From a text of that length,
/// the caller can tell that the file is too large.
pub fn read_file(path: &Path) -> Result<String, SourceError> {
    let text = || {
        // This check comes first, because opening a pipe blocks until somebody writes to it.
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
        Ok(text)
    };
    text().map_err(|error| SourceError::Read {
        path: path.to_owned(),
        error,
    })
}

/// Why copies cannot be written to `folder`; `None` if they can. To find out, this function creates
/// and removes a temporary file in `folder` or in the nearest existing folder above it.
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

/// An HTTP client that fetches metadata documents.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    /// Creates a client that follows at most three redirects. A redirect never leaves https: not
    /// even to this machine, where another user may listen on the port.
    pub fn new() -> Result<Self, SourceError> {
        let http = reqwest::Client::builder()
            .redirect(Policy::custom(follow))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .build();
        Ok(Self {
            http: http.map_err(SourceError::Client)?,
        })
    }

    /// Fetches the document. A status other than 200 is an error.
    pub(super) async fn fetch(&self, url: &Url) -> Result<String, SourceError> {
        let response = self.http.get(url.clone()).send().await?;
        match response.status() {
            StatusCode::OK => body(response).await,
            status => Err(SourceError::Status(status)),
        }
    }
}

fn follow(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        attempt.error("too many redirects")
    } else if stays_safe(&attempt) {
        attempt.follow()
    } else {
        attempt.error("a redirect to a URL that is not https")
    }
}

/// Whether the next URL is https, or http on this machine after nothing but such URLs.
fn stays_safe(attempt: &Attempt<'_>) -> bool {
    let began_here = attempt.previous().iter().all(|url| url.scheme() == "http");
    is_safe(attempt.url()) && (began_here || attempt.url().scheme() == "https")
}

/// Reads the response body. Fails as soon as more than [`MAX_BYTES`] bytes have arrived.
async fn body(mut response: Response) -> Result<String, SourceError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_BYTES {
            return Err(SourceError::TooLarge);
        }
    }
    String::from_utf8(bytes).map_err(|_| SourceError::NotUtf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nobody writes to the pipe, so opening it would block forever.
    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        for path in [&*pipe, folder.path(), Path::new("/dev/zero")] {
            let problem = read_file(path).unwrap_err().to_string();
            assert!(problem.contains("not a regular file"), "{problem}");
        }
    }
}
