//! Counts the instructions that the verification pipeline executes. Unlike times, the counts are
//! the same on a busy machine as on an idle one.
//!
//! `make instructions` fails if a benchmark executes over 5% more instructions than the number
//! recorded here. If a change saves instructions, or adds some for a good reason, record the new
//! number.

#![allow(missing_docs, reason = "the macros make modules and functions")]

#[path = "support/messages.rs"]
mod messages;

use std::hint::black_box;

use gungraun::{
    Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use messages::{Algorithm, Bench};
use mimalloc::MiMalloc;
use rolecall::demo::idp::{Signed, encode};
use rolecall::saml::{Login, Refusal, response};

/// The allocator that `rolecall` uses.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Instruction counts, recorded on x86-64 with AVX2. Valgrind simulates the same processor on every
/// machine that has AVX2.
const ONE_ROLE: u64 = 726_829;
const HUNDRED_ROLES: u64 = 3_864_042;
const TWO_SIGNATURES: u64 = 1_935_943;
const TWO_ASSERTIONS: u64 = 286_408;

fn at_most(recorded: u64) -> LibraryBenchmarkConfig {
    let limit = recorded + recorded / 20;
    let mut callgrind = Callgrind::default();
    callgrind.hard_limits([(EventKind::Ir, limit)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

/// Makes a message, and verifies it once so that one-time work is not counted.
fn message(roles: usize, signed: Signed) -> (Bench, String) {
    let bench = Bench::new(Algorithm::Rsa(2048));
    let field = bench.field(roles, signed);
    bench.login(&field);
    (bench, field)
}

fn two_assertions() -> (Bench, String) {
    let (bench, field) = message(10, Signed::Assertion);
    let xml = response::decode(&field).expect("base64");
    let xml = xml.replace("<saml:Subject>", "<saml:Assertion/><saml:Subject>");
    (bench, encode(&xml))
}

#[library_benchmark]
#[bench::one_role(args = (1, Signed::Assertion), setup = message, config = at_most(ONE_ROLE))]
#[bench::hundred_roles(args = (100, Signed::Assertion), setup = message, config = at_most(HUNDRED_ROLES))]
#[bench::two_signatures(args = (10, Signed::Both), setup = message, config = at_most(TWO_SIGNATURES))]
fn accepted((bench, field): (Bench, String)) -> (Bench, Login) {
    let login = bench.login(black_box(&field));
    (bench, login)
}

#[library_benchmark]
#[bench::two_assertions(args = (), setup = two_assertions, config = at_most(TWO_ASSERTIONS))]
fn refused((bench, field): (Bench, String)) -> (Bench, Option<Refusal>) {
    let refusal = bench.open(black_box(&field)).err();
    (bench, refusal)
}

library_benchmark_group!(name = pipeline, benchmarks = [accepted, refused]);
main!(library_benchmark_groups = [pipeline]);
