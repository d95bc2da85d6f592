//! Role ARN: identifies an IAM role.

use super::{ArnError, named_arn};

named_arn!(
    /// The ARN of an IAM role: `arn:aws:iam::123456789012:role/path/name`.
    RoleArn,
    "role/",
    ArnError::NotARole
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::AccountIdError;
    use super::*;
    use crate::aws::partition::Partition;

    #[test]
    fn accepts_the_roles_of_every_partition() {
        for partition in Partition::ALL {
            let text = format!("arn:{partition}:iam::123456789012:role/team/blue/Admin");
            let role: RoleArn = text.parse().expect("a role");
            assert_eq!(role.partition(), partition);
            assert_eq!(role.account().as_str(), "123456789012");
            assert_eq!(role.name(), "Admin");
            assert_eq!(role.to_string(), text);
        }
    }

    #[test]
    fn accepts_every_character_that_iam_allows() {
        let role: RoleArn = "arn:aws:iam::123456789012:role/a:b,c!~/Ab_1+=,.@-"
            .parse()
            .expect("a role");
        assert_eq!(role.name(), "Ab_1+=,.@-");
    }

    #[test]
    fn each_mistake_has_its_own_error() {
        let name = ArnError::Name { maximum: 64 };
        for (text, expected) in [
            ("", ArnError::NotAnArn),
            ("arn:aws:iam::123456789012", ArnError::NotAnArn),
            ("ARN:aws:iam::123456789012:role/a", ArnError::NotAnArn),
            (" arn:aws:iam::123456789012:role/a", ArnError::NotAnArn),
            ("arn:aws-mars:iam::123456789012:role/a", ArnError::Partition),
            ("arn::iam::123456789012:role/a", ArnError::Partition),
            ("arn:aws:sts::123456789012:role/a", ArnError::Service),
            (
                "arn:aws:iam:us-east-1:123456789012:role/a",
                ArnError::Region,
            ),
            (
                "arn:aws:iam::12345:role/a",
                ArnError::Account(AccountIdError),
            ),
            ("arn:aws:iam::123456789012:user/a", ArnError::NotARole),
            ("arn:aws:iam::123456789012:roles/a", ArnError::NotARole),
            ("arn:aws:iam::123456789012:role", ArnError::NotARole),
            ("arn:aws:iam::123456789012:role/", name),
            ("arn:aws:iam::123456789012:role/path/", name),
            ("arn:aws:iam::123456789012:role/a b", name),
            ("arn:aws:iam::123456789012:role/a ", name),
            ("arn:aws:iam::123456789012:role/\u{e4}", name),
            ("arn:aws:iam::123456789012:role/a*", name),
            ("arn:aws:iam::123456789012:role//c", ArnError::Path),
            ("arn:aws:iam::123456789012:role/a b/c", ArnError::Path),
            ("arn:aws:iam::123456789012:role/\u{e4}/c", ArnError::Path),
        ] {
            assert_eq!(text.parse::<RoleArn>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn length_limits_match_iam() {
        let role = |path: usize, name: usize| {
            format!(
                "arn:aws:iam::123456789012:role/{}/{}",
                "p".repeat(path),
                "n".repeat(name)
            )
            .parse::<RoleArn>()
        };
        assert!(role(510, 64).is_ok());
        assert_eq!(role(511, 64), Err(ArnError::Path));
        assert_eq!(role(510, 65), Err(ArnError::Name { maximum: 64 }));
    }

    #[test]
    fn is_validated_when_read_from_json() {
        let json = "\"arn:aws:iam::123456789012:role/Admin\"";
        let role: RoleArn = serde_json::from_str(json).expect("a role");
        assert_eq!(serde_json::to_string(&role).expect("json"), json);
        assert!(serde_json::from_str::<RoleArn>("\"arn:aws:iam::1:role/Admin\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_kept_as_it_is(text in "(arn:aws:iam::123456789012:role/)?\\PC{0,80}") {
            if let Ok(role) = text.parse::<RoleArn>() {
                prop_assert_eq!(role.as_str(), text.as_str());
                prop_assert!(text.ends_with(role.name()));
            }
        }
    }
}
