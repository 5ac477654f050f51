//! What becomes of messages that waited too long: `--stale telegram=digest:2h`.

use super::bindings::{Account, Assignment};
use crate::problem::Problem;
use carapace_config::{HOUR, milliseconds};
use carapace_engine::Input;
use carapace_engine::stored::{StaleFate, Staleness};

/// What the engine is told: for each account, also for those that nothing is said of.
pub(crate) fn staleness(accounts: &[Account], typed: &[String]) -> Result<Vec<Input>, Problem> {
    let typed = typed.iter().map(|text| read(accounts, text)).collect::<Result<Vec<_>, _>>()?;
    let of = |account: &Account| {
        let said = typed.iter().rev().find(|(name, _)| **name == *account.name);
        let staleness = said.map(|(_, staleness)| *staleness).unwrap_or_default();
        Input::Staleness { account: account.name.clone(), staleness }
    };
    Ok(accounts.iter().map(of).collect())
}

fn read(accounts: &[Account], text: &str) -> Result<(String, Staleness), Problem> {
    let wrong = || {
        Problem::new("E0963", format!("`{text}` does not say what becomes of late messages"))
            .help("write an account, `=` and `deliver`, `digest` or `drop`, with a time: `webchat=digest:2h`")
    };
    let Assignment { name, value, .. } = Assignment::read(text).map_err(|_| wrong())?;
    if accounts.iter().all(|account| *account.name != *name) {
        let there: Vec<&str> = accounts.iter().map(|account| &*account.name).collect();
        return Err(Problem::new("E0963", format!("`{name}` is no account of this runtime"))
            .help(format!("there is {}", there.join(" and "))));
    }
    let (fate, after) = match value.split_once(':') {
        Some((fate, after)) => {
            let after = milliseconds(after).filter(|after| *after > 0);
            (fate, after.ok_or_else(wrong)?)
        }
        None => (value.as_str(), HOUR),
    };
    let fate = match fate {
        "deliver" => StaleFate::Deliver,
        "digest" => StaleFate::Digest,
        "drop" => StaleFate::Drop,
        _ => return Err(wrong()),
    };
    Ok((name, Staleness { fate, after }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fates_are_read_and_nonsense_is_told() {
        let accounts = ["terminal", "webchat"].map(|name| Account { name: name.into(), kind: name.into() });
        let typed = ["webchat=digest:90m".to_owned(), "webchat=drop:2d".to_owned()];
        let told = staleness(&accounts, &typed).unwrap();
        let later = Staleness { fate: StaleFate::Drop, after: 2 * 24 * HOUR };
        assert_eq!(
            told,
            [
                Input::Staleness { account: "terminal".into(), staleness: Staleness::default() },
                Input::Staleness { account: "webchat".into(), staleness: later },
            ]
        );
        assert_eq!(read(&accounts, "webchat=digest").unwrap().1.after, HOUR);
        for wrong in [
            "webchat",
            "webchat=",
            "webchat=later",
            "webchat=drop:0s",
            "webchat=drop:1",
            "telegram=drop",
            "webchat=drop:9999999999999999d",
        ] {
            assert!(read(&accounts, wrong).is_err(), "{wrong}");
        }
    }
}
