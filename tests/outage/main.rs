//! A channel that is away for an hour, with ten thousand messages in the queue: all come out, in order for each chat, no
//! faster than the network takes them, and none twice, also when the process dies meanwhile. The clock is simulated.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod network;

use carapace_channel_api::{Channel, Health, Shutdown};
use carapace_delivery::{Options, Service};
use carapace_engine::machine::vm;
use carapace_engine::{Core, Input, Line, Outgoing, Report};
use carapace_tests::measure::{Engine, message};
use network::Network;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// When it begins, in milliseconds since 1970 UTC.
const START: i64 = 1_767_603_600_000;

const MESSAGES: u64 = 10_000;

/// So many chats take turns.
const CHATS: u64 = 100;

const HOUR: Duration = Duration::from_secs(3_600);

const ECHO: &str = "channel chat: telegram\n\nflow echo on chat.message {\n  reply(message.text)\n}\n";

/// An engine and delivery, as one process has them.
struct Process {
    core: Core,
    lines: Vec<Line>,
    begun: Instant,
    delivery: carapace_delivery::Handle,
    reports: mpsc::UnboundedReceiver<Report>,
    _stop: carapace_channel_api::ShutdownHandle,
}

impl Process {
    fn of(core: Core, lines: Vec<Line>, network: &Arc<Network>, begun: Instant) -> Process {
        let (tell, reports) = mpsc::unbounded_channel();
        let channel: Arc<dyn Channel> = network.clone();
        let (service, delivery) = Service::new(Options::default(), [channel], tell);
        let (stop, asked) = Shutdown::new();
        tokio::spawn(service.run(asked));
        Process { core, lines, begun, delivery, reports, _stop: stop }
    }

    fn now(&self) -> i64 {
        START + i64::try_from(self.begun.elapsed().as_millis()).unwrap()
    }

    /// Goes on as long as something goes on by itself, but not beyond `end`.
    async fn live(&mut self, end: Instant) {
        loop {
            let now = self.now();
            self.core.pump(now);
            self.lines.extend(self.core.take_lines());
            for outgoing in self.core.take_outgoing(u64::MAX) {
                match outgoing {
                    Outgoing::Perform(act) => self.delivery.perform(act),
                    Outgoing::Abandon(act) => self.delivery.abandon(act),
                    _ => {}
                }
            }
            let due = self.core.next_due().map_or(end, |due| {
                let left = u64::try_from(due - now).unwrap_or_default();
                (Instant::now() + Duration::from_millis(left)).min(end)
            });
            tokio::select! {
                Some(report) = self.reports.recv() => {
                    let now = self.now();
                    self.core.report(now, report);
                }
                () = tokio::time::sleep_until(due) => {
                    if Instant::now() >= end {
                        return;
                    }
                }
            }
        }
    }

    fn channel(&mut self, caught_up: bool) {
        let now = self.now();
        self.core.submit(now, Input::Channel { account: "chat".into(), caught_up });
    }

    /// The process dies; another reads its journal.
    fn after_a_crash(self, network: &Arc<Network>) -> Process {
        let mut core = Core::replay(&self.lines, vm::load, [3, 4]);
        core.recover(self.now());
        Process::of(core, self.lines, network, self.begun)
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_messages_wait_for_a_channel_and_all_come_out() {
    let network = Network::new("telegram", "chat");
    network.status.set(Health::Down { reason: "no network".into() });
    let begun = Instant::now();
    let (engine, deployed) = Engine::with_lines(ECHO);
    let mut process = Process::of(engine.core, deployed, &network, begun);
    process.channel(false);
    for n in 0..MESSAGES {
        let who = format!("p{}", n % CHATS);
        let now = process.now();
        process.core.event(now, message("chat", n, &who, &format!("{who} {n}")));
        if n % 500 == 0 {
            process.live(Instant::now() + Duration::from_secs(10)).await;
        }
    }
    process.live(begun + HOUR / 2).await;
    let asked = network.asked();
    assert!(asked < 1_000, "one now and then finds out whether the network is back: {asked}");
    assert_eq!(network.sent().len(), 0);
    let waiting = process.core.state().outbox.len();
    // One may be with its channel, to find out.
    assert!(waiting as u64 >= MESSAGES - 1, "none of them counts as sent: {waiting}");

    let mut process = process.after_a_crash(&network);
    process.channel(false);
    process.live(begun + HOUR).await;
    network.status.set(Health::CaughtUp);
    process.channel(true);
    let back = Instant::now();
    process.live(back + Duration::from_secs(60)).await;
    let so_far = network.sent().len();
    assert!((1_000..=1_900).contains(&so_far), "a minute at thirty a second: {so_far}");
    // Once more, in the middle of it: what is on its way then is sent again, under its key.
    let mut process = process.after_a_crash(&network);
    process.channel(true);
    process.live(back + HOUR).await;

    let sent = network.sent();
    let mut texts: Vec<&str> = sent.iter().map(|sent| sent.text.as_str()).collect();
    for chat in 0..CHATS {
        let prefix = format!("p{chat} ");
        let numbers: Vec<u64> =
            texts.iter().filter_map(|text| text.strip_prefix(&prefix)?.parse().ok()).collect();
        let expected: Vec<u64> = (0..MESSAGES).filter(|n| n % CHATS == chat).collect();
        assert_eq!(numbers, expected, "chat {chat}");
    }
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len() as u64, MESSAGES);
    assert!(process.core.state().runs.is_empty() && process.core.state().outbox.is_empty());
    let first = sent[0].at;
    let took = sent.last().unwrap().at.duration_since(first).as_secs();
    assert!((330..400).contains(&took), "{took} s");
    let times: Vec<Instant> = sent.iter().map(|sent| sent.at).collect();
    let crowded = times.windows(31).filter(|w| w[30].duration_since(w[0]) < Duration::from_secs(1));
    // A new process does not know how many the last one sent in its last second.
    assert!(crowded.count() <= 30, "thirty a second");
}
