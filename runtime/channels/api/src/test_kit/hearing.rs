//! What comes in.

use super::breach::{Found, promise, soon};
use super::running::Running;
use super::stage::Stage;
use std::collections::HashSet;

/// Texts that a careless adapter changes.
const TEXTS: &[&str] = &[
    "plain",
    "<script>alert(1)</script> &amp; \"quotes\" 'too'",
    "**not bold** _nor this_ `code` [x](http://example.com)",
    "👩‍👩‍👧‍👦 שלום e\u{301} 中文",
    "{braces} $HOME %s \\n",
];

pub(super) async fn a_text_comes_in_byte_for_byte(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let mut texts: Vec<String> = TEXTS.iter().map(|text| (*text).to_owned()).collect();
    if running.stage.abilities().lines {
        texts.push("two\nlines, and a tab\t.".to_owned());
    }
    let (mut events, mut messages) = (HashSet::new(), HashSet::new());
    let mut places = HashSet::new();
    for text in texts {
        soon("saying something", running.stage.say(&text)).await?;
        let (inbound, message) = soon("hearing a message", running.tape.message()).await??;
        promise(message.text == text, || format!("said {text:?}, heard {:?}", message.text))?;
        promise(inbound.account == *running.channel.account(), || {
            format!("it came for `{}`", inbound.account)
        })?;
        promise(events.insert(inbound.id.clone()), || format!("the event id `{}` came twice", inbound.id))?;
        promise(messages.insert(message.id.clone()), || format!("the id `{}` came twice", message.id))?;
        promise(!inbound.sender.id.as_str().is_empty(), || "the sender has no id".to_owned())?;
        promise(!inbound.sender.name.is_empty(), || "the sender has no name".to_owned())?;
        promise(!inbound.sender.bot, || "a person came in as a program".to_owned())?;
        places.insert(inbound.conversation.id);
    }
    promise(places.len() == 1, || format!("one conversation came in as {places:?}"))
}

pub(super) async fn what_was_refused_comes_again_and_nothing_overtakes_it(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    running.tape.refuse(3);
    let texts = ["first", "second", "third"];
    for text in texts {
        soon("saying something", running.stage.say(text)).await?;
    }
    let mut pushed = Vec::new();
    let mut taken = Vec::new();
    while taken.len() < texts.len() {
        let (inbound, accepted) =
            soon("hearing it again", running.tape.next()).await?.ok_or("nothing more came")?;
        if let crate::Event::Message { message } = &inbound.event {
            if accepted {
                taken.push(message.text.clone());
            }
            pushed.push((inbound.id.clone(), message.text.clone()));
        }
    }
    promise(taken == texts, || format!("said {texts:?}, and in this order they were taken: {taken:?}"))?;
    let ids: HashSet<_> = pushed.iter().map(|(id, _)| id).collect();
    promise(ids.len() == texts.len(), || format!("an event that comes again keeps its id: {pushed:?}"))
}

pub(super) async fn its_own_messages_do_not_come_back(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let (conversation, route, _) = running.meet().await?;
    running.send(&conversation, &route, crate::Content::text("an echo?")).await?;
    soon("saying something", running.stage.say("after it")).await?;
    let (_, message) = soon("hearing a message", running.tape.message()).await??;
    promise(message.text == "after it", || format!("it heard {:?}", message.text))
}
