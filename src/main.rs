//! The `rolecall` program: a thin wrapper around the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A login makes many small allocations, and mimalloc handles them faster than glibc's allocator.
/// The `no_thp` feature of mimalloc turns off huge pages, which would add 14 MB to the memory of an
/// idle service.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    rolecall::cli::run()
}
