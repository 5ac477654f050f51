//! Budgets of agents: rolling windows, looked at before the call.

use crate::transcript::duration;
use crate::world::World;
use carapace_effect::{Failure, FailureKind};
use carapace_engine::Act;
use carapace_module::{Decimal, MoneyValue, Value};
use serde_json::Value as Json;
use std::sync::Arc;

/// Money that an agent has cost.
#[derive(Debug, Clone)]
pub(crate) struct Spent {
    at: i64,
    agent: Arc<str>,
    sender: Option<Arc<str>>,
    conversation: Option<Arc<str>>,
    amount: MoneyValue,
}

impl World {
    /// Why a model may not be asked now; none where it may.
    pub(crate) fn over_budget(&self, act: &Act) -> Option<Failure> {
        let agent = act.request.args.first().and_then(Value::as_text)?;
        let signature = self.loaded.module().agents.iter().find(|known| *known.name == *agent)?;
        let (_, budgets) = signature.properties.iter().find(|(name, _)| &**name == "budget")?;
        budgets.as_array()?.iter().find_map(|budget| self.used_up(agent, budget, act))
    }

    /// Notes what a call has cost.
    pub(crate) fn spend(&mut self, act: &Act, costs: Option<&Value>) {
        let Some(Value::Money(amount)) = costs else { return };
        let Some(agent) = act.request.args.first().and_then(Value::as_text) else { return };
        self.spent.push(Spent {
            at: self.now,
            agent: agent.into(),
            sender: act.origin.as_ref().and_then(|origin| origin.sender.clone()),
            conversation: act.origin.as_ref().map(|origin| origin.conversation.clone()),
            amount: *amount,
        });
    }

    fn used_up(&self, agent: &str, budget: &Json, act: &Act) -> Option<Failure> {
        let limit = MoneyValue::parse(budget.get("amount")?.as_str()?)?;
        let per = budget.get("per")?.as_i64()?;
        let by: Vec<&str> = budget.get("by")?.as_array()?.iter().filter_map(Json::as_str).collect();
        let sender = act.origin.as_ref().and_then(|origin| origin.sender.as_ref());
        let conversation = act.origin.as_ref().map(|origin| &origin.conversation);
        let counts = |spent: &&Spent| {
            *spent.agent == *agent
                && spent.at > self.now.saturating_sub(per)
                && { spent.amount.currency } == { limit.currency }
                && (!by.contains(&"sender") || spent.sender.as_ref() == sender)
                && (!by.contains(&"conversation") || spent.conversation.as_ref() == conversation)
        };
        let sum = self
            .spent
            .iter()
            .filter(counts)
            .try_fold(Decimal::ZERO, |sum, spent| sum.checked_add(spent.amount.amount()))?;
        (sum >= limit.amount()).then(|| {
            let message = format!("the budget of {limit} per {} is used up", duration(per));
            Failure::new(FailureKind::Budget, message)
        })
    }
}
