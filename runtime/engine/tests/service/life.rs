//! One life of an engine: from opening a journal to its end.

use super::*;
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

const FLOWS: &str = r#"channel chat: any

state count: Int = 0

flow count_up on chat.message where message.text != "later" and not (message.text starts with "agent") {
  set count = count + 1
  reply("{count}: {message.text}")
}

agent desk {
  model: "test/model"
  instructions: "Answer."
  tools: [double]
  summary: false
}

/// Twice a number.
tool double(number: Int) -> Int { return number * 2 }

flow asks on chat.message where message.text starts with "agent" {
  desk.chat(message.text)
}

flow later on chat.message where message.text == "later" {
  wait(1h)
  reply("an hour later")
}
"#;

/// When every test begins, in milliseconds since 1970.
pub(super) const START: i64 = 1_700_000_000_000;

pub(super) struct Life {
    pub(super) handle: Handle,
    pub(super) outgoing: mpsc::UnboundedReceiver<Outgoing>,
    pub(super) clock: Arc<AtomicI64>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), Error>>,
}

impl Life {
    pub(super) fn begin(store: Arc<dyn Store>, options: Options) -> Life {
        Life::with_clock(store, options, Arc::new(AtomicI64::new(START)))
    }

    pub(super) fn with_clock(store: Arc<dyn Store>, options: Options, clock: Arc<AtomicI64>) -> Life {
        Life::of(FLOWS, store, options, clock)
    }

    /// One of these flows.
    pub(super) fn of(flows: &str, store: Arc<dyn Store>, options: Options, clock: Arc<AtomicI64>) -> Life {
        let told = clock.clone();
        let options = Options { clock: Clock::of(move || told.load(Ordering::SeqCst)), ..options };
        let Opened { mut service, handle, outgoing } = Service::open(store, options).unwrap();
        let accounts = vec!["main".into()];
        let deploy = Deploy {
            module: module(flows).into(),
            bindings: [("main.chat".into(), Binding::Channel { accounts })].into(),
            ..Deploy::default()
        };
        let reply = service.prepare(Input::Deploy(Box::new(deploy)));
        assert!(matches!(reply, Reply::Deployed(_)), "{reply:?}");
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(service.run(async move {
            // A sender that is dropped means the same.
            let _ = stopped.await;
        }));
        Life { handle, outgoing, clock, stop, running }
    }

    /// Lets time pass.
    pub(super) fn pass(&self, ms: i64) {
        self.clock.fetch_add(ms, Ordering::SeqCst);
    }

    /// The next act.
    pub(super) async fn act(&mut self) -> Arc<Act> {
        loop {
            if let Outgoing::Perform(act) = self.outgoing.recv().await.unwrap() {
                return act;
            }
        }
    }

    /// Says that an act was done.
    pub(super) async fn done(&self, act: &Act) {
        let message = json!({ "channel": "main", "conversation": "c", "id": "m" });
        let report = Report { act: act.id.clone(), attempt: act.attempt, outcome: Reported::Done(message) };
        self.handle.report(report).await.unwrap();
    }

    /// Asks it to end, and waits for that.
    pub(super) async fn stop(self) -> Result<(), Error> {
        drop(self.stop);
        self.running.await.unwrap()
    }

    /// Waits until it ends by itself.
    pub(super) async fn ended(self) -> Result<(), Error> {
        self.running.await.unwrap()
    }

    /// It is gone at once, without a word.
    pub(super) async fn cut(self) {
        self.running.abort();
        // That it was aborted is what was wanted.
        let _ = self.running.await;
    }
}

fn module(flows: &str) -> Vec<u8> {
    let checked = Checked::of(&MemoryFiles::new([("main.flow", flows)]), "main.flow");
    assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
    checked.compile().map_err(|_| "mistakes").unwrap().module.to_bytes()
}

/// Somebody writes.
pub(super) fn message(n: u32, text: &str) -> Event {
    let fields = json!({
        "message": { "id": format!("m{n}"), "text": text, "attachments": [], "mentions": [], "mentioned": false },
        "sender": { "id": "ana", "name": "Ana", "bot": false, "channel": "main" },
        "conversation": { "id": "c", "channel": "main", "kind": "direct", "title": null },
    });
    Event {
        kind: EventKind::Channel {
            account: "main".into(),
            id: format!("e{n}").into(),
            trigger: "message".into(),
        },
        origin: Some(Origin {
            account: "main".into(),
            conversation: "c".into(),
            direct: true,
            thread: None,
            sender: Some("ana".into()),
            message: Some(format!("m{n}").into()),
            route: json!(null),
        }),
        at: None,
        fields: fields.as_object().unwrap().clone(),
    }
}
