//! Requests that wait for their answer.

use carapace_engine::EventNumber;
use carapace_engine::record::Responded;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// What a request waited for.
#[derive(Debug, Clone)]
pub(super) enum Ending {
    /// A flow answered.
    Answered(Arc<Responded>),
    /// Nothing will answer any more.
    Left,
}

/// Requests that wait, by the event they were taken in as.
///
/// The engine may be quicker than whoever brought the request: the answer can be there before the bringer knows the event's number.
/// So what ends meanwhile is kept for as long as somebody is being told a number who asked before it ended.
#[derive(Debug, Default)]
pub(super) struct Open(Mutex<Table>);

#[derive(Debug, Default)]
struct Table {
    waiting: HashMap<EventNumber, Vec<oneshot::Sender<Ending>>>,
    early: HashMap<EventNumber, Ending>,
    /// What is in `early`, with the number of the first bringing that began after it.
    order: VecDeque<(u64, EventNumber)>,
    /// Who is being told a number.
    bringing: BTreeSet<u64>,
    next: u64,
    ended: bool,
}

/// Somebody is being told the number of their event.
#[derive(Debug)]
pub(super) struct Bringing<'o> {
    open: &'o Open,
    number: u64,
}

impl Open {
    /// Begins to bring a request to the engine.
    pub(super) fn bring(&self) -> Bringing<'_> {
        let mut table = self.table();
        let number = table.next;
        table.next = number.saturating_add(1);
        table.bringing.insert(number);
        Bringing { open: self, number }
    }

    /// A request is over.
    pub(super) fn end(&self, event: EventNumber, ending: &Ending) {
        let mut table = self.table();
        for waiting in table.waiting.remove(&event).unwrap_or_default() {
            // Whoever asked may have gone.
            let _ = waiting.send(ending.clone());
        }
        if !table.bringing.is_empty() {
            let next = table.next;
            table.order.push_back((next, event));
            table.early.insert(event, ending.clone());
        }
    }

    /// Nothing will be answered any more.
    pub(super) fn end_all(&self) {
        let mut table = self.table();
        table.ended = true;
        for waiting in std::mem::take(&mut table.waiting).into_values().flatten() {
            let _ = waiting.send(Ending::Left);
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // Nothing in here is left half done by a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bringing<'_> {
    /// The event's number is known: what becomes of it is told.
    pub(super) fn wait(self, event: EventNumber) -> oneshot::Receiver<Ending> {
        let (tell, told) = oneshot::channel();
        let mut table = self.open.table();
        let known = if table.ended { Some(Ending::Left) } else { table.early.get(&event).cloned() };
        match known {
            // The receiver is right here.
            Some(ending) => drop(tell.send(ending)),
            None => {
                let waiting = table.waiting.entry(event).or_default();
                waiting.retain(|other| !other.is_closed());
                waiting.push(tell);
            }
        }
        told
    }
}

impl Drop for Bringing<'_> {
    fn drop(&mut self) {
        let mut table = self.open.table();
        table.bringing.remove(&self.number);
        let oldest = table.bringing.first().copied().unwrap_or(table.next);
        while let Some((before, event)) = table.order.front().copied().filter(|(before, _)| *before <= oldest)
        {
            table.order.pop_front();
            // One that ended twice has two entries, of which the later counts.
            if !table.order.iter().any(|(later, other)| *other == event && *later > before) {
                table.early.remove(&event);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_left(told: &mut oneshot::Receiver<Ending>) -> bool {
        matches!(told.try_recv(), Ok(Ending::Left))
    }

    #[test]
    fn what_ends_before_its_number_is_known_is_told() {
        let open = Open::default();
        let (first, second) = (open.bring(), open.bring());
        open.end(EventNumber(1), &Ending::Left);
        assert!(is_left(&mut first.wait(EventNumber(1))));
        assert!(is_left(&mut second.wait(EventNumber(1))), "and everybody who asks hears it");
        assert!(open.table().early.is_empty(), "nobody can ask for it any more");
        assert!(open.table().order.is_empty());
    }

    #[test]
    fn what_ends_later_is_told_to_all() {
        let open = Open::default();
        let mut told: Vec<_> = (0..3).map(|_| open.bring().wait(EventNumber(7))).collect();
        assert!(told.iter_mut().all(|told| !is_left(told)));
        open.end(EventNumber(7), &Ending::Left);
        assert!(told.iter_mut().all(is_left));
        assert!(open.table().waiting.is_empty() && open.table().early.is_empty());
    }

    #[test]
    fn those_who_are_gone_leave_nothing_behind() {
        let open = Open::default();
        for _ in 0..100 {
            drop(open.bring().wait(EventNumber(1)));
        }
        assert!(open.table().waiting.get(&EventNumber(1)).is_some_and(|waiting| waiting.len() == 1));
        let slow = open.bring();
        for event in 2..100 {
            open.end(EventNumber(event), &Ending::Left);
            drop(open.bring());
        }
        drop(slow);
        assert!(open.table().early.is_empty() && open.table().order.is_empty());
    }

    #[test]
    fn after_the_end_nobody_waits() {
        let open = Open::default();
        let mut before = open.bring().wait(EventNumber(1));
        open.end_all();
        assert!(is_left(&mut before) && is_left(&mut open.bring().wait(EventNumber(2))));
    }
}
