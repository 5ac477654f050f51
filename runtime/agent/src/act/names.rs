//! What tools are called where only letters, digits, `_` and `-` are taken, 64 of them at most.

use std::collections::HashMap;
use std::sync::Arc;

/// Whose tools those of the asker are.
pub(super) const CLIENT: &str = "client.";

/// So long a name may be.
const LONGEST: usize = 64;

/// The names of an agent's tools, there and back.
#[derive(Debug, Default)]
pub(super) struct Names {
    pairs: Vec<(String, Arc<str>)>,
}

impl Names {
    /// Of these tools, by their full names. A name is short where that tells it apart: `main.refund` is `refund`, and
    /// `main.files.read` is `files_read`.
    pub(super) fn of<'a>(full: impl IntoIterator<Item = &'a str>) -> Names {
        let full: Vec<&str> = full.into_iter().collect();
        let mut times: HashMap<String, usize> = HashMap::new();
        for name in &full {
            *times.entry(short(name)).or_default() += 1;
        }
        let mut pairs: Vec<(String, Arc<str>)> = Vec::new();
        for name in full {
            let short = short(name);
            let wanted = if times.get(&short) == Some(&1) { short } else { plain(name) };
            let mut taken = wanted.clone();
            let mut n = 2;
            while pairs.iter().any(|(other, _)| *other == taken) {
                let end = format!("_{n}");
                taken = wanted.chars().take(LONGEST.saturating_sub(end.len())).chain(end.chars()).collect();
                n += 1;
            }
            pairs.push((taken, name.into()));
        }
        Names { pairs }
    }

    /// What this tool is called there; also one that is no more.
    pub(super) fn there(&self, full: &str) -> String {
        let known = self.pairs.iter().find(|(_, name)| **name == *full);
        known.map_or_else(|| short(full), |(there, _)| there.clone())
    }

    /// The full name of what is called so there; where there is none, as it was written.
    pub(super) fn full(&self, there: &str) -> Arc<str> {
        let known = self.pairs.iter().find(|(name, _)| name == there);
        known.map_or_else(|| there.into(), |(_, full)| full.clone())
    }
}

/// Without the module, or the word that says whose it is.
fn short(full: &str) -> String {
    plain(full.split_once('.').map_or(full, |(_, rest)| rest))
}

fn plain(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let name: String = name.chars().map(letter).take(LONGEST).collect();
    if name.is_empty() { "tool".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_there_and_come_back() {
        let full = [
            "main.refund",
            "main.files.read",
            "orders.refund",
            "client.get_weather",
            "main.größe",
            "client.files_read",
        ];
        let names = Names::of(full);
        let there: Vec<String> = full.iter().map(|name| names.there(name)).collect();
        assert_eq!(
            there,
            ["main_refund", "main_files_read", "orders_refund", "get_weather", "gr__e", "client_files_read"]
        );
        for name in full {
            assert_eq!(&*names.full(&names.there(name)), name);
        }
        assert_eq!(&*names.full("sing"), "sing", "one that nobody has stays as it was written");
        assert_eq!(&*names.full("main.refund"), "main.refund");
        assert_eq!(names.there("main.gone"), "gone", "one that is no more has a name all the same");
    }

    #[test]
    fn names_that_are_the_same_there_are_told_apart() {
        let long = "x".repeat(80);
        let full = [
            format!("a.{long}1"),
            format!("a.{long}2"),
            "a.b_c".to_owned(),
            "a.b.c".to_owned(),
            "a_b.c".to_owned(),
        ];
        let names = Names::of(full.iter().map(String::as_str));
        let mut there: Vec<String> = full.iter().map(|name| names.there(name)).collect();
        assert!(there.iter().all(|name| name.len() <= LONGEST), "{there:?}");
        for name in &full {
            assert_eq!(*names.full(&names.there(name)), **name);
        }
        there.sort();
        there.dedup();
        assert_eq!(there.len(), full.len());
    }
}
