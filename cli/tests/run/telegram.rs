//! `kill -9` in a loop while people write to a Telegram bot: everybody is answered, and nobody is counted twice.

use crate::simulator::{Simulator, TOKEN};
use crate::talk::{Talk, package};
use std::path::Path;
use std::time::Duration;

const KILLS: i64 = 8;
const PEOPLE: i64 = 4;
const SEED: u64 = 20_260_301;

/// Nothing that is waited for here takes as long on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

const COUNTS: &str = r#"channel chat: telegram

state count: Int = 0 by sender

/// Counts.
flow count_up on chat.message
  serial by sender
  timeout 1h
{
  set count = count + 1
  reply("{count}: {message.text}")
}
"#;

#[tokio::test]
async fn everybody_is_answered_over_many_kills_and_counted_once() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    configured(folder.path(), COUNTS, &simulator);
    let mut talk = serve(folder.path()).await;
    let mut chance = SEED;
    for kill in 1..=KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        for person in 0..PEOPLE {
            let person = kill * 100 + person;
            simulator.say(person, &format!("hello of {person}"));
        }
        // After some answers of this life, and a moment: in the middle of whatever happens then.
        let answers = usize::try_from(kill - 1).unwrap() + usize::try_from((chance >> 40) % 3).unwrap();
        let some = simulator.until(|world| world.said().count() >= answers);
        tokio::time::timeout(PATIENCE, some).await.expect("people are answered");
        tokio::time::sleep(Duration::from_micros((chance >> 33) % 30_000)).await;
        talk.kill();
        talk = serve(folder.path()).await;
    }
    let people: Vec<i64> = (1..=KILLS).flat_map(|kill| (0..PEOPLE).map(move |n| kill * 100 + n)).collect();
    let all = simulator.until(|world| {
        people.iter().all(|person| world.said().any(|shown| shown.chat == *person)) && world.pending() == 0
    });
    tokio::time::timeout(PATIENCE, all).await.expect("everybody is answered");
    talk.kill();
    let world = simulator.world();
    let mut again = 0;
    for person in &people {
        for shown in world.said().filter(|shown| shown.chat == *person) {
            let said = shown.seen.first().unwrap();
            let answer = said.strip_prefix("(again) ");
            again += usize::from(answer.is_some());
            assert_eq!(answer.unwrap_or(said), format!("1: hello of {person}"), "counted once");
        }
    }
    let answers = world.said().count();
    // What comes twice says so: an answer is doubled where nobody knew whether it had come.
    assert!(
        answers <= people.len() + again,
        "{answers} answers to {}, of which {again} say that they may be doubled",
        people.len()
    );
    println!(
        "{KILLS} kills (seed {SEED}): {} people answered, {again} answers marked as sent again",
        people.len()
    );
    assert!(
        token_is_nowhere(&folder.path().join(".carapace")),
        "the token stands in no file of the data directory"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_whose_secret_is_set_later_comes_to_life_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    configured(folder.path(), COUNTS, &simulator);
    std::fs::remove_file(folder.path().join("secrets/bot")).unwrap();
    let talk = serve(folder.path()).await;
    tokio::task::block_in_place(|| talk.told("`bot` is not let in: there is no secret `bot`"));
    let doctor = || {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_carapace"))
            .arg("doctor")
            .arg("--data")
            .arg(folder.path().join(".carapace"))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, found) = tokio::task::block_in_place(doctor);
    assert!(status == Some(1) && found.contains("it does not hear"), "{found}");
    std::fs::write(folder.path().join("secrets/bot"), TOKEN).unwrap();
    simulator.say(7, "hello");
    let answered = simulator.until(|world| world.said().any(|shown| shown.chat == 7));
    tokio::time::timeout(PATIENCE, answered).await.expect("it hears by itself");
    talk.kill();
}

const COMMANDS: &str = r#"channel chat: telegram

/// Where an order is.
flow order on chat.command("order", number: Int) {
  reply("On its way.")
}
"#;

#[tokio::test]
async fn a_deploy_changes_the_menu_of_commands() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    configured(folder.path(), COMMANDS, &simulator);
    let talk = start(folder.path(), &["--no-loop-check"]).await;
    let shows = |expected: &'static [(&'static str, &'static str)]| {
        let until = simulator.until(move |world| {
            let commands = world.menu.iter().flatten();
            commands
                .map(|c| (c["command"].as_str().unwrap(), c["description"].as_str().unwrap()))
                .eq(expected.iter().copied())
        });
        tokio::time::timeout(PATIENCE, until)
    };
    shows(&[("order", "Where an order is.")]).await.expect("the menu is set");
    package(folder.path(), &COMMANDS.replace("\"order\"", "\"parcel\"").replace("an order", "a parcel"));
    shows(&[("parcel", "Where a parcel is.")]).await.expect("the menu follows");
    package(folder.path(), COUNTS);
    shows(&[]).await.expect("it is taken away where there is no command any more");
    assert_eq!(simulator.world().called("getMe").len(), 1, "the account goes on listening meanwhile");
    talk.kill();
}

const GROWS: &str = r#"channel chat: telegram

agent clerk {
  model: "demo/m"
  instructions: "Answer."
}

/// Answers, before everybody's eyes.
flow grow on chat.message
  serial by conversation
  timeout 1h
{
  clerk.answer(message.text)
}
"#;

/// An answer takes its time, so that there is some to be killed in: in the middle of its growing more often than not.
const ANSWERS: &str = r#"{ "say": "{text}, says somebody, and I write for so long that I may be killed meanwhile: one two three four five six.", "pace": 120 }
"#;

/// How many times the process is killed while answers grow in groups.
const GROWING_KILLS: i64 = 6;

/// In groups an answer grows in a message that becomes it: whenever the process is killed, in the end there is one.
#[tokio::test]
async fn an_answer_that_grows_is_one_message_over_many_kills() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    package(folder.path(), GROWS);
    std::fs::create_dir(folder.path().join("secrets")).unwrap();
    std::fs::write(folder.path().join("secrets/bot"), TOKEN).unwrap();
    std::fs::write(folder.path().join("answers.jsonl"), ANSWERS).unwrap();
    let config = format!(
        "{{ version: 1, packages: ['shop'], vault: {{ kind: 'folder', path: 'secrets' }},\n\
         models: {{ providers: {{ demo: {{ kind: 'scripted', script: 'answers.jsonl' }} }} }},\n\
         accounts: {{ bot: {{ kind: 'telegram', token: 'bot', server: '{}', groups: 'all' }} }} }}",
        simulator.server()
    );
    std::fs::write(folder.path().join("carapace.json5"), config).unwrap();
    let mut talk = serve(folder.path()).await;
    let mut chance = SEED;
    let groups: Vec<i64> = (1..=GROWING_KILLS).map(|kill| -1_000 - kill).collect();
    for group in &groups {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let message = simulator.world().message(*group, 7, &serde_json::json!({ "text": group.to_string() }));
        simulator.push(serde_json::json!({ "message": message }));
        // Some are killed as soon as something shows, some a moment later.
        let shows = simulator.until(|world| world.said().any(|shown| shown.chat == *group));
        tokio::time::timeout(PATIENCE, shows).await.expect("an answer begins");
        tokio::time::sleep(Duration::from_micros((chance >> 33) % 1_500_000)).await;
        talk.kill();
        talk = serve(folder.path()).await;
    }
    let answer = |group: i64| format!("{group}, says somebody, and I write for so long");
    let whole = |text: &str, group: i64| text.contains(&answer(group)) && text.ends_with(" six.");
    let standing = |world: &crate::simulator::World, group: i64| -> Vec<String> {
        let shown = world.said().filter(|shown| shown.chat == group && !shown.gone);
        shown.map(|shown| shown.body["text"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let all = simulator.until(|world| {
        groups.iter().all(|group| standing(world, *group).iter().any(|text| whole(text, *group)))
    });
    tokio::time::timeout(PATIENCE, all).await.expect("every answer is whole in the end");
    talk.kill();
    let world = simulator.world();
    let mut left = 0;
    for group in &groups {
        let texts = standing(&world, *group);
        assert_eq!(texts.iter().filter(|text| whole(text, *group)).count(), 1, "{texts:?}");
        // What was sent in the moment between the network's answer and the journal says itself that it is not all.
        let rest: Vec<&String> = texts.iter().filter(|text| !whole(text, *group)).collect();
        assert!(rest.iter().all(|text| text.ends_with(" …")), "{texts:?}");
        left += rest.len();
    }
    assert!(left < groups.len(), "{left} halves were left over {GROWING_KILLS} kills");
    assert!(!world.called("editMessageText").is_empty(), "answers grow");
    println!("{GROWING_KILLS} kills (seed {SEED}): {} answers, {left} halves left", groups.len());
}

/// A package, and a configuration with a bot of the simulator's.
fn configured(folder: &Path, source: &str, simulator: &Simulator) {
    package(folder, source);
    std::fs::create_dir(folder.join("secrets")).unwrap();
    std::fs::write(folder.join("secrets/bot"), TOKEN).unwrap();
    let config = format!(
        "{{ version: 1, packages: ['shop'], vault: {{ kind: 'folder', path: 'secrets' }},\n\
         accounts: {{ bot: {{ kind: 'telegram', token: 'bot', server: '{}' }} }} }}",
        simulator.server()
    );
    std::fs::write(folder.join("carapace.json5"), config).unwrap();
}

/// Starts the runtime, and waits until it runs.
async fn serve(folder: &Path) -> Talk {
    start(folder, &["--no-watch", "--no-loop-check"]).await
}

/// The same with these flags.
async fn start(folder: &Path, flags: &'static [&'static str]) -> Talk {
    let (config, data) = (folder.join("carapace.json5"), folder.join(".carapace"));
    let starting = tokio::task::spawn_blocking(move || {
        let config = config.to_str().unwrap();
        let more: Vec<&str> = ["--config", config].into_iter().chain(flags.iter().copied()).collect();
        let talk = Talk::launch(None, &data, "127.0.0.1:0", &more);
        talk.told("running shop from");
        talk
    });
    starting.await.unwrap()
}

fn token_is_nowhere(folder: &Path) -> bool {
    let (_, secret) = TOKEN.split_once(':').unwrap();
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).all(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return token_is_nowhere(&path);
        }
        // A socket cannot be read, and holds nothing.
        let bytes = std::fs::read(&path).unwrap_or_default();
        !bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
    })
}
