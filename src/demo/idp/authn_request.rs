//! Reading an AuthnRequest that came by HTTP-Redirect (saml-bindings 3.4).
