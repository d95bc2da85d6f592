//! A load test of the real program: logins, portals and credentials.
//!
//! `cargo bench --bench logins` starts `rolecall serve` on one processor of this machine and
//! generates the load on the others. It measures the cost of a login, the maximum rate in logins
//! per second, the login times at half the maximum, and the behavior at twice the maximum. The
//! IdP's responses are made and signed beforehand. To measure another build, set `ROLECALL` to the
//! path of its program.

mod support;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::http::{Connection, get, post};
use support::program::{Options, Program, free_address, run_on};
use support::{Login, MOST_ROLES, Partners, Responded, SentRequest, Times, role_values};
use tokio::time::{Instant, sleep_until};

/// The processor that the program runs on; the load is generated on the others.
const PROCESSOR: usize = 0;
/// The size of a typical response, in bytes of XML.
const USUAL_BYTES: usize = 6_700;
const ONE_BY_ONE: usize = 2_000;
const MANY: usize = 10_000;
const OVERLOAD: Duration = Duration::from_secs(4);
const CONNECTIONS: usize = 32;
/// The number of connections in the tests at half and at twice the saturation rate.
const CROWD: usize = 4_000;
const PORTALS: usize = 2_000;
const CREDENTIALS: usize = 500;

#[actix_web::main]
async fn main() {
    if let Err(error) = rlimit::increase_nofile_limit(8_192) {
        println!("the limit on open files cannot be raised: {error}");
    }
    let load = Load::start().await;
    let roles = load.partners.roles_of_size(USUAL_BYTES);
    println!("-- logins with {roles} roles, from the POST to the session");
    let sessions = load.one_by_one(roles).await;
    let saturation = load.saturation(roles).await;
    load.at_half(roles, saturation / 2.0).await;
    load.at_twice(roles, saturation * 2.0).await;
    println!("-- pages");
    load.portals(&format!("portal with {roles} roles"), &sessions[0])
        .await;
    let all = load.prepare(1, MOST_ROLES).await;
    let all = load.session(&all[0]).await;
    load.portals(&format!("portal with {MOST_ROLES} roles"), &all)
        .await;
    println!("-- credentials");
    load.credentials(roles).await;
    println!(
        "resident memory at the end: {} KiB",
        load.program.resident()
    );
}

/// The program, its partners, and the processors that generate the load.
#[derive(Clone)]
struct Load {
    program: Arc<Program>,
    partners: Arc<Partners>,
    others: String,
}

impl Load {
    async fn start() -> Self {
        let address = free_address();
        let partners = Partners::start(address);
        let options = Options {
            limits: "requests_per_minute = 0".to_owned(),
            aws: partners.aws(),
            processor: Some(PROCESSOR),
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let others = match processors {
            1 => PROCESSOR.to_string(),
            many => format!("{}-{}", PROCESSOR + 1, many - 1),
        };
        let program = Program::start(address, &partners.metadata(), &options).await;
        println!("ready after {:?}", program.ready_after);
        println!("resident memory when idle: {} KiB", program.resident());
        Self {
            program: Arc::new(program),
            partners: Arc::new(partners),
            others,
        }
    }

    async fn connect(&self) -> Connection {
        let connection = Connection::open(Ipv4Addr::LOCALHOST, self.program.address).await;
        connection.expect("a connection")
    }

    /// Begins this many logins, and prepares their POST requests to the ACS. Signing uses all
    /// processors; afterwards this process no longer uses the program's processor.
    async fn prepare(&self, logins: usize, roles: usize) -> Arc<[Responded]> {
        let begun = self.program.processor_time();
        let mut connection = self.connect().await;
        let mut asked = Vec::with_capacity(logins);
        for _ in 0..logins {
            asked.push(SentRequest::ask(&mut connection).await);
        }
        if logins >= MANY {
            self.cost("sent to the IdP", logins, begun);
        }
        run_on(&format!(
            "{PROCESSOR}-{}",
            self.others.rsplit('-').next().unwrap_or("0")
        ));
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let mut parts: Vec<Vec<_>> = (0..processors).map(|_| Vec::new()).collect();
        for (number, asked) in asked.into_iter().enumerate() {
            parts[number % processors].push((number, asked));
        }
        let partners = &*self.partners;
        let answered = std::thread::scope(|scope| {
            let threads = parts.into_iter().map(|part| {
                scope.spawn(move || {
                    let answered = part
                        .into_iter()
                        .map(|(number, asked)| asked.answered(partners, number, roles));
                    answered.collect::<Vec<_>>()
                })
            });
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("the IdP signs"))
                .collect()
        });
        run_on(&self.others);
        answered
    }

    /// Prints the processor time that the program has used since the measurement began, divided by
    /// `count`. `begun` is the program's processor time at the beginning of the measurement.
    fn cost(&self, what: &str, count: usize, begun: Duration) {
        let spent = self.program.processor_time().saturating_sub(begun);
        let each = spent / u32::try_from(count).expect("a small number");
        println!("{what}: {each:?} of the program's processor time on average");
    }

    async fn session(&self, login: &Responded) -> String {
        match login.finish(&mut self.connect().await).await {
            Login::Session(cookie) => cookie,
            Login::Busy(_) => panic!("the service was too busy"),
        }
    }

    /// Finishes logins one after another on one connection.
    async fn one_by_one(&self, roles: usize) -> Vec<String> {
        let logins = self.prepare(ONE_BY_ONE, roles).await;
        let mut connection = self.connect().await;
        let (mut times, mut sessions) = (Times::default(), Vec::new());
        let begun = self.program.processor_time();
        for login in &*logins {
            let at = Instant::now();
            let Login::Session(session) = login.finish(&mut connection).await else {
                panic!("the service was too busy")
            };
            times.push(at.elapsed());
            sessions.push(session);
        }
        println!("one by one: {}", times.summary());
        self.cost("one by one", logins.len(), begun);
        sessions
    }

    /// Finishes logins as fast as the program allows; returns the rate in logins per second.
    async fn saturation(&self, roles: usize) -> f64 {
        let logins = self.prepare(MANY, roles).await;
        let (processor, begun) = (self.program.processor_time(), Instant::now());
        let outcome = self.drive(Arc::clone(&logins), CONNECTIONS, None).await;
        let rate = per_second(logins.len(), begun.elapsed());
        println!(
            "{CONNECTIONS} at a time: {rate:.0} logins/s; {}",
            outcome.summary()
        );
        self.cost("saturated", logins.len(), processor);
        rate
    }

    async fn at_half(&self, roles: usize, rate: f64) {
        let logins = self.prepare(MANY, roles).await;
        let mut outcome = self.drive(logins, CROWD, Some(rate)).await;
        let late = outcome.late.summary();
        println!("at half load ({rate:.0}/s): {}", outcome.summary());
        println!("delays before these logins began: {late}");
    }

    async fn at_twice(&self, roles: usize, rate: f64) {
        let logins = self
            .prepare(whole(rate * OVERLOAD.as_secs_f64()), roles)
            .await;
        let outcome = self.drive(logins, CROWD, Some(rate)).await;
        println!("at double load ({rate:.0}/s): {}", outcome.summary());
    }

    /// Finishes all logins on this many connections. Without a `rate`, each login begins as soon as
    /// a connection is free. With a `rate`, in logins per second, logins begin on schedule, or late
    /// if no connection is free. Times are measured from the moment when a login should begin.
    async fn drive(
        &self,
        logins: Arc<[Responded]>,
        connections: usize,
        rate: Option<f64>,
    ) -> Outcome {
        let next = Arc::new(AtomicUsize::new(0));
        let begin = Instant::now() + Duration::from_millis(100);
        let mut people = Vec::new();
        for _ in 0..connections {
            let mut connection = self.connect().await;
            let (next, logins) = (Arc::clone(&next), Arc::clone(&logins));
            people.push(tokio::task::spawn_local(async move {
                let mut outcome = Outcome::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(login) = logins.get(number) else {
                        return outcome;
                    };
                    let due = match rate {
                        None => Instant::now(),
                        Some(rate) => begin + Duration::from_secs_f64(count(number) / rate),
                    };
                    sleep_until(due).await;
                    outcome.late.push(due.elapsed());
                    match login.finish(&mut connection).await {
                        Login::Session(_) => outcome.times.push(due.elapsed()),
                        Login::Busy(retry_after) => {
                            outcome.turned_away.push(due.elapsed());
                            outcome.retry_after = Some(retry_after);
                        }
                    }
                }
            }));
        }
        let mut all = Outcome::default();
        for person in people {
            all.add(person.await.expect("no task panics"));
        }
        all
    }

    /// Measures how long requests for the portal take with the session in `cookie`.
    async fn portals(&self, what: &str, cookie: &str) {
        let mut connection = self.connect().await;
        let request = get("/", cookie);
        let (mut times, begun) = (Times::default(), self.program.processor_time());
        let mut bytes = 0;
        for _ in 0..PORTALS {
            let at = Instant::now();
            let response = connection.send(&request).await.expect("a response");
            assert_eq!(response.status, 200, "the portal");
            bytes = response.body.len();
            times.push(at.elapsed());
        }
        println!("{what}, {bytes} bytes: {}", times.summary());
        self.cost(what, PORTALS, begun);
    }

    /// Measures how long people who have just signed in wait for a role's credentials.
    async fn credentials(&self, roles: usize) {
        let logins = self.prepare(CREDENTIALS, roles).await;
        let role = role_values(1).next().expect("a role");
        let (role, _) = role.split_once(',').expect("a pair");
        let mut connection = self.connect().await;
        let mut requests = Vec::new();
        for login in &*logins {
            let cookie = self.session(login).await;
            requests.push(post("/credentials", &cookie, &[("role_arn", role)]));
        }
        let (mut times, begun) = (Times::default(), self.program.processor_time());
        for request in &requests {
            let at = Instant::now();
            let response = connection.send(request).await.expect("a response");
            assert_eq!(response.status, 200, "credentials");
            times.push(at.elapsed());
        }
        println!(
            "credentials, including the embedded STS's time: {}",
            times.summary()
        );
        self.cost("credentials", requests.len(), begun);
    }
}

/// The results and times of a batch of logins.
#[derive(Default)]
struct Outcome {
    times: Times,
    turned_away: Times,
    /// How late each login began. At half load, only this process or the machine can cause a delay.
    late: Times,
    retry_after: Option<String>,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.turned_away.extend(other.turned_away);
        self.late.extend(other.late);
        self.retry_after = other.retry_after.or(self.retry_after.take());
    }

    fn summary(mut self) -> String {
        let (count, times) = (self.times.count(), self.times.summary());
        let sessions = format!("{count} became sessions: {times}");
        let Some(retry_after) = self.retry_after else {
            return sessions;
        };
        let (count, times) = (self.turned_away.count(), self.turned_away.summary());
        format!("{sessions}; {count} were turned away with Retry-After {retry_after}: {times}")
    }
}

fn per_second(number: usize, time: Duration) -> f64 {
    count(number) / time.as_secs_f64()
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number of logins is positive and small"
)]
fn whole(number: f64) -> usize {
    number as usize
}
