//! The other side: it does what it is asked, counts it, and says what came of it, as far as it can.

use crate::chance::Chance;
use carapace_effect::{EffectRequest, Failure, FailureKind};
use carapace_engine::{Act, ActId, Report, Reported};
use carapace_module::signature::{Delivery, DeliveryClass};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was delivered, by key.
#[derive(Debug, Clone, Default)]
pub(crate) struct Platform {
    delivered: BTreeMap<Arc<str>, Arrived>,
    on_the_way: Vec<(i64, Report)>,
}

#[derive(Debug, Clone)]
struct Arrived {
    act: ActId,
    times: u32,
    attempt: u32,
    first: i64,
}

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600 * SECOND;

impl Platform {
    /// An act arrives.
    pub(crate) fn deliver(&mut self, act: &Act, now: i64) {
        let new = Arrived { act: act.id.clone(), times: 0, attempt: 0, first: now };
        let known = self.delivered.entry(act.key.clone()).or_insert(new);
        assert_eq!(known.act, act.id, "two acts have one key");
        assert!(act.attempt > known.attempt, "{} arrived twice as attempt {}", act.id, act.attempt);
        assert_eq!(act.again, act.attempt > 1, "a repetition is marked, and nothing else");
        assert!(
            known.times == 0 || may_repeat(&act.request, now - known.first),
            "`{}` happened twice, and its class does not allow that",
            act.request.effect
        );
        (known.times, known.attempt) = (known.times + 1, act.attempt);
    }

    /// What comes of it: mostly it happens, at once or later; sometimes it does not, nobody knows, nobody ever says, or
    /// it is said twice.
    pub(crate) fn outcome(&mut self, chance: &mut Chance, now: i64, act: &Act, answer: Json) {
        let failed = |kind, words: &str| Reported::Failed(Failure::new(kind, words));
        let done = || if act.question { Reported::Done(Json::Null) } else { Reported::Done(answer.clone()) };
        let (outcome, takes) = match chance.below(100) {
            0..60 => (done(), chance.within(2 * SECOND)),
            60..72 => (done(), chance.within(48 * HOUR)),
            72..79 => (failed(FailureKind::Refused, "no"), chance.within(SECOND)),
            79..87 => (failed(FailureKind::Transient, "not now"), chance.within(SECOND)),
            87..94 => (Reported::Unknown("the line was cut".to_owned()), chance.within(SECOND)),
            94..97 => (Reported::NotPerformed("the channel went away".to_owned()), 0),
            _ => return,
        };
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome };
        if chance.percent(20) {
            self.on_the_way.push((now + chance.within(HOUR), report.clone()));
        }
        self.on_the_way.push((now + takes, report));
    }

    /// What it says by now.
    pub(crate) fn said(&mut self, now: i64) -> Vec<Report> {
        let (due, later) = std::mem::take(&mut self.on_the_way).into_iter().partition(|(due, _)| *due <= now);
        self.on_the_way = later;
        let due: Vec<(i64, Report)> = due;
        due.into_iter().map(|(_, report)| report).collect()
    }

    /// When it says something next.
    pub(crate) fn next(&self) -> Option<i64> {
        self.on_the_way.iter().map(|(due, _)| *due).min()
    }

    /// Nobody is there any more to hear what it has to say about acts of a process that is gone.
    pub(crate) fn forget_reports(&mut self) {
        self.on_the_way.clear();
    }

    /// How much arrived, and how much of that more than once.
    pub(crate) fn counted(&self) -> (u64, u64) {
        let times = self.delivered.values().map(|delivery| u64::from(delivery.times));
        let twice = self.delivered.values().filter(|delivery| delivery.times > 1);
        (times.sum(), twice.count() as u64)
    }
}

/// Whether something may be sent again, so long after it was sent first and nobody knows what came of it: what the
/// author says, else what its class says, and what is said in a chat always.
pub(crate) fn may_repeat(request: &EffectRequest, since: i64) -> bool {
    match (request.delivery, request.class) {
        (Delivery::AtLeastOnce, _) => true,
        (Delivery::AtMostOnce, _) => false,
        (Delivery::Default, DeliveryClass::Read | DeliveryClass::OfChannel) => true,
        (Delivery::Default, DeliveryClass::Keyed(honoured)) => since < honoured,
        (Delivery::Default, DeliveryClass::Blind | DeliveryClass::Probe | DeliveryClass::Engine) => {
            request.effect.starts_with("chat.")
        }
    }
}
