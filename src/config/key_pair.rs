use std::path::PathBuf;

use super::kind::file;
use super::reader::{Reader, Reported};

/// The files of a private key and its certificate, both in PEM format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPair {
    /// The path of the private key.
    pub key_file: PathBuf,
    /// The path of the certificate. Our metadata contains the certificate, or our listener uses it
    /// for TLS.
    pub certificate_file: PathBuf,
    /// The full configuration keys of the private key and of the certificate, in this order.
    pub keys: [String; 2],
}

impl KeyPair {
    /// Reads the paths of both files, which must be set together. `keys` contains the configuration
    /// keys of the private key and of the certificate, in this order.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        keys: [&'static str; 2],
    ) -> Result<Option<Self>, Reported> {
        let key_file = reader.secret_file(keys[0]);
        let certificate_file = reader.optional(keys[1], &file(reader.folder()));
        let (missing, there) = match (key_file?, certificate_file?) {
            (Some(key_file), Some(certificate_file)) => {
                return Ok(Some(Self {
                    key_file,
                    certificate_file,
                    keys: keys.map(|key| reader.whole_key(key)),
                }));
            }
            (None, None) => return Ok(None),
            (Some(_), None) => (keys[1], keys[0]),
            (None, Some(_)) => (keys[0], keys[1]),
        };
        let problem = format!("missing, but {} is set", reader.whole_key(there));
        Err(reader.mistake(missing, problem, "both files or neither"))
    }
}
