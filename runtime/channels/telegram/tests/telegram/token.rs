//! The token stands nowhere: not in an error, not in what is logged, not in what is shown of the options.

use crate::bot::{Bot, One, fetched, options};
use crate::simulator::{Fault, Simulator, TOKEN};
use carapace_channel_api::{Channel as _, Content, Error, Health, MediaSource, Operation, Secrets, Target};
use serde_json::json;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_failure_and_no_log_has_the_token_in_it() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut hasty = options(&simulator, &folder);
    hasty.answer = Duration::from_millis(200);
    let mut shown = format!("{hasty:?}");
    let bot = Bot::listen(hasty.clone()).await;
    let to = || Target::Conversation("1".into());
    let leaky = format!("Bad Request: /bot{TOKEN}/sendMessage is not right");
    for fault in [
        Fault::Cut,
        Fault::Hang,
        Fault::Refuse(400, leaky.clone()),
        Fault::Refuse(500, leaky.clone()),
        Fault::Raw(502, leaky),
    ] {
        simulator.world().plan("sendMessage", fault.clone());
        simulator.world().plan("getFile", fault.clone());
        simulator.world().plan("getWebhookInfo", fault);
        let send = Operation::Send { to: to(), content: Content::text("x"), reply_to: None };
        shown.push_str(&format!("{:?}", bot.perform(None, send).await));
        let source = MediaSource::Platform { reference: json!({ "file": "x" }) };
        shown.push_str(&format!("{:?}", fetched(&bot.channel, &source, 10).await));
        shown.push_str(&format!("{:?}", bot.channel.check().await));
    }
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for server in [format!("http://{free}"), "http://no-such-host.invalid".to_owned()] {
        let mut nowhere = hasty.clone();
        nowhere.server = server;
        nowhere.data = folder.path().join("nowhere");
        let other = Bot::start(nowhere);
        let health = other.health(|health| matches!(health, Health::Down { .. })).await;
        shown.push_str(&format!("{health:?}"));
        let send = Operation::Send { to: to(), content: Content::text("x"), reply_to: None };
        shown.push_str(&format!("{:?}", other.perform(None, send).await));
        other.end().await.unwrap();
    }
    shown.push_str(&String::from_utf8_lossy(&log.0.lock().unwrap()));
    assert!(shown.len() > 1_000, "something was shown: {shown}");
    let (_, secret) = TOKEN.split_once(':').unwrap();
    if let Some(at) = shown.find(secret) {
        panic!("the token stands in: {}", &shown[at.saturating_sub(200)..at]);
    }
}

#[tokio::test]
async fn a_secret_that_is_missing_or_no_token_is_told_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let mut missing = options(&simulator, &folder);
    missing.token = "other".to_owned();
    let mut wrong = options(&simulator, &folder);
    wrong.secrets = Arc::new(One("../../evil")) as Arc<dyn Secrets>;
    for (options, told) in [(missing, "there is no secret `other`"), (wrong, "the secret `bot` is no token")]
    {
        let ended = Bot::start(options).ended().await;
        let Err(error @ Error::Unauthorized { .. }) = ended else { panic!("{ended:?}") };
        assert!(error.to_string().contains(told), "{error}");
        assert!(!error.to_string().contains("evil"));
    }
}
