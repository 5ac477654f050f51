//! Wherever the compiler finds no mistake of syntax, the grammar finds none: in all flows of the repository, the library, the
//! documents, the pages of the codes, the cases of the tests.

use crate::reading::{compiles, parse, texts};
use crate::{mistakes, trial};
use libtest_mimic::Trial;

pub(crate) fn trials() -> Vec<Trial> {
    let agree = trial("sources: what compiles parses", || {
        let texts = texts();
        let mut breaches = Vec::new();
        let mut read = 0;
        for (name, text) in &texts {
            if !compiles(text) {
                continue;
            }
            read += 1;
            let found = mistakes(&parse(text), text);
            breaches.extend(found.first().map(|first| format!("{name}: {first}")));
        }
        if read < 400 {
            return Err(format!("only {read} of {} texts were read", texts.len()));
        }
        if breaches.is_empty() { Ok(()) } else { Err(breaches.join("\n")) }
    });
    let own = trial("sources: flows and the library all count", || {
        let missed: Vec<_> =
            texts().into_iter().filter(|(name, text)| name.ends_with(".flow") && !compiles(text)).collect();
        let ours =
            missed.iter().filter(|(name, _)| name.starts_with("flows/") || name.starts_with("stdlib/"));
        match ours.map(|(name, _)| name.as_str()).next() {
            Some(name) => Err(format!("{name} does not parse for the compiler")),
            None => Ok(()),
        }
    });
    vec![agree, own]
}
