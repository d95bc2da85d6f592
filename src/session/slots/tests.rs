use super::*;
use crate::saml::Person;
use crate::saml::idp::{EntityKey, IdKey};
use crate::session::Action;
use crate::session::pending::{AskedIdp, NewLogin, Pending};

fn keys() -> ProgramKeys {
    ProgramKeys::new([1; 32], [])
}

fn request(browser: &Browser) -> RequestKey {
    let pending = Pending::new(NewLogin {
        now: chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        idp: AskedIdp::new(IdKey::of("corp"), EntityKey::of("urn:corp")),
        browser: browser.key(),
        anew: false,
        is_renewal: false,
        is_followed: true,
    });
    pending.unwrap().sent(&keys()).unwrap().request
}

/// A browser that keeps the values of its slots, as its cookies would.
struct Jar {
    browser: Browser,
    values: [Option<String>; SLOTS],
}

impl Jar {
    fn new() -> Self {
        Self {
            browser: Browser::new().unwrap(),
            values: [const { None }; SLOTS],
        }
    }

    fn slots(&self) -> Slots {
        Slots::read(|number| self.values[number].as_deref())
    }

    /// Begins a login that `next` follows.
    fn keep(&mut self, next: &Next) -> RequestKey {
        let request = request(&self.browser);
        let owner = Owner {
            request: &request,
            browser: &self.browser,
        };
        if let Some(slot) = self.slots().keep(&keys(), owner, next).unwrap() {
            self.values[slot.number] = Some(slot.value);
        }
        request
    }

    fn find(&self, request: &RequestKey) -> Option<Next> {
        self.find_with(&keys(), request)
    }

    fn find_with(&self, keys: &ProgramKeys, request: &RequestKey) -> Option<Next> {
        let owner = Owner {
            request,
            browser: &self.browser,
        };
        let found = self.slots().find(keys, owner).unwrap();
        found.map(|found| found.next)
    }
}

fn page(number: usize) -> Next {
    Next::Page(format!("/?number={number}"))
}

#[test]
fn the_oldest_of_four_slots_is_replaced() {
    for _ in 0..20 {
        let mut jar = Jar::new();
        let requests: Vec<_> = (0..9).map(|number| jar.keep(&page(number))).collect();
        for (number, request) in requests.iter().enumerate() {
            let expected = (number >= 5).then(|| page(number));
            assert_eq!(jar.find(request), expected, "{number}");
        }
    }
}

#[test]
fn a_slot_opens_only_in_its_browser_for_its_login_and_with_its_key() {
    let mut jar = Jar::new();
    let first = jar.keep(&page(1));
    let second = jar.keep(&page(2));
    assert_eq!(jar.find(&first), Some(page(1)));
    assert_eq!(jar.find_with(&ProgramKeys::new([2; 32], []), &first), None);
    // A key that was replaced still opens what it sealed.
    let rotated = ProgramKeys::new([2; 32], [[1; 32]]);
    assert_eq!(jar.find_with(&rotated, &first), Some(page(1)));
    let other = Jar {
        browser: Browser::new().unwrap(),
        values: jar.values.clone(),
    };
    assert_eq!(other.find(&first), None);
    // The names of the requests are swapped, so each slot claims to belong to the other login.
    let mut slots = jar.slots();
    let of = |request: &RequestKey| {
        let slot = slots.0.iter().position(|slot| {
            let slot = slot.as_ref();
            slot.is_some_and(|slot| slot.request == name(request))
        });
        slot.unwrap()
    };
    let (one, two) = (of(&first), of(&second));
    slots.0[one].as_mut().unwrap().request = name(&second);
    slots.0[two].as_mut().unwrap().request = name(&first);
    for number in [one, two] {
        jar.values[number] = slots.0[number].as_ref().map(Slot::value);
    }
    assert_eq!((jar.find(&first), jar.find(&second)), (None, None));
}

#[test]
fn a_changed_slot_is_lost() {
    let mut jar = Jar::new();
    let request = jar.keep(&page(1));
    let number = jar.values.iter().position(Option::is_some).unwrap();
    let good = jar.values[number].clone().unwrap();
    let octets = URL_SAFE_NO_PAD.decode(&good).unwrap();
    for at in 0..octets.len() {
        for bit in 0..8 {
            let mut changed = octets.clone();
            changed[at] ^= 1 << bit;
            jar.values[number] = Some(URL_SAFE_NO_PAD.encode(&changed));
            // The first four bytes only say which slot is the oldest.
            let expected = (at < 4).then(|| page(1));
            assert_eq!(jar.find(&request), expected, "byte {at}, bit {bit}");
        }
        jar.values[number] = Some(URL_SAFE_NO_PAD.encode(&octets[..at]));
        assert_eq!(jar.find(&request), None, "{at} bytes");
    }
    for junk in ["", "=", "AAAA", "\u{e4}", &"A".repeat(5_000)] {
        jar.values[number] = Some(junk.to_owned());
        assert_eq!(jar.find(&request), None, "{junk}");
    }
    jar.values[number] = Some(good);
    assert_eq!(jar.find(&request), Some(page(1)));
}

/// A form with many roles, as the portal submits it.
fn several(roles: usize) -> Next {
    let role = |number: usize| {
        let account = 100_000_000_000 + number * 7_919_333_111 % 899_999_999_999;
        let value = format!(
            "arn:aws:iam::{account}:role/Developer arn:aws:iam::{account}:saml-provider/corp"
        );
        (format!("role-{number}"), value)
    };
    let common = [("duration_seconds", "3600"), ("region", "eu-central-1")];
    let common = common.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Next::Action(Box::new(Action {
        path: "/credentials/several".to_owned(),
        fields: common.into_iter().chain((1..=roles).map(role)).collect(),
        person: Some(Person::with_name_id("corp", "alice@example.com").key()),
    }))
}

#[test]
fn a_form_for_twenty_roles_fits() {
    let mut jar = Jar::new();
    let next = several(20);
    let request = jar.keep(&next);
    assert_eq!(jar.find(&request), Some(next));
}

#[test]
fn content_that_does_not_fit_is_not_kept_and_replaces_nothing() {
    let mut jar = Jar::new();
    let requests: Vec<_> = (0..SLOTS).map(|number| jar.keep(&page(number))).collect();
    let random = |octets: usize| {
        let text: String = std::iter::repeat_with(random_text)
            .take(octets / 43)
            .collect();
        Next::Page(format!("/?{text}"))
    };
    for next in [
        random(2_000),
        random(100_000),
        Next::Page("x".repeat(1_000_000)),
    ] {
        let lost = jar.keep(&next);
        assert_eq!(jar.find(&lost), None);
    }
    for (number, request) in requests.iter().enumerate() {
        assert_eq!(jar.find(request), Some(page(number)));
    }
}

fn random_text() -> String {
    crate::crypto::random_token().unwrap()
}
