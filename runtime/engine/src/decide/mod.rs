//! Deciding: a state and a command give records, and nothing else happens. A file for each command.

mod accounts;
mod act;
mod again;
mod answer;
mod budget;
mod call;
mod cancel;
mod context;
mod deadline;
mod deploy;
mod draft;
mod event;
mod filter;
mod forget;
mod judge;
mod letter;
mod nearness;
mod outbox;
mod parked;
mod patience;
mod preview;
mod quarantine;
mod question;
mod ran;
mod records;
mod report;
mod request;
mod resolve;
mod respond;
mod schedule;
mod session;
mod start;
mod target;
mod timer;
mod transfer;
mod wait;
mod work;
pub(crate) mod world;

pub(crate) use accounts::missing;
pub use act::{act_of, started};
pub use deploy::FORMER;
pub(crate) use deploy::{collectable, fitting, may_use};
pub(crate) use event::stops;
pub use event::takers;
pub(crate) use judge::record_of;
pub(crate) use letter::{begins, places};
pub(crate) use transfer::movable;

use crate::DeploymentId;
use crate::command::{Call, Command, Input, Reply};
use crate::record::{ChannelHeard, Record, StateSet, Write};
use crate::state::State;
use crate::wire::Wire;
use carapace_effect::RunId;
use carapace_module::Value;
use draft::Draft;

/// What was decided: the records of one line, and what the one who asked is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// One line of the journal; empty where nothing changes.
    pub records: Vec<Record>,
    /// The answer.
    pub reply: Reply,
    /// The request that was brought, as it is before the line is applied.
    pub call: Option<Call>,
    /// The records on which runs begin that were created: what advances them need not read their event again.
    pub(crate) begun: Vec<(RunId, DeploymentId, Value)>,
}

/// Decides. Pure: the same state and command give the same records, here and everywhere.
pub fn decide(state: &State, command: Command) -> Decision {
    let mut draft = Draft::new(state, command.now, command.entropy);
    let reply = match command.input {
        Input::Deploy(deploy) => deploy::deploy(&mut draft, &deploy),
        Input::DeployAll(deploys) => deploy::deploy_all(&mut draft, &deploys),
        Input::Withdraw { package } => deploy::withdraw(&mut draft, &package),
        Input::Rollback { package, to } => deploy::rollback(&mut draft, &package, to),
        Input::Collect { former } => deploy::collect(&mut draft, former),
        Input::Swept { modules } => deploy::swept(&mut draft, modules),
        Input::Accounts { there } => accounts::accounts(&mut draft, there),
        Input::Event(event) => event::event(&mut draft, *event),
        Input::Report(report) => report::report(&mut draft, &report),
        Input::Lost { act } => report::lost(&mut draft, &act),
        Input::Used { by, usage } => budget::used(&mut draft, by, usage),
        Input::Timer { due, timer } => timer::timer(&mut draft, due, timer),
        Input::Work(number) => work::work(&mut draft, number),
        Input::Wake { run } => work::wake(&mut draft, run),
        Input::Ran(ran) => ran::ran(&mut draft, *ran),
        Input::Call { flow, args, parent } => call::call(&mut draft, &flow, args, parent),
        Input::Invoke { by, package, flow, arguments } => {
            call::invoke(&mut draft, by, (&package, &flow), &arguments)
        }
        Input::Cancel { run, reason } => cancel::cancel(&mut draft, run, &reason),
        Input::Move { run } => transfer::transfer(&mut draft, run),
        Input::Crashed { run } => quarantine::crashed(&mut draft, run),
        Input::Retry { run } => quarantine::retry(&mut draft, run),
        Input::Resolve { run, op, outcome } => resolve::resolve(&mut draft, run, &op, outcome),
        Input::Previewed(previewed) => preview::previewed(&mut draft, previewed),
        Input::Receipt(receipt) => outbox::receipt(&mut draft, &receipt),
        Input::Outbox { act, wish } => outbox::wish(&mut draft, &act, wish),
        Input::Staleness { account, staleness } => outbox::set_staleness(&mut draft, account, staleness),
        Input::Forget(forgetting) => forget::forget(&mut draft, *forgetting),
        Input::Forgot { records } => forget::forgot(&mut draft, records),
        Input::Compact { session, through, archive } => {
            session::compact(&mut draft, session, through, archive)
        }
        Input::Restore { session, archive, turns } => context::restore(&mut draft, session, archive, turns),
        Input::SetState { name, key, value } => {
            let keep = draft.serving().find_map(|deployment| deployment.keep(&name));
            let until = keep.map(|keep| command.now.saturating_add(keep));
            let write = Write { state: name, key, value: Wire(value), until };
            draft.push(Record::StateSet(StateSet(write)));
            Reply::Done
        }
        Input::Channel { account, caught_up } => {
            let away = state.outbox.account(&account).is_some_and(|account| account.away.is_some());
            if state.deaf.contains_key(&account) == caught_up || (caught_up && away) {
                if caught_up {
                    deadline::release(&mut draft, &account);
                }
                draft.push(Record::ChannelHeard(ChannelHeard { account, caught_up, at: command.now }));
            }
            Reply::Done
        }
    };
    Decision { records: draft.records, reply, call: draft.call, begun: draft.on_record }
}
