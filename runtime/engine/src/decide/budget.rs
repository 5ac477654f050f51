//! Budgets of agents: looked at before a model is asked, and what was used up is written down with what came of it.

use super::act::find;
use super::draft::Draft;
use super::request::Asker;
use super::world;
use crate::ActId;
use crate::record::{Payer, Record, Spent};
use crate::state::{LONGEST_WINDOW, Sum};
use carapace_effect::{EffectRequest, Failure, FailureKind, Origin, Usage};
use carapace_module::MoneyValue;
use carapace_module::value::duration_text;
use serde_json::Value as Json;
use std::sync::Arc;

/// In what models are paid for.
const CURRENCY: &[u8; 3] = b"USD";

const MINUTE: i64 = 60_000;

/// Digits behind the point of a millionth.
const MICRO: u32 = 6;

/// Whether an effect asks a model.
pub(super) fn asks(effect: &str) -> bool {
    matches!(effect, "agent.ask" | "agent.extract" | "agent.choose" | "exchange.open" | "exchange.think")
}

/// Models were asked for an act: that is counted, whatever else came of it.
pub(super) fn spent(draft: &mut Draft<'_>, act: &ActId, usage: &[Usage]) {
    if usage.is_empty() {
        return;
    }
    let Some((run, operation, _)) = find(draft.state, act) else { return };
    let name = operation.call().and_then(|call| call.args.first()).and_then(|name| world::as_text(&name.0));
    let event = run.event.and_then(|number| draft.state.events.get(number));
    let origin = event.and_then(|taken| taken.event.origin.clone());
    let payer = payer(name.unwrap_or_default(), run.flow.clone(), origin.as_ref());
    let (run, op, at) = (act.run, act.op.clone(), draft.now);
    draft.push(Record::Spent(Box::new(Spent { run, op, payer, at, usage: usage.to_vec() })));
}

/// Why an agent may not be asked now; none where it may.
pub(super) fn over(draft: &Draft<'_>, asker: &Asker<'_>, effect: &EffectRequest) -> Option<Failure> {
    if !asks(&effect.effect) {
        return None;
    }
    let agent = effect.args.first().and_then(world::as_text)?;
    let code = asker.deployment.code.as_ref().ok()?;
    let signature = code.module().agents.iter().find(|known| known.name == agent)?;
    let (_, budgets) = signature.properties.iter().find(|(name, _)| **name == *"budget")?;
    let payer = payer(agent, asker.run.flow.clone(), asker.origin);
    budgets.as_array()?.iter().find_map(|budget| used_up(draft, &payer, budget))
}

fn payer(agent: Arc<str>, flow: Arc<str>, origin: Option<&Origin>) -> Payer {
    Payer {
        agent,
        flow,
        account: origin.map(|origin| origin.account.clone()),
        sender: origin.and_then(|origin| origin.sender.clone()),
        conversation: origin.map(|origin| origin.conversation.clone()),
    }
}

/// As the compiler writes a budget down: an amount, its unit, and over which time and by what it is counted.
fn used_up(draft: &Draft<'_>, payer: &Payer, budget: &Json) -> Option<Failure> {
    let per = budget.get("per")?.as_i64()?.min(LONGEST_WINDOW);
    let by: Vec<&str> = budget.get("by")?.as_array()?.iter().filter_map(Json::as_str).collect();
    let (sender, conversation) = (by.contains(&"sender"), by.contains(&"conversation"));
    let counts = |other: &Payer| {
        other.agent == payer.agent
            && (!sender || (&other.account, &other.sender) == (&payer.account, &payer.sender))
            && (!conversation
                || (&other.account, &other.conversation) == (&payer.account, &payer.conversation))
    };
    let after = draft.now.saturating_sub(per);
    let sum = draft.state.ledger.lately(after, counts);
    let why = if budget.get("unit")?.as_str()? == "tokens" {
        let most = budget.get("amount")?.as_u64()?;
        (sum.tokens() >= most).then(|| format!("{most} tokens"))
    } else {
        match money(&sum, budget.get("amount")?.as_str()?) {
            Ok(why) => why,
            Err(why) => return Some(Failure::new(FailureKind::Budget, why)),
        }
    }?;
    let keys = if by.is_empty() { String::new() } else { format!(" by {}", by.join(", ")) };
    let oldest = draft.state.ledger.oldest(after, counts);
    let left = oldest.map(|at| at.saturating_add(per).saturating_sub(draft.now).max(0));
    let more = left.map_or_else(String::new, |left| {
        format!("; there is more in {}", duration_text(left.saturating_add(MINUTE - 1) / MINUTE * MINUTE))
    });
    let per = duration_text(per);
    let message = format!("the budget of {why} per {per}{keys} is used up{more}");
    Some(Failure { retry_after: left, ..Failure::new(FailureKind::Budget, message) })
}

/// The budget that is used up, in words; `Err` where nobody can know.
fn money(sum: &Sum, amount: &str) -> Result<Option<String>, String> {
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
    Ok((i128::from(sum.cost) >= micros).then(|| limit.to_string()))
}
