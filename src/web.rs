//! (being written)

pub mod assets;
pub mod page;
