//! AssumeRoot (STS API reference), which issues credentials for root tasks in member accounts.

use std::sync::Arc;

use askama::Template;
use chrono::{SubsecRound as _, TimeDelta};
use secrecy::ExposeSecret as _;

use super::Sts;
use super::caller_identity::Caller;
use super::fault::Fault;
use super::parameters::Parameters;
use super::session::{Seconds, seconds, user_may};
use crate::aws::arn::{AccountId, RootArn};
use crate::aws::sts::RootTask;
use crate::demo::credentials::{Holder, IssuedCredentials, Origin, Session};

const ACTION: &str = "sts:AssumeRoot";
pub(super) const SECONDS: Seconds = Seconds {
    default: 900,
    min: 0,
    max: 900,
};

/// An organization with centralized root access. Users in one account may call AssumeRoot for the
/// member accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootAccess {
    /// The ID of the management account or of the delegated administrator account.
    pub administrator: String,
    /// The IDs of the member accounts.
    pub members: Vec<String>,
}

/// The template for the response to an AssumeRoot request.
#[derive(Debug, Template)]
#[template(path = "demo/sts/assume_root.xml")]
pub(super) struct AssumedRoot<'a> {
    pub credentials: Arc<IssuedCredentials>,
    pub request_id: &'a str,
}

impl Sts {
    pub(super) fn assume_root<'a>(
        &self,
        parameters: &Parameters,
        caller: &Caller,
        request_id: &'a str,
    ) -> Result<AssumedRoot<'a>, Fault> {
        let target = parameters.required("TargetPrincipal", "targetPrincipal", 12, 2048)?;
        let task = parameters.required("TaskPolicyArn.arn", "taskPolicyArn.arn", 20, 2048)?;
        let seconds = seconds(parameters, SECONDS)?;
        let account = match target.parse::<RootArn>() {
            Ok(root) => root.account().to_string(),
            Err(_) => target.to_owned(),
        };
        account
            .parse::<AccountId>()
            .map_err(|_| Fault::validation("TargetPrincipal is not an account"))?;
        let (partition, administrator) = (caller.partition().to_owned(), caller.account());
        let is_task = |known: &RootTask| {
            let partition = partition.parse().ok();
            partition.is_some_and(|partition| known.policy_arn(partition) == task)
        };
        if !RootTask::ALL.iter().any(is_task) {
            return Err(Fault::validation("TaskPolicyArn is not a root task policy"));
        }
        let root = format!("arn:{partition}:iam::{account}:root");
        let access = self.root_access.as_ref();
        let is_member = access.is_some_and(|access| {
            access.administrator == administrator && access.members.contains(&account)
        });
        match caller {
            Caller::User(user) if is_member => user_may(user, ACTION, &root)?,
            _ => return Err(Fault::not_authorized(&caller.arn(), ACTION, &root)),
        }
        let session = Session {
            partition,
            account,
            holder: Holder::Root {
                task: task.to_owned(),
            },
            source_identity: None,
            tags: Vec::new(),
            transitive_tags: Vec::new(),
            origin: Origin::AssumeRoot,
        };
        let expires = (self.clock.now() + TimeDelta::seconds(seconds)).trunc_subsecs(0);
        let credentials = self.register.issue(session, expires);
        Ok(AssumedRoot {
            credentials: credentials.map_err(|e| Fault::internal_failure(e.to_string()))?,
            request_id,
        })
    }
}
