//! One WebSocket, from its first message to its close.

use crate::Methods;
use crate::auth::{Caller, Scope};
use crate::routes::watching::{Told, Wanted, Watcher};
use crate::rpc::{Fault, answer, parse};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, close_code};
use carapace_engine::inspect::Happened;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

/// Calls that are answered at the same time; who has more in flight is read when one of them is answered.
const AT_ONCE: usize = 16;
/// Subscriptions of one connection.
const SUBSCRIPTIONS: usize = 8;
/// Messages of subscriptions that wait for the socket.
const WAITING: usize = 16;
/// How often it is asked whether the other side is there.
const PING: Duration = Duration::from_secs(30);
/// How long nothing may be heard, and how long a message may take to be taken.
const IDLE: Duration = Duration::from_secs(90);

/// What a subscription has for the socket.
struct Push {
    subscription: u64,
    told: Told,
}

/// Why a connection ends.
struct Close(u16, &'static str);

/// Nobody is there any more, or takes nothing.
const GONE: Close = Close(close_code::ABNORMAL, "");

pub(super) struct Connection {
    socket: WebSocket,
    methods: Methods,
    caller: Arc<Caller>,
    /// Calls that are being answered; a notification has no answer.
    asked: JoinSet<Option<Vec<u8>>>,
    subscriptions: BTreeMap<u64, AbortHandle>,
    watching: JoinSet<()>,
    next: u64,
    tell: mpsc::Sender<Push>,
    told: mpsc::Receiver<Push>,
    heard: Instant,
}

impl Connection {
    pub(super) fn new(socket: WebSocket, methods: Methods, caller: Caller) -> Connection {
        let (tell, told) = mpsc::channel(WAITING);
        Connection {
            socket,
            methods,
            caller: Arc::new(caller),
            asked: JoinSet::new(),
            subscriptions: BTreeMap::new(),
            watching: JoinSet::new(),
            next: 1,
            tell,
            told,
            heard: Instant::now(),
        }
    }

    /// Lives until one of both ends it, or the runtime ends.
    pub(super) async fn live(mut self, ending: Receiver<Arc<Happened>>) {
        let Err(Close(code, reason)) = self.go_on(ending).await else { return };
        if code == close_code::ABNORMAL {
            return;
        }
        let close = Message::Close(Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) }));
        // The other side answers, and reads it only where nothing is left unread here.
        let goodbye = async {
            if self.socket.send(close).await.is_ok() {
                while let Some(Ok(_)) = self.socket.recv().await {}
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), goodbye).await;
    }

    async fn go_on(&mut self, ending: Receiver<Arc<Happened>>) -> Result<(), Close> {
        let mut ended = std::pin::pin!(ended(ending));
        let caller = self.caller.clone();
        let mut over = std::pin::pin!(caller.over());
        let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
        loop {
            let free = self.asked.len() < AT_ONCE;
            tokio::select! {
                message = self.socket.recv(), if free => match message {
                    Some(Ok(message)) => self.hear(message).await?,
                    Some(Err(_)) | None => return Err(GONE),
                },
                Some(done) = self.asked.join_next(), if !self.asked.is_empty() => {
                    if let Ok(Some(answer)) = done {
                        self.send_bytes(answer).await?;
                    }
                }
                Some(push) = self.told.recv() => self.push(push).await?,
                _ = ping.tick() => {
                    if self.heard.elapsed() > IDLE {
                        return Err(Close(close_code::POLICY, "nothing was heard for too long"));
                    }
                    self.send(Message::Ping(Vec::new().into())).await?;
                }
                () = over.as_mut() => return Err(Close(close_code::POLICY, "the token counts no longer")),
                () = ended.as_mut() => return Err(Close(close_code::AWAY, "the runtime ends")),
            }
        }
    }

    async fn hear(&mut self, message: Message) -> Result<(), Close> {
        self.heard = Instant::now();
        let text = match message {
            Message::Text(text) => text,
            // The library answers both.
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Binary(_) => return Err(Close(close_code::UNSUPPORTED, "a call is a text")),
            Message::Close(_) => return Err(Close(close_code::NORMAL, "")),
        };
        let call = match parse(text.as_bytes()) {
            Ok(call) => call,
            Err(refused) => {
                let (id, fault) = *refused;
                return self.send_bytes(answer(&id, Err(fault))).await;
            }
        };
        match (call.method.as_str(), call.id) {
            // Who wants no answer would never learn which subscription it is.
            ("events.subscribe", None) => Ok(()),
            ("events.subscribe", Some(id)) => self.subscribe(&id, call.params).await,
            ("events.unsubscribe", id) => {
                let done = self.unsubscribe(&call.params);
                match id {
                    Some(id) => self.send_bytes(answer(&id, done)).await,
                    None => Ok(()),
                }
            }
            (_, id) => {
                let (methods, caller) = (self.methods.clone(), self.caller.clone());
                self.asked.spawn(async move {
                    let result = methods.call(&caller, &call.method, call.params).await;
                    id.map(|id| answer(&id, result))
                });
                Ok(())
            }
        }
    }

    async fn subscribe(&mut self, id: &Json, params: Json) -> Result<(), Close> {
        let begun = async {
            if !self.caller.may(Scope::Read) {
                return Err(Fault::forbidden("events.subscribe", Scope::Read));
            }
            if self.subscriptions.len() >= SUBSCRIPTIONS {
                let why = format!("a connection has at most {SUBSCRIPTIONS} subscriptions");
                return Err(Fault::refused("E1038", why, Some("`events.unsubscribe` ends one".to_owned())));
            }
            Watcher::begin(&self.methods, Wanted::read(params)?).await
        };
        let watcher = match begun.await {
            Ok(watcher) => watcher,
            Err(fault) => return self.send_bytes(answer(id, Err(fault))).await,
        };
        let subscription = self.next;
        self.next = self.next.saturating_add(1);
        // It is told which it is before anything of it.
        let told = json!({ "subscription": subscription, "seq": watcher.through() });
        self.send_bytes(answer(id, Ok(told))).await?;
        let task = self.watching.spawn(watch(subscription, watcher, self.tell.clone()));
        self.subscriptions.insert(subscription, task);
        Ok(())
    }

    fn unsubscribe(&mut self, params: &Json) -> Result<Json, Fault> {
        let which = params.get("subscription").and_then(Json::as_u64);
        let which = which
            .ok_or_else(|| Fault::params("`subscription` is the number that `events.subscribe` gave"))?;
        let task = self.subscriptions.remove(&which);
        let task = task.ok_or_else(|| Fault::params(format!("there is no subscription {which}")))?;
        task.abort();
        Ok(json!({ "subscription": which }))
    }

    /// Passes on what a subscription has, unless it was ended meanwhile.
    async fn push(&mut self, push: Push) -> Result<(), Close> {
        let Push { subscription, told } = push;
        if !self.subscriptions.contains_key(&subscription) {
            return Ok(());
        }
        if !self.caller.may(Scope::Read) {
            return Err(Close(close_code::POLICY, "the token counts no longer"));
        }
        let (method, params) = match told {
            Told::Happened(happened) => {
                ("events.happened", serde_json::to_value(happened).unwrap_or_default())
            }
            Told::Missed(missed) => ("events.missed", serde_json::to_value(missed).unwrap_or_default()),
            Told::Ended => return Err(Close(close_code::AWAY, "the runtime ends")),
        };
        let mut params = params;
        if let Some(params) = params.as_object_mut() {
            params.insert("subscription".to_owned(), subscription.into());
        }
        let told = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.send(Message::Text(told.to_string().into())).await
    }

    async fn send_bytes(&mut self, line: Vec<u8>) -> Result<(), Close> {
        let text = String::from_utf8(line).unwrap_or_default();
        self.send(Message::Text(text.trim_end().into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Close> {
        match tokio::time::timeout(IDLE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(GONE),
        }
    }
}

/// Watches for a subscription, as fast as the socket takes it.
async fn watch(subscription: u64, mut watcher: Watcher, tell: mpsc::Sender<Push>) {
    loop {
        let told = watcher.next().await;
        let last = told == Told::Ended;
        if tell.send(Push { subscription, told }).await.is_err() || last {
            return;
        }
    }
}

/// Returns when the runtime ends.
async fn ended(mut ending: Receiver<Arc<Happened>>) {
    while !matches!(ending.recv().await, Err(RecvError::Closed)) {}
}
