//! Budgets of agents: looked at before a model is asked, and what was used up is written down with what came of it.

use super::act::find;
use super::draft::Draft;
use super::request::Asker;
use super::world;
use crate::ActId;
use crate::command::Reply;
use crate::record::{Noted, Payer, Record, Spent, Used};
use crate::state::{LONGEST_WINDOW, Sum};
use crate::stored::{Call, Run};
use carapace_effect::{EffectRequest, Failure, FailureKind, Origin, Usage};
use carapace_module::value::duration_text;
use carapace_module::{Module, MoneyValue};
use serde_json::Value as Json;
use std::sync::Arc;

/// In what models are paid for.
const CURRENCY: &[u8; 3] = b"USD";

const MINUTE: i64 = 60_000;

/// At so many hundredths of a budget those who run this are told, the last line that was passed first.
const WARN_AT: [i128; 2] = [100, 80];

/// Digits behind the point of a millionth.
const MICRO: u32 = 6;

/// The account on which those stand who ask models by the interface for programs.
const PROGRAMS: &str = "gateway";

/// Whether an effect asks a model of the agent that its first argument names.
pub(super) fn asks(effect: &str) -> bool {
    matches!(
        effect,
        "agent.ask"
            | "agent.extract"
            | "agent.choose"
            | "exchange.open"
            | "exchange.think"
            | "exchange.sum_up"
    )
}

/// The agent of which a call asks a model.
pub(super) fn agent_of(call: &Call) -> Option<Arc<str>> {
    let named = || world::as_text(&call.args.first()?.0).filter(|_| asks(&call.effect));
    call.agent.clone().or_else(named)
}

/// Models were asked for an act: that is counted, whatever else came of it.
pub(super) fn spent(draft: &mut Draft<'_>, act: &ActId, usage: &[Usage]) {
    if usage.is_empty() {
        return;
    }
    let Some((run, operation, _)) = find(draft.state, act) else { return };
    let name = operation.call().and_then(|call| {
        call.agent.clone().or_else(|| call.args.first().and_then(|name| world::as_text(&name.0)))
    });
    let event = run.event.and_then(|number| draft.state.events.get(number));
    let origin = event.and_then(|taken| taken.event.origin.clone());
    let payer = payer(name.unwrap_or_default(), run, origin.as_ref());
    warn(draft, run, &payer, usage);
    let (run, op, at) = (act.run, act.op.clone(), draft.now);
    draft.push(Record::Spent(Box::new(Spent { run, op, payer, at, usage: usage.to_vec() })));
}

/// Models were asked by the interface for programs, in no agent's name: that is counted to whoever asked.
pub(super) fn used(draft: &mut Draft<'_>, by: Arc<str>, usage: Vec<Usage>) -> Reply {
    if !usage.is_empty() {
        let payer = Payer {
            agent: "".into(),
            flow: "".into(),
            account: Some(PROGRAMS.into()),
            sender: Some(by),
            conversation: None,
        };
        let at = draft.now;
        draft.push(Record::Used(Box::new(Used { payer, at, usage })));
    }
    Reply::Done
}

/// Tells those who run this when most of a budget is used up, and when all of it is: each time that it comes so far.
fn warn(draft: &mut Draft<'_>, run: &Run, payer: &Payer, usage: &[Usage]) {
    let code = draft.deployment_of(run.id).and_then(|deployment| deployment.code.clone().ok());
    let Some(code) = code else { return };
    let more = Sum::of(usage);
    let standings: Vec<Standing> = budgets(code.module(), &payer.agent)
        .iter()
        .filter_map(|budget| Budget::read(budget)?.standing(draft, payer))
        .filter_map(Result::ok)
        .collect();
    for standing in standings {
        let (before, after) = (standing.used, standing.used.saturating_add(standing.unit.of(&more)));
        let passed = |percent: &&i128| {
            let line = standing.most.saturating_mul(**percent);
            before.saturating_mul(100) < line && after.saturating_mul(100) >= line
        };
        let Some(percent) = WARN_AT.iter().find(passed) else { continue };
        let message = format!("{percent} % of `{}`'s budget of {} are used up", payer.agent, standing.words);
        let (run, flow) = (run.id, run.flow.clone());
        draft.push(Record::Noted(Noted { run, flow, level: "warning".into(), message: message.into() }));
    }
}

/// Why an agent may not be asked now; none where it may.
pub(super) fn over(draft: &Draft<'_>, asker: &Asker<'_>, effect: &EffectRequest) -> Option<Failure> {
    if !asks(&effect.effect) {
        return None;
    }
    over_of(draft, asker, effect.args.first().and_then(world::as_text)?)
}

/// Why this agent may not be asked now; none where it may.
pub(super) fn over_of(draft: &Draft<'_>, asker: &Asker<'_>, agent: Arc<str>) -> Option<Failure> {
    let code = asker.deployment.code.as_ref().ok()?;
    let payer = payer(agent, asker.run, asker.origin);
    let all = budgets(code.module(), &payer.agent).iter();
    all.filter_map(Budget::read).find_map(|budget| budget.used_up(draft, &payer))
}

/// The budgets of an agent, as the compiler writes them down.
fn budgets<'m>(module: &'m Module, agent: &str) -> &'m [Json] {
    let signature = module.agents.iter().find(|known| *known.name == *agent);
    let property =
        signature.and_then(|signature| signature.properties.iter().find(|(name, _)| **name == *"budget"));
    property.and_then(|(_, value)| value.as_array()).map(Vec::as_slice).unwrap_or_default()
}

/// To whom a run's request is counted: to who wrote, or to the program that called it.
fn payer(agent: Arc<str>, run: &Run, origin: Option<&Origin>) -> Payer {
    let flow = run.flow.clone();
    let Some(origin) = origin else {
        let account = run.by.as_ref().map(|_| PROGRAMS.into());
        return Payer { agent, flow, account, sender: run.by.clone(), conversation: None };
    };
    let (account, conversation) = (Some(origin.account.clone()), Some(origin.conversation.clone()));
    Payer { agent, flow, account, sender: origin.sender.clone(), conversation }
}

/// In what a budget is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Tokens,
    /// Millionths of a US dollar.
    Money,
}

impl Unit {
    fn of(self, sum: &Sum) -> i128 {
        match self {
            Unit::Tokens => sum.tokens().into(),
            Unit::Money => sum.cost.into(),
        }
    }
}

/// A budget: an amount, its unit, and over which time and by what it is counted.
struct Budget<'m> {
    amount: &'m Json,
    unit: Unit,
    per: i64,
    by: Vec<&'m str>,
}

/// How a budget stands.
struct Standing {
    unit: Unit,
    used: i128,
    most: i128,
    /// The budget in words.
    words: String,
}

impl<'m> Budget<'m> {
    fn read(json: &'m Json) -> Option<Budget<'m>> {
        let unit = if json.get("unit")?.as_str()? == "tokens" { Unit::Tokens } else { Unit::Money };
        Some(Budget {
            amount: json.get("amount")?,
            unit,
            per: json.get("per")?.as_i64()?.min(LONGEST_WINDOW),
            by: json.get("by")?.as_array()?.iter().filter_map(Json::as_str).collect(),
        })
    }

    /// Whether what another has used up counts for this one.
    fn counts(&self, payer: &Payer, other: &Payer) -> bool {
        let (sender, conversation) = (self.by.contains(&"sender"), self.by.contains(&"conversation"));
        other.agent == payer.agent
            && (!sender || (&other.account, &other.sender) == (&payer.account, &payer.sender))
            && (!conversation
                || (&other.account, &other.conversation) == (&payer.account, &payer.conversation))
    }

    /// How it stands; `Err` where nobody can know, with why.
    fn standing(&self, draft: &Draft<'_>, payer: &Payer) -> Option<Result<Standing, String>> {
        let after = draft.now.saturating_sub(self.per);
        let sum = draft.state.ledger.lately(after, |other| self.counts(payer, other));
        let (most, amount) = match self.unit {
            Unit::Tokens => {
                let most = self.amount.as_u64()?;
                (most.into(), format!("{most} tokens"))
            }
            Unit::Money => match money(&sum, self.amount.as_str()?) {
                Ok(most) => most,
                Err(why) => return Some(Err(why)),
            },
        };
        let keys = if self.by.is_empty() { String::new() } else { format!(" by {}", self.by.join(", ")) };
        let words = format!("{amount} per {}{keys}", duration_text(self.per));
        Some(Ok(Standing { unit: self.unit, used: self.unit.of(&sum), most, words }))
    }

    /// Why the agent may not be asked, where it is used up.
    fn used_up(&self, draft: &Draft<'_>, payer: &Payer) -> Option<Failure> {
        let standing = match self.standing(draft, payer)? {
            Ok(standing) => standing,
            Err(why) => return Some(Failure::new(FailureKind::Budget, why)),
        };
        if standing.used < standing.most {
            return None;
        }
        let after = draft.now.saturating_sub(self.per);
        let oldest = draft.state.ledger.oldest(after, |other| self.counts(payer, other));
        let left = oldest.map(|at| at.saturating_add(self.per).saturating_sub(draft.now).max(0));
        let more = left.map_or_else(String::new, |left| {
            format!("; there is more in {}", duration_text(left.saturating_add(MINUTE - 1) / MINUTE * MINUTE))
        });
        let message = format!("the budget of {} is used up{more}", standing.words);
        Some(Failure { retry_after: left, ..Failure::new(FailureKind::Budget, message) })
    }
}

/// An amount in millionths of a US dollar, and in words; `Err` where what was used up cannot be compared with it.
fn money(sum: &Sum, amount: &str) -> Result<(i128, String), String> {
    let Some(limit) = MoneyValue::parse(amount) else {
        return Err(format!("`{amount}` is no amount of money"));
    };
    if limit.currency != *CURRENCY {
        return Err(format!("a budget of {limit} cannot be kept: what models cost is known in US dollars"));
    }
    if sum.unpriced > 0 {
        let requests =
            if sum.unpriced == 1 { "a request".to_owned() } else { format!("{} requests", sum.unpriced) };
        return Err(format!(
            "a budget of {limit} cannot be kept: what {requests} cost is not known; say it in `models.prices` of carapace.json5"
        ));
    }
    let scale = u32::from(limit.scale);
    let micros = if scale <= MICRO {
        i128::from(limit.mantissa).saturating_mul(10_i128.pow(MICRO - scale))
    } else {
        i128::from(limit.mantissa) / 10_i128.pow((scale - MICRO).min(30))
    };
    Ok((micros, limit.to_string()))
}
