//! The menu of commands.

use crate::bot::{Bot, options};
use crate::simulator::{Fault, Simulator, World};
use carapace_channel_api::{Channel as _, Command};
use serde_json::json;

fn offer(bot: &Bot, names: &[&str]) {
    let command = |name: &&str| Command { name: (*name).to_owned(), description: format!("does {name}") };
    bot.channel.offer(names.iter().map(command).collect());
}

fn shows(world: &World, names: &[&str]) -> bool {
    let menu = world.menu.iter().flatten().map(|command| command["command"].as_str().unwrap());
    menu.eq(names.iter().copied())
}

#[tokio::test]
async fn it_shows_what_is_offered_whenever_that_changes() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    let bot = Bot::listen(options(&simulator, &folder)).await;
    offer(&bot, &["order", "help"]);
    simulator.until(|world| shows(world, &["order", "help"])).await;
    assert_eq!(simulator.world().menu.as_ref().unwrap()[0]["description"], "does order");
    // The same again is no change, and the next one is.
    offer(&bot, &["order", "help"]);
    offer(&bot, &["order"]);
    simulator.until(|world| shows(world, &["order"])).await;
    assert_eq!(simulator.world().called("setMyCommands").len(), 2);
    bot.end().await.unwrap();
    // After a restart it is known whose menu it is.
    let bot = Bot::listen(options(&simulator, &folder)).await;
    offer(&bot, &[]);
    simulator.until(|world| world.menu.is_none()).await;
    assert_eq!(simulator.world().called("deleteMyCommands").len(), 1);
    bot.end().await.unwrap();
}

#[tokio::test]
async fn a_menu_of_somebody_else_stays_where_there_is_nothing_to_show() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    simulator.world().menu = Some(vec![json!({ "command": "theirs", "description": "x" })]);
    let bot = Bot::listen(options(&simulator, &folder)).await;
    offer(&bot, &[]);
    // What comes behind it has come: it was looked at.
    simulator.say(1001, "hi");
    bot.message().await;
    assert!(shows(&simulator.world(), &["theirs"]));
    bot.end().await.unwrap();
}

#[tokio::test]
async fn trouble_with_it_stops_nobody_and_passes() {
    let folder = tempfile::tempdir().unwrap();
    let (simulator, _) = Simulator::start().await;
    for fault in [Fault::Raw(502, "no".to_owned()), Fault::Refuse(400, "Bad Request: no".to_owned())] {
        simulator.world().plan("setMyCommands", fault);
    }
    let bot = Bot::start(options(&simulator, &folder));
    offer(&bot, &["order"]);
    simulator.say(1001, "hi");
    bot.message().await;
    simulator.until(|world| shows(world, &["order"])).await;
    bot.end().await.unwrap();
}
