//! One page's connection.

use crate::frames::{Asked, Code, Refusal, Told, Who, tell};
use crate::hub::Hub;
use crate::token::{Token, fresh};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use carapace_channel_api::{ConversationId, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Frames that may wait for a slow page before it is disconnected and has to resume.
const QUEUE: usize = 1_024;
/// How long a page may take to say `hello`, and a frame to leave.
const PATIENCE: Duration = Duration::from_secs(10);

const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
const POLICY: u16 = 1008;
const TOO_BIG: u16 = 1009;

/// Why a connection ends, as the page is told.
struct Close(u16, &'static str);

/// Talks to a page until one of them goes.
pub(crate) async fn serve(hub: Arc<Hub>, mut socket: WebSocket, address: IpAddr) {
    let Close(code, reason) = match greet(&hub, &mut socket, address).await {
        Ok((user, mut queue, number)) => {
            let close = Connection { hub: &hub, user: &user, address, strikes: 0 }
                .talk(&mut socket, &mut queue)
                .await;
            hub.disconnect(&user, number);
            close
        }
        Err(close) => close,
    };
    let frame = CloseFrame { code, reason: reason.into() };
    let _ = tokio::time::timeout(Duration::from_secs(1), socket.send(Message::Close(Some(frame)))).await;
}

/// Waits for `hello`, finds out who it is and tells them what they missed.
async fn greet(
    hub: &Hub,
    socket: &mut WebSocket,
    address: IpAddr,
) -> Result<(UserId, mpsc::Receiver<Arc<str>>, u64), Close> {
    let first = tokio::time::timeout(PATIENCE, socket.recv()).await;
    let text = match first {
        Ok(Some(Ok(Message::Text(text)))) => text,
        Ok(Some(Ok(_))) | Err(_) => return Err(Close(POLICY, "the first frame is `hello`")),
        Ok(Some(Err(_))) => return Err(Close(TOO_BIG, "too large")),
        Ok(None) => return Err(Close(NORMAL, "")),
    };
    let Ok(Asked::Hello { session, seen }) = serde_json::from_str(&text) else {
        say(socket, &Refusal::new(Code::BadFrame, "the first frame is `hello`").frame(None)).await?;
        return Err(Close(POLICY, "the first frame is `hello`"));
    };
    let (user, token) = match enter(hub, session.as_deref(), address) {
        Ok(entered) => entered,
        Err(refusal) => {
            say(socket, &refusal.frame(None)).await?;
            return Err(Close(POLICY, "not now"));
        }
    };
    let (sender, queue) = mpsc::channel(QUEUE);
    // Told what happens from here on before being told what was missed: so nothing falls between, and what comes
    // twice has the same number.
    let number = hub.connect(&user, sender);
    match welcome(hub, &user, token.as_ref(), &seen).await {
        Ok(frames) => {
            for frame in frames {
                if let Err(close) = say(socket, &frame).await {
                    hub.disconnect(&user, number);
                    return Err(close);
                }
            }
            Ok((user, queue, number))
        }
        Err(refusal) => {
            hub.disconnect(&user, number);
            say(socket, &refusal.frame(None)).await?;
            Err(Close(GOING_AWAY, "not now"))
        }
    }
}

/// Who has this secret; somebody new where nobody has.
fn enter(hub: &Hub, session: Option<&str>, address: IpAddr) -> Result<(UserId, Option<Token>), Refusal> {
    let known = session.and_then(Token::read).and_then(|token| hub.index.session(&token.hash()));
    if let Some(user) = known {
        return Ok((user, None));
    }
    hub.newcomers.take(address, Instant::now()).map_err(|after| {
        Refusal::later(Code::RateLimited, "too many new visitors from your address", after)
    })?;
    let (token, user) = (Token::new()?, UserId(fresh("v")?));
    hub.index.newcomer(token.hash(), user.clone());
    Ok((user, Some(token)))
}

async fn welcome(
    hub: &Hub,
    user: &UserId,
    token: Option<&Token>,
    seen: &HashMap<ConversationId, u64>,
) -> Result<Vec<String>, Refusal> {
    let mut conversations = Vec::new();
    let mut missed = Vec::new();
    for id in hub.index.conversations(user) {
        let Some(conversation) = hub.index.conversation(&id) else { continue };
        conversations.push(hub.summary(conversation).await?);
        if let Some(seq) = seen.get(&id) {
            missed.extend(hub.missed(&id, *seq).await?);
        }
    }
    let name = hub.index.user(user).map(|user| user.name).unwrap_or_default();
    let welcome = tell(&Told::Welcome {
        session: token.map(Token::reveal),
        user: Who { id: user.clone(), name },
        title: &hub.options.title,
        greeting: &hub.options.greeting,
        limits: hub.caps(),
        conversations,
    });
    Ok(std::iter::once(welcome).chain(missed).collect())
}

struct Connection<'a> {
    hub: &'a Hub,
    user: &'a UserId,
    address: IpAddr,
    strikes: u32,
}

enum Happened {
    Came(Option<Result<Message, axum::Error>>),
    Tell(Option<Arc<str>>),
    Silence,
    Closing,
}

impl Connection<'_> {
    async fn talk(mut self, socket: &mut WebSocket, queue: &mut mpsc::Receiver<Arc<str>>) -> Close {
        let mut closing = self.hub.closing.subscribe();
        let silence = self.hub.options.limits.silence;
        let mut asked_for_life = false;
        loop {
            let happened = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => Happened::Closing,
                told = queue.recv() => Happened::Tell(told),
                came = socket.recv() => Happened::Came(came),
                () = tokio::time::sleep(silence) => Happened::Silence,
            };
            let done = match happened {
                Happened::Closing => return Close(GOING_AWAY, "the server ends"),
                Happened::Tell(None) => return Close(GOING_AWAY, "too slow; resume"),
                Happened::Tell(Some(text)) => say(socket, &text).await,
                Happened::Silence if asked_for_life => return Close(GOING_AWAY, "no sign of life"),
                Happened::Silence => {
                    asked_for_life = true;
                    send(socket, Message::Ping(Vec::new().into())).await
                }
                Happened::Came(came) => {
                    asked_for_life = false;
                    match came {
                        None | Some(Ok(Message::Close(_))) => return Close(NORMAL, ""),
                        Some(Err(error)) => return self.broken(socket, &error).await,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
                        Some(Ok(Message::Binary(_))) => self.hear(socket, None).await,
                        Some(Ok(Message::Text(text))) => self.hear(socket, Some(&text)).await,
                    }
                }
            };
            if let Err(close) = done {
                return close;
            }
        }
    }

    async fn broken(&self, socket: &mut WebSocket, error: &axum::Error) -> Close {
        tracing::debug!(%error, user = %self.user, "a page's connection broke");
        let limit = self.hub.options.limits.frame;
        let refusal = Refusal::new(Code::TooLarge, format!("a frame has at most {limit} bytes of UTF-8"));
        // It may be gone altogether; then this fails, too.
        let _ = say(socket, &refusal.frame(None)).await;
        Close(TOO_BIG, "too large")
    }

    async fn hear(&mut self, socket: &mut WebSocket, text: Option<&str>) -> Result<(), Close> {
        let now = Instant::now();
        let hub = self.hub;
        let asked = text.and_then(|text| serde_json::from_str::<Asked>(text).ok());
        let id = asked.as_ref().and_then(Asked::id);
        let allowed = hub
            .per_visitor
            .take(self.user.clone(), now)
            .and_then(|()| hub.per_address.take(self.address, now));
        let answer = match (allowed, &asked) {
            (Err(after), _) => {
                self.strikes += 1;
                Err(Refusal::later(Code::RateLimited, "slower, please", after))
            }
            (Ok(()), None) => {
                self.strikes += 1;
                Err(Refusal::new(Code::BadFrame, "that is no frame that is known here"))
            }
            (Ok(()), Some(asked)) => hub.obey(self.user, asked).await,
        };
        match answer {
            Ok(Some(frame)) => say(socket, &frame).await?,
            Ok(None) => {}
            Err(refusal) => say(socket, &refusal.frame(id)).await?,
        }
        if self.strikes > hub.options.limits.patience {
            return Err(Close(POLICY, "too many frames"));
        }
        Ok(())
    }
}

async fn say(socket: &mut WebSocket, text: &str) -> Result<(), Close> {
    send(socket, Message::Text(text.into())).await
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Close> {
    match tokio::time::timeout(PATIENCE, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Close(NORMAL, "")),
        Err(_) => Err(Close(GOING_AWAY, "too slow; resume")),
    }
}
