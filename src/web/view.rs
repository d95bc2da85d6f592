//! The view models: one struct for each page, filled in by the handlers. View models contain no
//! application logic. Each kind of page has its own file.
//!
//! The templates escape every string. The handlers are responsible for URLs (`href`, `action`):
//! each is one of our own paths, or comes from the configuration or an IdP's metadata, but never
//! from a person's input.

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
    AskAgainPage, ContinuePage, IdpLink, ReplaceSessionPage, SignInPage, SignedOut, ToIdpPage,
};
pub use self::tools::{RefusedRequestView, ToolsPage};
