//! What a reload does not take up: keys that need a restart.

use super::Config;

impl Config {
    /// This configuration as a running service takes it up that began with `running`: what needs a
    /// restart stays as it is there. Also names the keys of that kind that differ.
    pub fn beside(self, running: &Self) -> (Self, Vec<&'static str>) {
        let mut differ = Vec::new();
        let mut keep = |key, is_same: bool| {
            if !is_same {
                differ.push(key);
            }
        };
        let (new, old) = (&self, running);
        keep("public_url", new.public_url == old.public_url);
        keep("http.listen", new.http.listen == old.http.listen);
        keep(
            "http.internal_listen",
            new.http.internal_listen == old.http.internal_listen,
        );
        keep("http.tls_key_file", new.http.tls == old.http.tls);
        keep(
            "limits.connections",
            new.limits.connections == old.limits.connections,
        );
        keep(
            "limits.body_bytes",
            new.limits.body_bytes == old.limits.body_bytes,
        );
        keep(
            "limits.header_seconds",
            new.limits.header_seconds == old.limits.header_seconds,
        );
        keep(
            "limits.session_megabytes",
            new.limits.session_megabytes == old.limits.session_megabytes,
        );
        keep("saml.entity_id", new.saml.entity_id == old.saml.entity_id);
        keep("oidc", new.oidc == old.oidc);
        keep("audit.file", new.audit == old.audit);
        (self.with_fixed_keys_of(running), differ)
    }

    fn with_fixed_keys_of(mut self, running: &Self) -> Self {
        self.public_url.clone_from(&running.public_url);
        self.http.listen = running.http.listen;
        self.http.internal_listen = running.http.internal_listen;
        self.http.tls.clone_from(&running.http.tls);
        self.limits.connections = running.limits.connections;
        self.limits.body_bytes = running.limits.body_bytes;
        self.limits.header_seconds = running.limits.header_seconds;
        self.limits.session_megabytes = running.limits.session_megabytes;
        self.saml.entity_id.clone_from(&running.saml.entity_id);
        self.oidc.clone_from(&running.oidc);
        self.audit.clone_from(&running.audit);
        self
    }
}
