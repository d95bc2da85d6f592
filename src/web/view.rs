//! What the pages show: one struct a page, filled by the handlers. No logic, and no knowledge of
//! the other rooms. What every page has is here, each kind of page in a file of its own.
//!
//! Every string is escaped where it is written. Addresses (`href`, `action`) are the handlers'
//! responsibility: they are paths of ours or addresses from the configuration, never a person's
//! input.

mod ask;
mod credentials;
mod demo;
mod error;
mod frame;
mod markup;
mod me;
mod portal;
mod respond;
mod sign_in;
#[cfg(test)]
mod tests;
mod tools;

pub use self::ask::{AskPage, CodeView, ReasonView};
pub use self::credentials::{
    Choices, CredentialsPage, FormatView, MASK, ProfileView, ReducedView, RefusedView, SeveralPage,
};
pub use self::demo::{DemoConsolePage, DemoIdpPage, DemoNoticePage, DemoPostPage, PersonView};
pub use self::error::{AboutView, ErrorPage, HelpButton};
pub use self::frame::{Frame, HiddenField};
pub use self::me::{DroppedView, MePage, TagView};
pub use self::portal::{
    AccountLabel, AccountView, BehindView, ChoiceOption, FactView, GoPage, GoRole, GoodFor,
    NoRolesPage, PortalPage, RoleView, account_labels,
};
pub use self::respond::{respond, respond_compressed};
pub use self::sign_in::{
    ContinuePage, IdpLink, ReplaceSessionPage, SignInPage, SignedOut, ToIdpPage,
};
pub use self::tools::{RefusedRequestView, ToolsPage};
