//! User ARN: identifies an IAM user.

use super::{ArnError, named_arn};

named_arn!(
    /// The ARN of an IAM user: `arn:aws:iam::123456789012:user/path/name`.
    UserArn,
    "user/",
    ArnError::NotAUser
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::partition::Partition;

    #[test]
    fn accepts_only_users() {
        for partition in Partition::ALL {
            let text = format!("arn:{partition}:iam::123456789012:user/apps/rolecall@x");
            let user: UserArn = text.parse().expect("a user");
            assert_eq!(user.partition(), partition);
            assert_eq!(user.account().as_str(), "123456789012");
            assert_eq!(user.name(), "rolecall@x");
            assert_eq!(user.to_string(), text);
        }
        let refused = |text: &str| text.parse::<UserArn>().expect_err(text);
        let role = refused("arn:aws:iam::123456789012:role/a");
        assert_eq!(role, ArnError::NotAUser);
        let path = refused("arn:aws:iam::123456789012:user//a");
        assert_eq!(path, ArnError::Path);
        let long = format!("arn:aws:iam::123456789012:user/{}", "x".repeat(65));
        assert_eq!(refused(&long), ArnError::Name { maximum: 64 });
    }
}
