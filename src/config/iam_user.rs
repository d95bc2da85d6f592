use super::aws::{SECRET, SECRET_ALLOWED, Secret, access_key_id, secret_access_key};
use super::kind::{Kind, text};
use super::reader::{Reader, Reported};
use crate::aws::arn::UserArn;

/// `[[iam_user]]`: an IAM user and its long-term access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IamUser {
    /// The user's ARN, unique among IAM users.
    pub arn: UserArn,
    /// The ID of the user's access key, unique among IAM users.
    pub access_key_id: String,
    /// The user's secret access key, from `secret_access_key_file`.
    pub secret_access_key: Secret,
}

impl IamUser {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Reported> {
        let arn = reader.unique("arn", &arn());
        let access_key_id = reader.unique("access_key_id", &access_key_id());
        let path = reader.secret_file(SECRET);
        let path = path.and_then(|path| {
            let missing = || reader.mistake(SECRET, "missing", SECRET_ALLOWED);
            path.ok_or_else(missing)
        });
        let secret_access_key = path.and_then(|path| secret_access_key(reader, &path));
        Ok(Self {
            arn: arn?.parse().map_err(|_| Reported)?,
            access_key_id: access_key_id?,
            secret_access_key: secret_access_key?,
        })
    }
}

fn arn() -> Kind<String> {
    let allowed = "a unique IAM user ARN, such as arn:aws:iam::111111111111:user/name";
    text(allowed, |text| match text.parse::<UserArn>() {
        Ok(arn) => Ok(arn.to_string()),
        Err(error) => Err(format!("{text:?}: {error}")),
    })
}
