//! What networks do: other pollers, lost answers, servers in trouble, and servers that are not there.

use crate::bot::{Bot, PATIENCE, Tape, options};
use crate::simulator::{Fault, Simulator, TOKEN};
use carapace_channel_api::{
    Channel as _, Content, Ended, Error, Health, Operation, Outcome, SecretError, SecretString, Secrets,
    Shutdown, Target,
};
use carapace_channel_telegram::Telegram;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const ANA: i64 = 1001;

fn send(text: &str) -> Operation {
    let to = Target::Conversation(ANA.to_string().into());
    Operation::Send { to, content: Content::text(text), reply_to: None }
}

fn reason(health: &Health) -> &str {
    match health {
        Health::Down { reason } => reason,
        _ => "",
    }
}

#[tokio::test]
async fn a_second_poller_is_told_plainly_and_the_first_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    // It waits by now; then somebody else asks.
    simulator.until(|world| world.poller >= 2).await;
    let url = format!("{}/bot{}/getUpdates", simulator.server(), crate::simulator::TOKEN);
    let other = reqwest::Client::builder().no_proxy().build().unwrap();
    let poll = other.post(url).json(&json!({ "timeout": 1 })).send();
    let (_, health) =
        tokio::join!(poll, bot.health(|health| reason(health).contains("another program polls this bot")));
    assert!(reason(&health).contains("give this account a bot of its own"));
    bot.health(|health| *health == Health::CaughtUp).await;
    simulator.say(ANA, "still there?");
    assert_eq!(bot.message().await.1.text, "still there?");
}

#[tokio::test]
async fn a_webhook_of_somebody_else_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    simulator.world().webhook = Some(json!({ "url": "https://elsewhere.example/" }));
    let bot = Bot::listen(options(&simulator, &folder)).await;
    assert_eq!(simulator.world().webhook, None);
    // Set while it polls, it goes as well.
    simulator.world().webhook = Some(json!({ "url": "https://elsewhere.example/" }));
    simulator.say(ANA, "hello");
    assert_eq!(bot.message().await.1.text, "hello");
    simulator.until(|world| world.webhook.is_some() || world.pending() == 0).await;
}

#[tokio::test]
async fn a_poll_that_fails_in_any_way_is_asked_again_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    {
        let mut world = simulator.world();
        for fault in [
            Fault::Refuse(500, "Internal Server Error".to_owned()),
            Fault::Raw(502, "<html>Bad Gateway</html>".to_owned()),
            Fault::Cut,
            Fault::Raw(200, "{".to_owned()),
            Fault::Raw(200, r#"{"ok":true,"result":{"a":1}}"#.to_owned()),
            Fault::Flood(0),
            Fault::Refuse(409, "Conflict: terminated by other getUpdates request".to_owned()),
        ] {
            world.plan("getUpdates", fault.clone());
            world.plan("getMe", fault);
        }
    }
    for n in 0..250 {
        simulator.say(ANA, &n.to_string());
    }
    let bot = Bot::start(options(&simulator, &folder));
    for n in 0..250 {
        assert_eq!(bot.message().await.1.text, n.to_string());
    }
    bot.health(|health| *health == Health::CaughtUp).await;
    simulator.until(|world| world.pending() == 0).await;
}

#[tokio::test]
async fn a_lost_answer_to_a_send_is_unknown_and_never_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut hasty = options(&simulator, &folder);
    hasty.answer = Duration::from_millis(300);
    let bot = Bot::listen(hasty).await;
    simulator.say(ANA, "hi");
    bot.message().await;
    for fault in [
        Fault::Cut,
        Fault::Hang,
        Fault::Raw(502, "<html>Bad Gateway</html>".to_owned()),
        Fault::Refuse(500, "Internal Server Error".to_owned()),
    ] {
        simulator.world().plan("sendMessage", fault.clone());
        let outcome = bot.perform(None, send("hello")).await;
        assert!(matches!(outcome, Outcome::Unknown { .. }), "{fault:?}: {outcome:?}");
    }
    assert_eq!(simulator.world().said().count(), 2, "two of them had been done");
    let typing = Operation::Typing { conversation: ANA.to_string().into(), on: true };
    simulator.world().plan("sendChatAction", Fault::Cut);
    assert!(matches!(bot.perform(None, typing).await, Outcome::NotPerformed { .. }));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for_and_nothing_is_said_to_have_left() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, serving) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    serving.abort();
    // The one that listened is gone with its connections when it has ended.
    let _ = serving.await;
    let mut gone = options(&simulator, &folder);
    gone.data = folder.path().join("other");
    // A port that nobody has.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    gone.server = format!("http://{free}");
    let other = Bot::start(gone);
    other.health(|health| !reason(health).is_empty()).await;
    let outcome = other.perform(None, send("hello")).await;
    assert!(matches!(outcome, Outcome::NotPerformed { .. }), "{outcome:?}");
    assert_eq!(other.end().await.unwrap(), Ended::Asked);
    assert_eq!(bot.end().await.unwrap(), Ended::Asked);
}

/// A token that somebody sets anew.
struct Changing(Mutex<&'static str>);

impl Secrets for Changing {
    fn get(&self, _: &str) -> Result<SecretString, SecretError> {
        Ok(self.0.lock().unwrap().to_owned().into())
    }
}

#[tokio::test]
async fn a_token_that_counts_no_more_ends_it_and_it_is_asked_with_another_one_only() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    simulator.world().plan("getUpdates", Fault::Refuse(401, "Unauthorized".to_owned()));
    let mut options = options(&simulator, &folder);
    let token = Arc::new(Changing(Mutex::new(TOKEN)));
    options.secrets = token.clone();
    let bot = Bot::start(options);
    let (channel, status) = (bot.channel.clone(), bot.channel.status());
    let ended = bot.ended().await;
    assert!(matches!(ended, Err(Error::Unauthorized { .. })), "{ended:?}");
    assert!(matches!(status.borrow().health, Health::Down { .. }));
    // Run again with the same one, it asks nobody.
    let asked = simulator.world().called("getMe").len();
    let run = |channel: Arc<Telegram>| async move {
        let (stop, stopped) = Shutdown::new();
        let running = tokio::spawn(async move { channel.run(Arc::new(Tape::default()), stopped).await });
        (stop, running)
    };
    let ended = run(channel.clone()).await.1.await.unwrap();
    assert!(matches!(ended, Err(Error::Unauthorized { .. })), "{ended:?}");
    assert_eq!(simulator.world().called("getMe").len(), asked);
    *token.0.lock().unwrap() = "123456:another-token";
    let ended = run(channel.clone()).await.1.await.unwrap();
    assert!(matches!(ended, Err(Error::Unauthorized { .. })), "the simulator does not know it");
    *token.0.lock().unwrap() = TOKEN;
    let (stop, running) = run(channel.clone()).await;
    let mut status = channel.status();
    let caught_up = status.wait_for(|status| status.health == Health::CaughtUp);
    tokio::time::timeout(PATIENCE, caught_up).await.expect("it hears again").unwrap();
    stop.request();
    assert_eq!(running.await.unwrap().unwrap(), Ended::Asked);
}
