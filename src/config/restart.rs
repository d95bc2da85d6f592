//! Keys that need a restart: a reload ignores changes to them.

use super::{Config, KeyPair, Mistake};
use crate::grant::Via;

/// Replaces the new value of each listed key with the running value. Keys that are not listed keep
/// their new values. Returns the listed keys for which the two values were different.
macro_rules! keep {
    ($new:ident, $running:ident: $($key:literal: $($field:ident).+,)+) => {{
        let mut differ = Vec::new();
        $(if $new.$($field).+ != $running.$($field).+ {
            differ.push($key);
            $new.$($field).+.clone_from(&$running.$($field).+);
        })+
        differ
    }};
}

impl Config {
    /// The configuration after a reload of a service that runs with `running`. Keys that need a
    /// restart keep their running values. Also returns the names of the keys that need a restart
    /// and have changed.
    pub fn reloaded_over(mut self, running: &Self) -> (Self, Vec<&'static str>) {
        let mut differ = self.keep_tls_of(running);
        differ.extend(keep!(self, running:
            "public_url": public_url,
            "http.listen": http.listen,
            "http.internal_listen": http.internal_listen,
            "limits.connections": limits.connections,
            "limits.body_bytes": limits.body_bytes,
            "limits.header_seconds": limits.header_seconds,
            "limits.session_megabytes": limits.session_megabytes,
            "saml.entity_id": saml.entity_id,
            "oidc": oidc,
            "audit.file": audit.file,
            "audit.sync": audit.sync,
        ));
        (self, differ)
    }

    fn keep_tls_of(&mut self, running: &Self) -> Vec<&'static str> {
        let (new, old) = (self.http.tls.as_ref(), running.http.tls.as_ref());
        let key = |tls: Option<&KeyPair>| tls.map(|tls| tls.key_file.clone());
        let certificate = |tls: Option<&KeyPair>| tls.map(|tls| tls.certificate_file.clone());
        let differ = [
            (key(new) != key(old)).then_some("http.tls_key_file"),
            (certificate(new) != certificate(old)).then_some("http.tls_certificate_file"),
        ];
        self.http.tls.clone_from(&running.http.tls);
        differ.into_iter().flatten().collect()
    }

    /// Returns the mistakes in a configuration in which some keys have kept their running values,
    /// see [`Self::reloaded_over`].
    pub fn mistakes_until_restart(&self) -> Vec<Mistake> {
        let mut mistakes = self.grants_that_need_a_restart();
        let proxy = self.http.unknown_proxy(&self.public_url);
        mistakes.extend(proxy.map(|mistake| Mistake {
            problem: format!("{} until a restart", mistake.problem),
            ..mistake
        }));
        mistakes
    }

    /// Returns a mistake for each grant that would work only after a restart.
    fn grants_that_need_a_restart(&self) -> Vec<Mistake> {
        if self.oidc.is_some() {
            return Vec::new();
        }
        let grants = self.grants.iter().enumerate();
        let tokens = grants.filter(|(_, grant)| grant.via == Via::WebIdentity);
        let mistakes = tokens.map(|(index, _)| Mistake {
            key: format!("grant[{index}].via"),
            problem: "web-identity, but the service was started without [oidc]".to_owned(),
            allowed: "web-identity only after a restart with [oidc]".to_owned(),
        });
        mistakes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(lines: &str) -> Config {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rolecall.toml");
        let idp = "[[idp]]\nid = \"corp\"\nname = \"Corp\"\nmetadata_file = \"/idp.xml\"\n";
        std::fs::write(&file, format!("{lines}\n{idp}")).unwrap();
        Config::load(&file, []).unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }

    const PUBLIC_URL: &str = "public_url = \"http://localhost\"";
    const HTTPS: &str = "public_url = \"https://aws.example.com\"\n[http]\n";
    const TLS: &str = "tls_key_file = \"/k.key\"\ntls_certificate_file = \"/c.crt\"";

    #[test]
    fn changes_that_need_a_restart_are_named_and_not_applied() {
        let running = config(PUBLIC_URL);
        for (lines, key) in [
            ("[http]\nlisten = \"127.0.0.1:1\"", "http.listen"),
            (
                "[http]\ninternal_listen = \"127.0.0.1:1\"",
                "http.internal_listen",
            ),
            ("[limits]\nconnections = 1", "limits.connections"),
            ("[limits]\nbody_bytes = 1", "limits.body_bytes"),
            ("[limits]\nheader_seconds = 1", "limits.header_seconds"),
            (
                "[limits]\nsession_megabytes = 1",
                "limits.session_megabytes",
            ),
            ("[saml]\nentity_id = \"urn:x\"", "saml.entity_id"),
            ("[audit]\nfile = \"/audit\"", "audit.file"),
        ] {
            let changed = config(&format!("{PUBLIC_URL}\n{lines}"));
            let (taken_up, named) = changed.reloaded_over(&running);
            assert_eq!(named, [key]);
            assert_eq!(taken_up, running, "{key}");
        }
        let moved = config("public_url = \"http://other.localhost\"");
        let (taken_up, named) = moved.reloaded_over(&running);
        assert_eq!(named, ["public_url", "saml.entity_id"]);
        assert_eq!(taken_up, running);
    }

    fn pem() -> Vec<u8> {
        let key = openssl::rsa::Rsa::generate(2048).unwrap();
        key.private_key_to_pem().unwrap()
    }

    /// If rolecall accepted such a grant, nobody would notice the problem until somebody requested
    /// credentials.
    #[test]
    fn a_grant_that_depends_on_a_setting_that_needs_a_restart_is_a_mistake() {
        let running = config(PUBLIC_URL);
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.pem");
        std::fs::write(&key, pem()).unwrap();
        let oidc = format!("[oidc]\nsigning_key_files = [{key:?}]\n");
        let lines = "[[grant]]\nname = \"all\"\nwhen = []\n\
             role_arns = [\"arn:aws:iam::111111111111:role/Web\"]\nvia = \"web-identity\"\n";
        let changed = config(&format!("{PUBLIC_URL}\n{oidc}{lines}"));
        let (taken_up, _) = changed.clone().reloaded_over(&running);
        let mistakes = taken_up.mistakes_until_restart();
        let keys: Vec<_> = mistakes.iter().map(|mistake| &*mistake.key).collect();
        assert_eq!(keys, ["grant[0].via"]);
        let (taken_up, _) = changed.clone().reloaded_over(&changed);
        assert!(taken_up.mistakes_until_restart().is_empty());
    }

    /// The service goes on behind a proxy that the new configuration no longer names.
    #[test]
    fn a_proxy_must_be_named_until_a_restart() {
        let running = config(&format!("{HTTPS}trusted_proxies = [\"127.0.0.1\"]"));
        let mistakes = |new: &str| {
            let (taken_up, _) = config(new).reloaded_over(&running);
            let mistakes = taken_up.mistakes_until_restart();
            mistakes.into_iter().map(|mistake| mistake.key).collect()
        };
        let none: [&str; 0] = [];
        let keys: Vec<String> = mistakes(&format!("{HTTPS}{TLS}"));
        assert_eq!(keys, ["http.trusted_proxies"]);
        let keys: Vec<String> = mistakes(PUBLIC_URL);
        assert_eq!(keys, ["http.trusted_proxies"]);
        let keys: Vec<String> = mistakes(&format!("{HTTPS}{TLS}\ntrusted_proxies = []"));
        assert_eq!(keys, none);
    }

    #[test]
    fn every_other_setting_is_reloaded() {
        let running = config(PUBLIC_URL);
        for lines in [
            "[http]\ntrusted_proxies = [\"10.0.0.0/8\"]",
            "[limits]\nrequests_per_minute = 1",
            "[limits]\nwaiting_milliseconds = 1",
            "[limits]\nunfinished_per_address = 1",
            "[session]\nmax_age_seconds = 300",
            "[portal]\nname = \"AWS\"",
            "[aws]\nregion = \"eu-central-1\"",
            "[saml]\naudiences = [\"urn:x\"]",
        ] {
            let changed = config(&format!("{PUBLIC_URL}\n{lines}"));
            let (taken_up, named) = changed.clone().reloaded_over(&running);
            assert!(named.is_empty(), "{named:?}");
            assert_eq!(taken_up, changed, "{lines}");
        }
    }
}
