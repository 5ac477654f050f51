//! What asking models has used up, put together by what somebody wants to know.

use crate::state::{Ledger, Line, Sum};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

const DAY: i64 = 86_400_000;

/// By what sums are put together.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum UsageBy {
    /// By day, in UTC.
    Day,
    /// By agent.
    Agent,
    /// By the flow whose run asked.
    Flow,
    /// By provider and model.
    Model,
    /// By who wrote, and the account that it came by.
    Sender,
}

/// Something that sums cannot be put together by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is nothing to put usage together by: it is `day`, `agent`, `flow`, `model` or `sender`")]
pub struct NoUsageBy(String);

/// Sums that belong to the same of what they are put together by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UsageLine {
    /// The day in UTC, by the milliseconds since 1970 at which it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<i64>,
    /// The agent, by full name; none where a program asked a model itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Arc<str>>,
    /// The flow, by full name; none where a program asked a model itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<Arc<str>>,
    /// Provider and model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<Arc<str>>,
    /// Who wrote, as `ACCOUNT:PERSON`, or the token of the program that asked, as `gateway:NAME`; none where nobody did, or they were forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Arc<str>>,
    /// What was used up.
    pub sum: UsageSum,
}

/// What was used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UsageSum {
    /// How many requests.
    pub requests: u64,
    /// Tokens of what models were given.
    pub input: u64,
    /// Those of them that were in a cache.
    pub cached: u64,
    /// Tokens of what they said.
    pub output: u64,
    /// What it cost, in millionths of a US dollar, as far as prices are known.
    pub cost: u64,
    /// How many of the requests have no known price.
    pub unpriced: u64,
}

/// What was used up since a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UsageListed {
    /// The day from which on it is counted, by the milliseconds since 1970 at which it begins in UTC.
    pub since: i64,
    /// By what the lines are put together.
    pub by: Vec<UsageBy>,
    /// The most expensive first; those put together by day in the order of days.
    pub lines: Vec<UsageLine>,
    /// Of all of them.
    pub total: UsageSum,
}

impl UsageBy {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            UsageBy::Day => "day",
            UsageBy::Agent => "agent",
            UsageBy::Flow => "flow",
            UsageBy::Model => "model",
            UsageBy::Sender => "sender",
        }
    }

    /// Several, as they are written: `agent,model`. What stands twice counts once.
    ///
    /// # Errors
    /// [`NoUsageBy`].
    pub fn list(text: &str) -> Result<Vec<UsageBy>, NoUsageBy> {
        let mut list = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let by = name.parse()?;
            if !list.contains(&by) {
                list.push(by);
            }
        }
        Ok(list)
    }
}

impl FromStr for UsageBy {
    type Err = NoUsageBy;

    fn from_str(text: &str) -> Result<UsageBy, NoUsageBy> {
        let all = [UsageBy::Day, UsageBy::Agent, UsageBy::Flow, UsageBy::Model, UsageBy::Sender];
        all.into_iter().find(|by| by.name() == text).ok_or_else(|| NoUsageBy(text.chars().take(40).collect()))
    }
}

impl fmt::Display for UsageBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<&Sum> for UsageSum {
    fn from(sum: &Sum) -> UsageSum {
        let Sum { requests, input, cached, output, cost, unpriced } = *sum;
        UsageSum { requests, input, cached, output, cost, unpriced }
    }
}

/// What was used up since a moment, from the beginning of its day in UTC on.
pub fn usage(ledger: &Ledger, since: i64, by: &[UsageBy]) -> UsageListed {
    let day = since.div_euclid(DAY);
    let (mut lines, mut total): (BTreeMap<_, Sum>, _) = (BTreeMap::new(), Sum::default());
    for (line, sum) in ledger.since(day) {
        total.add(sum);
        lines.entry(key(line, by)).or_default().add(sum);
    }
    let mut lines: Vec<UsageLine> = lines
        .into_iter()
        .map(|((day, agent, flow, model, sender), sum)| {
            let day = day.map(|day: i64| day.saturating_mul(DAY));
            UsageLine { day, agent, flow, model, sender, sum: UsageSum::from(&sum) }
        })
        .collect();
    // In the order of their names before, which stays among equals.
    lines.sort_by_key(|line| {
        let UsageSum { cost, input, output, .. } = line.sum;
        (line.day, std::cmp::Reverse((cost, input.saturating_add(output))))
    });
    UsageListed { since: day.saturating_mul(DAY), by: by.to_vec(), lines, total: UsageSum::from(&total) }
}

type Key = (Option<i64>, Option<Arc<str>>, Option<Arc<str>>, Option<Arc<str>>, Option<Arc<str>>);

fn key(line: &Line, by: &[UsageBy]) -> Key {
    let Line { day, model, payer } = line;
    let is = |wanted| by.contains(&wanted);
    let sender = || {
        let (account, sender) = (payer.account.as_ref()?, payer.sender.as_ref()?);
        Some(Arc::from(format!("{account}:{sender}")))
    };
    (
        is(UsageBy::Day).then_some(*day),
        is(UsageBy::Agent).then(|| payer.agent.clone()).filter(|agent| !agent.is_empty()),
        is(UsageBy::Flow).then(|| payer.flow.clone()).filter(|flow| !flow.is_empty()),
        is(UsageBy::Model).then(|| model.clone()),
        if is(UsageBy::Sender) { sender() } else { None },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Payer;
    use serde_json::json;

    /// Three requests of two days: the ledger as a checkpoint has it.
    fn ledger() -> Ledger {
        let line = |day: i64, model: &str, sender: Option<&str>| Line {
            day,
            model: model.into(),
            payer: Payer {
                agent: "main.desk".into(),
                flow: "shop/main.answer".into(),
                account: Some("support".into()),
                sender: sender.map(Into::into),
                conversation: None,
            },
        };
        let sum = |cost, unpriced| Sum { requests: 1, input: 10, cached: 4, output: 5, cost, unpriced };
        let days = [
            (line(10, "a/small", Some("ana")), sum(7, 0)),
            (line(11, "a/small", Some("bo")), sum(9, 0)),
            (line(11, "b/large", None), sum(0, 1)),
        ];
        serde_json::from_value(json!({ "days": days, "lately": [] })).unwrap()
    }

    #[test]
    fn sums_are_put_together_by_what_is_wanted() {
        let ledger = ledger();
        let listed = |since, by: &str| usage(&ledger, since, &UsageBy::list(by).unwrap());
        let all = listed(0, "");
        assert_eq!((all.lines.len(), all.total.requests, all.total.cost, all.total.unpriced), (1, 3, 16, 1));
        let names = |listed: &UsageListed| -> Vec<String> {
            let name =
                |line: &UsageLine| line.model.clone().or(line.sender.clone()).unwrap_or_default().to_string();
            listed.lines.iter().map(name).collect()
        };
        assert_eq!(names(&listed(0, "model")), ["a/small", "b/large"], "the most expensive first");
        assert_eq!(names(&listed(0, "sender")), ["support:bo", "support:ana", ""]);
        let days = listed(0, "day,day");
        assert_eq!((days.by.len(), days.lines[0].day, days.lines[1].sum.requests), (1, Some(10 * DAY), 2));
        let later = listed(11 * DAY + 5, "agent");
        assert_eq!((later.since, later.total.requests), (11 * DAY, 2), "from the beginning of the day on");
        assert!(UsageBy::list("agent,words").unwrap_err().to_string().contains("`words`"));
    }
}
