//! Operation: the STS operations that we use, and how the SDK sends their requests.

use std::future::Future;

use aws_sdk_sts::config::Builder;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::{self, RequestId};

/// An SDK request. The SDK has a separate request type for each operation, but no trait that these
/// types share. Only the module `call` can access `Operation`. A test checks that the other modules
/// of `sts` send requests only through `call`.
pub trait Operation {
    /// The name of the operation in the STS API reference.
    const NAME: &'static str;
    /// The response from STS if the operation succeeds.
    type Output: RequestId;
    /// The error from STS if the operation fails.
    type Error: std::error::Error + ProvideErrorMetadata + RequestId + 'static;

    /// Sends the request. `config` overrides the client's configuration.
    fn send(
        self,
        config: Builder,
    ) -> impl Future<Output = Result<Self::Output, SdkError<Self::Error, HttpResponse>>>;
}

macro_rules! operations {
    ($($name:literal is $module:ident::{$builder:ident, $output:ident, $error:ident};)+) => {
        $(impl Operation for operation::$module::builders::$builder {
            const NAME: &'static str = $name;
            type Output = operation::$module::$output;
            type Error = operation::$module::$error;

            async fn send(
                self,
                config: Builder,
            ) -> Result<Self::Output, SdkError<Self::Error, HttpResponse>> {
                self.customize().config_override(config).send().await
            }
        })+

        /// The names of all operations, for tests that must cover every operation.
        #[cfg(test)]
        pub const NAMES: &[&str] = &[$($name),+];
    };
}

operations! {
    "AssumeRole" is assume_role::{AssumeRoleFluentBuilder, AssumeRoleOutput, AssumeRoleError};
    "AssumeRoleWithSAML" is assume_role_with_saml::{
        AssumeRoleWithSAMLFluentBuilder, AssumeRoleWithSamlOutput, AssumeRoleWithSAMLError
    };
    "AssumeRoleWithWebIdentity" is assume_role_with_web_identity::{
        AssumeRoleWithWebIdentityFluentBuilder,
        AssumeRoleWithWebIdentityOutput,
        AssumeRoleWithWebIdentityError
    };
    "AssumeRoot" is assume_root::{AssumeRootFluentBuilder, AssumeRootOutput, AssumeRootError};
    "DecodeAuthorizationMessage" is decode_authorization_message::{
        DecodeAuthorizationMessageFluentBuilder,
        DecodeAuthorizationMessageOutput,
        DecodeAuthorizationMessageError
    };
    "GetAccessKeyInfo" is get_access_key_info::{
        GetAccessKeyInfoFluentBuilder, GetAccessKeyInfoOutput, GetAccessKeyInfoError
    };
    "GetCallerIdentity" is get_caller_identity::{
        GetCallerIdentityFluentBuilder, GetCallerIdentityOutput, GetCallerIdentityError
    };
    "GetFederationToken" is get_federation_token::{
        GetFederationTokenFluentBuilder, GetFederationTokenOutput, GetFederationTokenError
    };
    "GetSessionToken" is get_session_token::{
        GetSessionTokenFluentBuilder, GetSessionTokenOutput, GetSessionTokenError
    };
}
