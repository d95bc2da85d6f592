//! The `rolecall` program: a thin wrapper around the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

/// A login makes many small allocations, and mimalloc handles them faster than glibc's allocator.
/// The `no_thp` feature of mimalloc turns off huge pages, which would add 14 MB to the memory of an
/// idle service.
///
/// All memory is overwritten when it is freed, because credentials and assertions pass through
/// buffers of libraries that do not wipe them. This costs some 2 ns, and 11 ns more for each KiB.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> ExitCode {
    rolecall::cli::run()
}
