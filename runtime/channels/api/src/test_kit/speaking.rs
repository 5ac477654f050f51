//! What goes out.

use super::breach::{Found, promise, soon};
use super::running::{Running, one_message};
use super::stage::Stage;
use crate::{
    Button, Content, ConversationId, Event, MediaSource, MessageId, Operation, Outcome, Poll, RefusalKind,
    Route, Scratch, Target,
};

pub(super) async fn a_text_goes_out_whole(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let (to, route, _) = running.meet().await?;
    let most = running.stage.abilities().max_text;
    let long: String = (0..200).map(|n| format!("word{n} ")).collect();
    let long: String = long.chars().take(most).collect();
    let mut ids = Vec::new();
    for text in ["plain", "<b>not bold</b> & <img src=x onerror=alert(1)>", "שלום 👩‍👩‍👧‍👦 e\u{301}", long.trim()]
    {
        let id = running.send(&to, &route, Content::text(text)).await?;
        promise(!ids.contains(&id), || format!("two messages have the id `{id}`"))?;
        ids.push(id);
        soon(&format!("showing {text:?}"), running.stage.shown(text, 1)).await?;
    }
    Ok(())
}

pub(super) async fn a_text_that_is_too_long_is_refused_and_not_cut(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let (to, route, _) = running.meet().await?;
    let most = running.stage.abilities().max_text;
    running.send(&to, &route, Content::text("x".repeat(most))).await?;
    let content = Content::text(format!("{}!", "y".repeat(most)));
    let to = Target::Conversation(to);
    match running.perform(&route, Operation::Send { to, content, reply_to: None }).await? {
        Outcome::Refused { kind: RefusalKind::TooLarge, .. } => Ok(()),
        // The kind's limit is where `delivery` cuts; a channel may take more, if it takes all of it.
        Outcome::Done { .. } => soon("showing its end", running.stage.shown("y!", 1)).await,
        other => Err(format!("longer than {most} characters is `too_large`, not {other:?}")),
    }
}

pub(super) async fn nothing_and_nobody_are_refused(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let (to, route, _) = running.meet().await?;
    let send = |to: Target, text: &str| Operation::Send { to, content: Content::text(text), reply_to: None };
    let outcome = running.perform(&route, send(Target::Conversation(to.clone()), "")).await?;
    refused(&outcome, RefusalKind::Invalid, "a message of nothing")?;
    let nowhere = Target::Conversation(ConversationId::from("no such conversation"));
    let outcome = running.perform(&Route::default(), send(nowhere, "hi")).await?;
    refused(&outcome, RefusalKind::NotFound, "a message to nowhere")?;
    let options = vec!["a".to_owned(), "b".to_owned()];
    let poll = Poll { question: "?".to_owned(), options, multiple: false };
    let outcome =
        running.perform(&route, Operation::Poll { to: Target::Conversation(to.clone()), poll }).await?;
    promise(outcome.is_done() || is_unsupported(&outcome), || {
        format!("a poll is done or unsupported, not {outcome:?}")
    })?;
    let reference = serde_json::json!({ "file": "../../etc/passwd" });
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let scratch = Scratch::open(folder.path().join("files"), 1 << 20).map_err(|error| error.to_string())?;
    let mut into = scratch.begin(1 << 20).await.map_err(|error| error.to_string())?;
    let source = MediaSource::Platform { reference };
    let fetched = soon("a file", running.channel.fetch(&source, &mut into)).await?;
    promise(fetched.is_err(), || "a file that was never sent was fetched".to_owned())
}

pub(super) async fn what_stands_can_be_changed_as_declared(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let can = running.stage.abilities();
    let (place, route, theirs) = running.meet().await?;
    let ours = running.send(&place, &route, Content::text("before")).await?;
    let edit = |message: &MessageId| Operation::Edit {
        conversation: place.clone(),
        message: message.clone(),
        content: Content::text("changed to this"),
    };
    let react = |message: &MessageId| Operation::React {
        conversation: place.clone(),
        message: message.clone(),
        emoji: "👍".to_owned(),
        remove: false,
    };
    let delete =
        |message: &MessageId| Operation::Delete { conversation: place.clone(), message: message.clone() };
    let none = MessageId::from("no such message");
    for (able, operation, unknown) in [
        (can.edit, edit(&ours), edit(&none)),
        (can.react, react(&theirs), react(&none)),
        (can.typing, Operation::Typing { conversation: place.clone(), on: true }, edit(&none)),
        (can.delete, delete(&ours), delete(&none)),
    ] {
        let name = operation.name();
        let outcome = running.perform(&route, operation).await?;
        if !able {
            promise(is_unsupported(&outcome), || format!("{name} is `unsupported`, not {outcome:?}"))?;
            continue;
        }
        promise(outcome.is_done(), || format!("{name} is declared, and gave {outcome:?}"))?;
        let outcome = running.perform(&route, unknown).await?;
        refused(&outcome, RefusalKind::NotFound, name)?;
    }
    if can.edit {
        soon("showing the change", running.stage.shown("changed to this", 1)).await?;
        let outcome = running.perform(&route, edit(&theirs)).await?;
        refused(&outcome, RefusalKind::Forbidden, "changing a person's message")?;
    }
    Ok(())
}

pub(super) async fn a_preview_is_no_message(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    let can = running.stage.abilities().preview;
    let (place, route, _) = running.meet().await?;
    let preview = |text: &str| Operation::Preview {
        conversation: place.clone(),
        preview: "p".to_owned(),
        text: text.to_owned(),
    };
    for text in ["half an", "half an answer", ""] {
        let outcome = running.perform(&route, preview(text)).await?;
        if !can {
            return promise(is_unsupported(&outcome), || {
                format!("preview is `unsupported`, not {outcome:?}")
            });
        }
        let kept = matches!(&outcome, Outcome::Done { messages, .. } if messages.is_empty());
        promise(kept || is_unsupported(&outcome), || {
            format!("a preview is done and leaves no message, or is unsupported here, not {outcome:?}")
        })?;
    }
    running.send(&place, &route, Content::text("the whole answer")).await?;
    soon("showing the answer", running.stage.shown("the whole answer", 1)).await
}

pub(super) async fn a_button_comes_back_under_our_id(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    if !running.stage.abilities().buttons {
        return Ok(());
    }
    let (to, route, _) = running.meet().await?;
    let buttons = vec![Button::new("b:yes", "Yes <please>"), Button::new("b:no", "No")];
    let question = running.send(&to, &route, Content::text("Well?").with_buttons(buttons.clone())).await?;
    for button in &buttons {
        soon("showing a button", running.stage.shown(&button.label, 1)).await?;
    }
    let pressed = buttons.first().ok_or("no button")?;
    soon("pressing", running.stage.press(&question, pressed)).await?;
    loop {
        let (inbound, _) = soon("hearing it", running.tape.next()).await?.ok_or("nothing more came")?;
        if let Event::Button { message, button, .. } = inbound.event {
            promise(message == question, || format!("it stands under `{question}`, not `{message}`"))?;
            promise(inbound.conversation.id == to, || format!("it came from `{}`", inbound.conversation.id))?;
            return promise(button == pressed.id, || format!("it is `{}`, not `{button}`", pressed.id));
        }
    }
}

pub(super) async fn the_same_key_is_the_same_message(stage: Box<dyn Stage>) -> Found {
    let mut running = Running::start(stage).await?;
    if !running.stage.abilities().keyed {
        return Ok(());
    }
    let (to, route, _) = running.meet().await?;
    let to = Target::Conversation(to);
    let content = Content::text("only once");
    let mut request =
        running.request(route.clone(), Operation::Send { to: to.clone(), content, reply_to: None });
    let first = one_message(&soon("an outcome", running.channel.perform(request.clone())).await?)?;
    request.again = true;
    let second = one_message(&soon("an outcome", running.channel.perform(request)).await?)?;
    promise(first == second, || format!("under one key there are `{first}` and `{second}`"))?;
    let end = Operation::Send { to, content: Content::text("and this"), reply_to: None };
    one_message(&running.perform(&route, end).await?)?;
    soon("showing what came behind it", running.stage.shown("and this", 1)).await?;
    let count = soon("counting", running.stage.count("only once")).await?;
    promise(count == 1, || format!("it was shown {count} times"))
}

fn is_unsupported(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused { kind: RefusalKind::Unsupported, .. })
}

fn refused(outcome: &Outcome, wanted: RefusalKind, what: &str) -> Found {
    let kept = matches!(outcome, Outcome::Refused { kind, transient: false, .. } if *kind == wanted);
    promise(kept, || format!("{what} is refused as {wanted:?}, not {outcome:?}"))
}
