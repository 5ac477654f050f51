//! `kill -9` in a loop, with visitors who count: what was acknowledged is answered once, and what `state` counts is exact.

use crate::talk::{Talk, package};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const KILLS: u64 = 25;
const VISITORS: usize = 3;
const SEED: u64 = 20_260_105;

/// Nothing that is waited for here takes as long on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

const COUNTS: &str = r#"channel chat: any

state count: Int = 0 by sender

flow count_up on chat.message
  serial by sender
  timeout 1h
{
  set count = count + 1
  reply("{count}: {message.text}")
}
"#;

/// The server let go.
struct Lost;

/// What visitors are told: whether the server is up, and whether they have said enough.
#[derive(Clone, Copy)]
struct Told {
    life: u64,
    enough: bool,
}

/// Somebody on the page.
struct Visitor {
    number: usize,
    address: String,
    session: Option<String>,
    conversation: Option<String>,
    /// The last event they saw.
    seen: u64,
    /// What they said and were not told to be safe.
    pending: Option<Json>,
    acknowledged: BTreeSet<String>,
    /// What was answered to each message.
    answers: BTreeMap<String, Vec<u64>>,
    events: BTreeMap<u64, Json>,
    asked_again: u64,
    life: watch::Receiver<Told>,
    acks: mpsc::UnboundedSender<()>,
}

#[tokio::test]
async fn what_was_acknowledged_is_answered_once_over_many_kills() {
    let folder = tempfile::tempdir().unwrap();
    let (shop, data) = (package(folder.path(), COUNTS), folder.path().join("data"));
    let (mut talk, address) = serve(&shop, &data, "127.0.0.1:0").await;
    let (tell, life) = watch::channel(Told { life: 0, enough: false });
    let (acks, mut heard) = mpsc::unbounded_channel();
    let visitors: Vec<_> = (0..VISITORS)
        .map(|number| {
            let visitor = Visitor::new(number, &address, life.clone(), acks.clone());
            tokio::spawn(visitor.talk())
        })
        .collect();
    let mut chance = SEED;
    for kill in 1..=KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // After so many acknowledgements of this life, and a moment: in the middle of whatever happens then.
        for _ in 0..1 + (chance >> 40) % 8 {
            tokio::time::timeout(PATIENCE, heard.recv()).await.expect("messages are acknowledged").unwrap();
        }
        tokio::time::sleep(Duration::from_micros((chance >> 33) % 20_000)).await;
        talk.kill();
        while heard.try_recv().is_ok() {}
        (talk, _) = serve(&shop, &data, &address).await;
        tell.send_replace(Told { life: kill, enough: kill == KILLS });
    }
    let (mut messages, mut again) = (0, 0);
    for visitor in visitors {
        let visitor = tokio::time::timeout(PATIENCE, visitor).await.expect("everything is answered").unwrap();
        messages += visitor.check();
        again += visitor.asked_again;
    }
    println!(
        "{KILLS} kills (seed {SEED}); {messages} messages of {VISITORS} visitors acknowledged and each answered once; \
         {again} sent again because nobody had said that they were safe"
    );
    assert!(messages >= usize::try_from(KILLS).unwrap());
    drop(talk);
}

/// Starts the runtime, and waits until its page is there; gives its address.
async fn serve(shop: &std::path::Path, data: &std::path::Path, listen: &str) -> (Talk, String) {
    let (shop, data, listen) = (shop.to_owned(), data.to_owned(), listen.to_owned());
    let serving = tokio::task::spawn_blocking(move || {
        let talk = Talk::serve(&shop, &data, &listen);
        let line = talk.told("chat page: ");
        let address = line.split('/').nth(2).unwrap().to_owned();
        (talk, address)
    });
    serving.await.unwrap()
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

impl Visitor {
    fn new(
        number: usize,
        address: &str,
        life: watch::Receiver<Told>,
        acks: mpsc::UnboundedSender<()>,
    ) -> Visitor {
        Visitor {
            number,
            address: address.to_owned(),
            session: None,
            conversation: None,
            seen: 0,
            pending: None,
            acknowledged: BTreeSet::new(),
            answers: BTreeMap::new(),
            events: BTreeMap::new(),
            asked_again: 0,
            life,
            acks,
        }
    }

    /// Talks until it is enough and everything is answered, over as many lives of the server as that takes.
    async fn talk(mut self) -> Visitor {
        loop {
            let life = self.life.borrow_and_update().life;
            if self.once().await.is_ok() {
                return self;
            }
            // A connection that was lost says that the server is gone: the next one will be told of.
            loop {
                let told = *self.life.borrow_and_update();
                if told.life != life {
                    break;
                }
                assert!(!told.enough, "the last server let go of {self}");
                self.life.changed().await.unwrap();
            }
        }
    }

    /// One connection.
    async fn once(&mut self) -> Result<(), Lost> {
        let mut request = format!("ws://{}/webchat/ws", self.address).into_client_request().unwrap();
        let origin = format!("http://{}", self.address);
        request.headers_mut().insert("origin", origin.parse().unwrap());
        let (mut socket, _) = connect_async(request).await.map_err(|_| Lost)?;
        let seen: BTreeMap<_, _> = self.conversation.iter().map(|name| (name.clone(), self.seen)).collect();
        say(&mut socket, &json!({ "type": "hello", "session": self.session, "seen": seen })).await?;
        self.hear(&mut socket, true).await?;
        loop {
            match self.pending {
                Some(_) => self.asked_again += 1,
                None if !self.life.borrow().enough => self.pending = Some(self.next()),
                None if self.answers.len() == self.acknowledged.len() => return Ok(()),
                None => {}
            }
            if let Some(frame) = &self.pending {
                say(&mut socket, frame).await?;
            }
            self.hear(&mut socket, false).await?;
        }
    }

    /// What they ask for next: a conversation, and then messages in it.
    fn next(&self) -> Json {
        let id = format!("c-{}-{:020}", self.number, self.acknowledged.len());
        match &self.conversation {
            None => json!({ "type": "open", "id": format!("{id}-open") }),
            Some(conversation) => {
                let text = format!("{} of {}", self.acknowledged.len(), self.number);
                json!({ "type": "message", "id": id, "conversation": conversation, "text": text })
            }
        }
    }

    /// Listens until the welcome, or until what was said is known to be safe; with nothing to say, to one frame.
    async fn hear(&mut self, socket: &mut Socket, greeting: bool) -> Result<(), Lost> {
        loop {
            let frame = match tokio::time::timeout(PATIENCE / 2, socket.next())
                .await
                .unwrap_or_else(|_| panic!("the server says nothing to {self}"))
            {
                Some(Ok(Message::Text(text))) => serde_json::from_str::<Json>(&text).unwrap(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Lost),
                Some(Ok(_)) => continue,
            };
            match frame["type"].as_str() {
                Some("welcome") => {
                    if let Some(session) = frame["session"].as_str() {
                        assert!(self.session.is_none(), "a session that was told is known for ever");
                        self.session = Some(session.to_owned());
                    }
                    return Ok(());
                }
                Some("event") => self.event(&frame),
                Some("ack") if self.pending.as_ref().is_some_and(|asked| asked["id"] == frame["id"]) => {
                    self.acked(&frame);
                    return Ok(());
                }
                // Too fast for one visitor: a moment later, the same again.
                Some("error") => {
                    assert_eq!(frame["code"], "rate_limited", "{frame}");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    return Ok(());
                }
                _ => {}
            }
            if self.pending.is_none() && !greeting {
                return Ok(());
            }
        }
    }

    fn acked(&mut self, frame: &Json) {
        let Some(asked) = self.pending.take() else { return };
        match asked["text"].as_str() {
            Some(text) => {
                self.acknowledged.insert(text.to_owned());
                // Whoever counts may have gone.
                let _ = self.acks.send(());
            }
            None => self.conversation = frame["conversation"].as_str().map(str::to_owned),
        }
    }

    /// Something stands in the conversation that was not seen before.
    fn event(&mut self, frame: &Json) {
        let seq = frame["seq"].as_u64().unwrap();
        // What happens while a page resumes may be told twice, under the same number.
        if let Some(before) = self.events.insert(seq, frame["event"].clone()) {
            assert_eq!(before, frame["event"], "event {seq} became another");
            return;
        }
        assert_eq!(seq, self.seen + 1, "nothing is left out");
        self.seen = seq;
        let text = frame["event"]["text"].as_str().unwrap_or_default();
        if let Some((count, of)) = text.split_once(": ") {
            self.answers.entry(of.to_owned()).or_default().push(count.parse().unwrap());
        }
    }

    /// Everything that was acknowledged was answered once, and counted once. Gives how much that was.
    fn check(&self) -> usize {
        for text in &self.acknowledged {
            let answers = self.answers.get(text).map(Vec::as_slice).unwrap_or_default();
            assert_eq!(answers.len(), 1, "`{text}` was answered {answers:?}");
        }
        let counted: Vec<u64> =
            self.answers.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let expected: Vec<u64> = (1..).take(self.acknowledged.len()).collect();
        assert_eq!(counted, expected, "`state` counts what was acknowledged");
        self.acknowledged.len()
    }
}

impl std::fmt::Display for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unanswered: Vec<&String> =
            self.acknowledged.iter().filter(|text| !self.answers.contains_key(*text)).collect();
        let Told { life, enough } = *self.life.borrow();
        write!(
            f,
            "visitor {} in life {life} (enough: {enough}): pending {:?}, unanswered {unanswered:?}, seen {}",
            self.number, self.pending, self.seen
        )
    }
}

async fn say(socket: &mut Socket, frame: &Json) -> Result<(), Lost> {
    socket.send(Message::text(frame.to_string())).await.map_err(|_| Lost)
}
