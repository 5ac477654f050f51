//! Any text in an old file, and files that are none.

use crate::{checked, taken_over};
use carapace_import::Form;
use libtest_mimic::Failed;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

/// Whatever people wrote as names, messages and values: what is made of it has no mistake.
pub(crate) fn any_text() -> Result<(), Failed> {
    let odd = prop_oneof![
        "\\PC{0,12}",
        "[\\\\\"{}\\[\\]'`$#/*.\n\r\t a-z0-9]{0,16}",
        Just("{{text}}".to_owned()),
        Just("{{{text}}} {{nobody}}".to_owned()),
        Just("*/ // \"\"\"".to_owned()),
    ];
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 120,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let texts = prop::collection::vec(odd, 8);
    runner
        .run(&texts, |texts| {
            let [name, about, channel, value, message, variable, code, emoji] = &texts[..] else { return Ok(()) };
            let file = json!({ "version": 1, "flows": [{
                "id": name, "name": name, "description": about,
                "trigger": { "type": "channel_message", "channel": channel },
                "conditions": [
                    { "field_type": "text", "operator": "contains", "value": value },
                    { "field_type": "sender", "operator": "in", "value": value },
                    { "field_type": "expression", "expression": value },
                ],
                "actions": [
                    { "type": "set_variable", "name": variable, "value": message },
                    { "type": "respond", "message": format!("{message}{{{{{variable}}}}}") },
                    { "type": "broadcast", "channels": [channel, value], "message": message },
                    { "type": "agent", "agent": name, "deliver_response": true },
                    { "type": "log", "level": about, "message": message },
                    { "type": "webhook", "url": format!("https://example.com/{{{{text}}}}"), "body": message },
                    { "type": "react", "emoji": emoji },
                    { "type": "execute", "code": code },
                ],
            }] });
            let imported = taken_over(&file.to_string(), Form::Json);
            let imported = imported.map_err(|e| TestCaseError::fail(e.to_string()))?;
            checked(&imported.source).map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
            Ok(())
        })
        .map_err(|e| e.to_string().into())
}

pub(crate) fn refused() -> Result<(), Failed> {
    let flow = |what: &str| format!(r#"{{"version":1,"flows":[{{"id":"a","name":"greet",{what}}}]}}"#);
    for (text, form, says) in [
        ("{", Form::Json, "line 1"),
        ("a: [", Form::Yaml, "line"),
        ("[]", Form::Json, "no flows"),
        (r#"{"version":2,"flows":[{}]}"#, Form::Json, "version 2"),
        (r#"{"name":"package"}"#, Form::Json, "`package`: missing field `trigger`"),
        (&flow(r#""trigger":{"type":"rain"}"#), Form::Json, "`greet`: unknown variant `rain`"),
        (
            &flow(r#""trigger":{"type":"command","command":"x"},"actions":[{"type":"respond"}]"#),
            Form::Json,
            "`greet`: missing field `message`",
        ),
    ] {
        match taken_over(text, form) {
            Err(error) if error.to_string().contains(says) => {}
            other => return Err(format!("{text}: {other:?}").into()),
        }
    }
    Ok(())
}
