//! What slots stand for.

use crate::problem::Problem;
use carapace_engine::{Binding, Person};
use carapace_module::signature::{Slot, SlotKind};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// `NAME=VALUE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The name as typed.
    pub(crate) name: String,
    /// The value as typed.
    pub(crate) value: String,
    /// The value itself, where a configuration says it.
    pub(crate) json: Option<Json>,
    /// Where it stands in a configuration: `carapace.json5:12`.
    pub(crate) place: Option<String>,
}

/// An account that there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Its name.
    pub(crate) name: Arc<str>,
    /// `terminal`.
    pub(crate) kind: Arc<str>,
}

impl Account {
    /// The accounts there are when no configuration names any.
    pub(crate) fn usual() -> Vec<Account> {
        ["terminal", "webchat"].map(|name| Account { name: name.into(), kind: name.into() }).into()
    }

    /// As a runtime says it has it.
    pub(crate) fn told(&self) -> carapace_gateway::Account {
        carapace_gateway::Account { name: self.name.to_string(), kind: self.kind.to_string() }
    }

    /// Those that a runtime says it has.
    pub(crate) fn of(told: &[carapace_gateway::Account]) -> Vec<Account> {
        let account = |account: &carapace_gateway::Account| Account {
            name: account.name.as_str().into(),
            kind: account.kind.as_str().into(),
        };
        told.iter().map(account).collect()
    }
}

/// What slots stand for, and what those who run it should know about that.
#[derive(Debug, Default)]
pub(crate) struct Bound {
    /// By the slot's full name.
    pub(crate) bindings: BTreeMap<Arc<str>, Binding>,
    /// Lines for people.
    pub(crate) notes: Vec<String>,
}

impl Assignment {
    /// Reads `NAME=VALUE`.
    pub(crate) fn read(text: &str) -> Result<Assignment, Problem> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => Ok(Assignment {
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
                json: None,
                place: None,
            }),
            _ => Err(Problem::new("E0937", format!("`{text}` says not what becomes of what"))
                .help("write a name, `=` and a value: `refund_limit=\"50 EUR\"`")),
        }
    }

    /// Whether it means the item of this full name: `shop/main.oncall` is also `main.oncall`, `shop/oncall`, `oncall`.
    pub(crate) fn names(&self, full: &str) -> bool {
        let (path, name) = full.rsplit_once('.').unwrap_or(("", full));
        let (package, module) = path.split_once('/').unwrap_or(("", path));
        let typed = self.name.as_str();
        typed == full
            || typed == name
            || typed
                .strip_suffix(name)
                .is_some_and(|front| front == format!("{module}.") || front == format!("{package}/"))
    }

    /// There is nothing of that name.
    pub(crate) fn unknown<'k>(
        &self,
        code: &'static str,
        noun: &str,
        known: impl Iterator<Item = &'k str>,
    ) -> Problem {
        let near = |name: &&str| {
            let short = name.rsplit('.').next().unwrap_or(name);
            strsim::jaro_winkler(&self.name, short) > 0.8 || strsim::jaro_winkler(&self.name, name) > 0.9
        };
        let known: Vec<&str> = known.collect();
        let help = match known.iter().find(|name| near(name)) {
            Some(name) => format!("did you mean `{name}`?"),
            None if known.is_empty() => format!("no package that runs has a {noun}"),
            None => format!(
                "there is {}",
                known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        self.problem(code, format!("there is no {noun} `{}`", self.name)).help(help)
    }

    /// Something that is wrong with it, with its place where it has one.
    fn problem(&self, code: &'static str, message: String) -> Problem {
        match &self.place {
            Some(place) => Problem::new(code, format!("{place}: {message}")),
            None => Problem::new(code, message),
        }
    }
}

/// What these slots stand for: what was typed for them, else what lets a person try them out here.
pub(crate) fn bind(slots: &[Slot], accounts: &[Account], typed: &[Assignment]) -> Result<Bound, Problem> {
    let mut bound = Bound::default();
    for slot in slots {
        let given = typed.iter().rev().find(|assignment| assignment.names(&slot.name));
        let binding = match given {
            Some(assignment) => explicit(slot, accounts, assignment)?,
            None => by_default(slot, accounts, &mut bound.notes),
        };
        bound.bindings.insert(slot.name.clone(), binding);
    }
    Ok(bound)
}

fn short(slot: &Slot) -> &str {
    slot.name.rsplit('.').next().unwrap_or(&slot.name)
}

fn by_default(slot: &Slot, accounts: &[Account], notes: &mut Vec<String>) -> Binding {
    let name = short(slot);
    let fitting: Vec<&Account> =
        accounts.iter().filter(|account| *slot.of == *"any" || slot.of == account.kind).collect();
    let stand_in = fitting.is_empty() && matches!(slot.kind, SlotKind::Channel | SlotKind::Room);
    let there: Vec<&Account> = if stand_in { accounts.iter().collect() } else { fitting };
    if stand_in {
        let most = if slot.kind == SlotKind::Room { 1 } else { there.len() };
        let by: Vec<String> = there.iter().take(most).map(|account| format!("`{}`", account.name)).collect();
        let stands = if by.len() == 1 { "stands" } else { "stand" };
        let by = by.join(" and ");
        notes.push(format!(
            "`{}` is a {} {}; here {by} {stands} in for it",
            slot.name,
            slot.of,
            noun(slot.kind)
        ));
    }
    let first = || {
        there.first().or(accounts.first().as_ref()).map_or_else(|| Arc::from("terminal"), |a| a.name.clone())
    };
    match slot.kind {
        SlotKind::Channel => {
            Binding::Channel { accounts: there.iter().map(|account| account.name.clone()).collect() }
        }
        SlotKind::Room => {
            let account = first();
            // Nobody can name a chat of Telegram before it is there.
            if accounts.iter().any(|other| other.name == account && *other.kind == *"telegram") {
                notes.push(format!(
                    "`{}` is a room, and Telegram has no `#{name}`: `--bind {name}={account}:-1001234567890` binds it to a chat by its number, and nothing can be sent there before",
                    slot.name
                ));
            }
            Binding::Room { account, conversation: format!("#{name}").into() }
        }
        SlotKind::Group => {
            // Only at a terminal are people known by names that anybody can choose.
            let terminal = accounts.iter().find(|account| *account.kind == *"terminal");
            let member = terminal.map(|terminal| Person {
                account: terminal.name.clone(),
                id: name.into(),
                name: name.into(),
            });
            notes.push(match &member {
                Some(_) => format!("`{}` is `@{name}` at the terminal; `--bind {name}=terminal:ana,terminal:bo` makes it others", slot.name),
                None => format!("nobody is in `{}`; `--bind {name}=webchat:…` names people", slot.name),
            });
            Binding::Group { members: member.into_iter().collect() }
        }
        SlotKind::Connection => Binding::Connection { name: name.into() },
    }
}

fn noun(kind: SlotKind) -> &'static str {
    match kind {
        SlotKind::Channel => "channel",
        SlotKind::Room => "room",
        SlotKind::Group => "group",
        SlotKind::Connection => "connection",
    }
}

fn explicit(slot: &Slot, accounts: &[Account], assignment: &Assignment) -> Result<Binding, Problem> {
    let places: Vec<&str> = assignment.value.split(',').map(str::trim).collect();
    let account = |name: &str| -> Result<Arc<str>, Problem> {
        let known = accounts.iter().find(|account| *account.name == *name);
        known.map(|account| account.name.clone()).ok_or_else(|| {
            let there: Vec<&str> = accounts.iter().map(|account| &*account.name).collect();
            assignment
                .problem("E0933", format!("`{name}` is no account of this runtime"))
                .help(format!("there is {}", there.join(" and ")))
        })
    };
    let pair = |place: &str, example: &str| -> Result<(Arc<str>, Arc<str>), Problem> {
        let (name, rest) = place.split_once(':').filter(|(_, rest)| !rest.is_empty()).ok_or_else(|| {
            let message = format!("`{}` is a {}, and `{place}` names none", slot.name, noun(slot.kind));
            assignment
                .problem("E0933", message)
                .help(format!("write an account, `:` and what it knows it by: `{example}`"))
        })?;
        Ok((account(name)?, rest.into()))
    };
    Ok(match slot.kind {
        SlotKind::Channel => {
            Binding::Channel { accounts: places.into_iter().map(account).collect::<Result<_, _>>()? }
        }
        SlotKind::Room => {
            let [place] = places.as_slice() else {
                let message = format!("`{}` is a room, which is one conversation", slot.name);
                return Err(assignment.problem("E0933", message).help("bind each room to one"));
            };
            let (account, conversation) = pair(place, "webchat:#ops")?;
            Binding::Room { account, conversation }
        }
        SlotKind::Group => {
            let person = |place| {
                pair(place, "terminal:ana").map(|(account, id)| Person { account, name: id.clone(), id })
            };
            Binding::Group { members: places.into_iter().map(person).collect::<Result<_, _>>()? }
        }
        SlotKind::Connection => Binding::Connection { name: assignment.value.as_str().into() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Vec<Account> {
        Account::usual()
    }

    fn slot(name: &str, kind: SlotKind, of: &str) -> Slot {
        Slot { name: name.into(), kind, of: of.into() }
    }

    fn channel(accounts: &[&str]) -> Binding {
        Binding::Channel { accounts: accounts.iter().map(|name| Arc::from(*name)).collect() }
    }

    #[test]
    fn any_is_everything_and_what_is_not_there_is_stood_in_for() {
        let slots = [
            slot("a/main.chat", SlotKind::Channel, "any"),
            slot("a/main.page", SlotKind::Channel, "webchat"),
            slot("a/main.club", SlotKind::Channel, "telegram"),
        ];
        let bound = bind(&slots, &accounts(), &[]).unwrap();
        assert_eq!(bound.bindings["a/main.chat"], channel(&["terminal", "webchat"]));
        assert_eq!(bound.bindings["a/main.page"], channel(&["webchat"]));
        assert_eq!(bound.bindings["a/main.club"], channel(&["terminal", "webchat"]));
        assert_eq!(
            bound.notes,
            ["`a/main.club` is a telegram channel; here `terminal` and `webchat` stand in for it"]
        );
    }

    #[test]
    fn a_room_that_telegram_cannot_have_is_told() {
        let accounts = [Account { name: "bot".into(), kind: "telegram".into() }];
        let bound = bind(&[slot("a/main.team", SlotKind::Room, "telegram")], &accounts, &[]).unwrap();
        assert!(bound.notes[0].contains("`--bind team=bot:-1001234567890`"), "{:?}", bound.notes);
    }

    #[test]
    fn what_was_typed_goes_before() {
        let slots = [slot("a/main.ops", SlotKind::Room, "any"), slot("a/main.bosses", SlotKind::Group, "")];
        let typed =
            ["ops=webchat:#x", "a/bosses=terminal:ana,terminal:bo"].map(|t| Assignment::read(t).unwrap());
        let bound = bind(&slots, &accounts(), &typed).unwrap();
        let room = Binding::Room { account: "webchat".into(), conversation: "#x".into() };
        assert_eq!(bound.bindings["a/main.ops"], room);
        let Binding::Group { members } = &bound.bindings["a/main.bosses"] else { panic!() };
        assert_eq!(members.iter().map(|m| &*m.id).collect::<Vec<_>>(), ["ana", "bo"]);
    }

    #[test]
    fn nonsense_is_told() {
        let slots = [slot("a/main.ops", SlotKind::Room, "any")];
        for wrong in ["ops=webchat", "ops=nowhere:#x", "ops=webchat:#x,webchat:#y"] {
            assert!(bind(&slots, &accounts(), &[Assignment::read(wrong).unwrap()]).is_err(), "{wrong}");
        }
        for wrong in ["ops", "=x", "ops="] {
            assert!(Assignment::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_may_be_short() {
        let means = |typed: &str| {
            Assignment { name: typed.into(), value: String::new(), json: None, place: None }
                .names("shop/main.oncall")
        };
        assert!(["shop/main.oncall", "main.oncall", "shop/oncall", "oncall"].into_iter().all(means));
        assert!(!["call", "other/oncall", "shop.oncall", "shop/main"].into_iter().any(means));
    }
}
