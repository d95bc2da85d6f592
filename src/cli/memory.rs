//! Keeps the memory of the process out of files and away from other processes of the same user.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Prevents core dumps, which would write the secrets in memory to disk. Also keeps processes of the
/// same user from attaching to this one and from reading its memory and environment in `/proc`.
///
/// The limit covers the programs that this process starts, such as a `credential_process`. The other
/// setting covers systems that pipe core dumps to a program, where the limit has no effect.
pub(super) fn protect() -> Result<(), rustix::io::Errno> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
}
