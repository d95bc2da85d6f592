//! TLS for the public listener. The certificate can be replaced while requests are served.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::ssl::{
    AlpnError, SniError, SslAcceptor, SslAcceptorBuilder, SslContext, SslContextBuilder, SslMethod,
    select_next_proto,
};
use openssl::x509::X509;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::config::{KeyPair, Mistake};

/// Why the TLS certificate and its key cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The path of the file.
        path: String,
        /// The operating system's error.
        source: std::io::Error,
    },
    /// The file contains no PEM certificate.
    #[error("{0} contains no PEM certificate")]
    Certificate(String),
    /// The file contains no PEM private key, or only an encrypted one.
    #[error("{0} contains no unencrypted PEM private key")]
    Key(String),
    /// The key does not match the certificate, or OpenSSL rejects one of them, for example because
    /// it is too weak.
    #[error("the certificate and its key cannot be used together: {0}")]
    Pair(ErrorStack),
    /// For a reason other than the certificate and its key, OpenSSL could not set up TLS.
    #[error("TLS cannot be set up: {0}")]
    Library(ErrorStack),
}

impl TlsError {
    fn mistake(&self, files: &KeyPair) -> Mistake {
        let is_key = match self {
            Self::File { path, .. } | Self::Key(path) => {
                *path == files.key_file.display().to_string()
            }
            _ => false,
        };
        Mistake {
            key: files.keys[usize::from(!is_key)].clone(),
            problem: self.to_string(),
            allowed: "a certificate with its chain, and its private key, both PEM".to_owned(),
        }
    }
}

/// The TLS certificate in use, and the files from which it is loaded.
#[derive(Clone)]
pub struct Tls {
    files: KeyPair,
    served: Arc<RwLock<Served>>,
}

/// The TLS context for new connections.
struct Served {
    context: SslContext,
    /// The digest of the files' contents when they were last read, even if the contents were
    /// unusable.
    seen: [u8; 32],
}

/// The contents of the certificate file and the key file.
struct Contents {
    chain: Vec<u8>,
    key: Zeroizing<Vec<u8>>,
}

impl Tls {
    /// Reads the certificate and its key from these files.
    pub fn read(files: &KeyPair) -> Result<Self, Mistake> {
        Self::try_read(files).map_err(|error| error.mistake(files))
    }

    /// The mistake in these files, if there is one.
    pub fn mistake(files: &KeyPair) -> Option<Mistake> {
        Self::read(files).err()
    }

    fn try_read(files: &KeyPair) -> Result<Self, TlsError> {
        let contents = Contents::read(files)?;
        let served = Served {
            context: contents.context(files)?,
            seen: contents.digest(),
        };
        Ok(Self {
            files: files.clone(),
            served: Arc::new(RwLock::new(served)),
        })
    }

    /// Builds the acceptor for the listener. Each handshake uses the certificate that is in effect
    /// at that time. The certificate is set by the server name callback, which OpenSSL calls in
    /// every handshake, even if the client sends no server name.
    pub fn acceptor(&self) -> Result<SslAcceptor, TlsError> {
        let mut builder = acceptor().map_err(TlsError::Library)?;
        let served = Arc::clone(&self.served);
        builder.set_servername_callback(move |ssl, _| {
            let served = served.read().unwrap_or_else(PoisonError::into_inner);
            ssl.set_ssl_context(&served.context)
                .map_err(|_| SniError::ALERT_FATAL)
        });
        Ok(builder.build())
    }

    /// Reloads the files if they have changed. Returns whether they have changed.
    ///
    /// # Errors
    /// If the files cannot be used, the previous certificate stays in effect. Unusable contents are
    /// reported only once, but a file that cannot be read is reported each time.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let contents = Contents::read(&self.files)?;
        let seen = contents.digest();
        let mut served = self.served.write().unwrap_or_else(PoisonError::into_inner);
        if served.seen == seen {
            return Ok(false);
        }
        served.seen = seen;
        served.context = contents.context(&self.files)?;
        Ok(true)
    }
}

impl Contents {
    fn read(files: &KeyPair) -> Result<Self, TlsError> {
        Ok(Self {
            chain: read(&files.certificate_file)?,
            key: Zeroizing::new(read(&files.key_file)?),
        })
    }

    fn digest(&self) -> [u8; 32] {
        sha256(&[sha256(&self.chain), sha256(&self.key)].concat())
    }

    fn context(&self, files: &KeyPair) -> Result<SslContext, TlsError> {
        let path = |path: &Path| path.display().to_string();
        let chain = X509::stack_from_pem(&self.chain).unwrap_or_default();
        let key = PKey::private_key_from_pem_callback(&self.key, |_| Ok(0))
            .map_err(|_| TlsError::Key(path(&files.key_file)))?;
        let mut chain = chain.into_iter();
        let certificate = chain
            .next()
            .ok_or_else(|| TlsError::Certificate(path(&files.certificate_file)))?;
        let mut builder = acceptor().map_err(TlsError::Library)?;
        with_certificate(&mut builder, &certificate, chain, &key).map_err(TlsError::Pair)?;
        Ok(builder.build().into_context())
    }
}

fn with_certificate(
    builder: &mut SslContextBuilder,
    certificate: &X509,
    chain: impl Iterator<Item = X509>,
    key: &PKey<openssl::pkey::Private>,
) -> Result<(), ErrorStack> {
    builder.set_certificate(certificate)?;
    for intermediate in chain {
        builder.add_extra_chain_cert(intermediate)?;
    }
    builder.set_private_key(key)?;
    builder.check_private_key()
}

/// Allows TLS 1.2 and 1.3 with forward secrecy, as Mozilla's "intermediate" configuration does, and
/// only HTTP/1.1.
fn acceptor() -> Result<SslAcceptorBuilder, ErrorStack> {
    let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
    builder.set_alpn_select_callback(|_, offered| {
        select_next_proto(b"\x08http/1.1", offered).ok_or(AlpnError::NOACK)
    });
    Ok(builder)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::File {
        path: path.display().to_string(),
        source,
    })
}
