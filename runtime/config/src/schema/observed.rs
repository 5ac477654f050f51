//! The keys of what tells how a runtime does.

use super::{Choice, Form, Key, Shape};

/// The keys of `log`.
pub(super) const LOG: &[Key] = &[
    Key {
        name: "format",
        doc: "How it is written: in words, or one JSON object a line for programs that gather logs; with that, everything on standard error is one.",
        shape: Shape::Text(Form::Choice(&FORMAT)),
        default: "\"human\"",
        example: "\"json\"",
    },
    Key {
        name: "level",
        doc: "How much it says.",
        shape: Shape::Text(Form::Choice(&LEVEL)),
        default: "`info` in JSON, else `warn`",
        example: "\"info\"",
    },
];

/// How the log is written.
const FORMAT: Choice = Choice {
    expected: "`human` or `json`",
    pattern: "^(human|json)$",
    words: &[("human", "for people"), ("json", "one object a line")],
};

/// How much it says.
const LEVEL: Choice = Choice {
    expected: "`off`, `error`, `warn`, `info`, `debug` or `trace`",
    pattern: "^(off|error|warn|info|debug|trace)$",
    words: &[
        ("off", "nothing"),
        ("error", "what went wrong"),
        ("warn", "and what a person should see"),
        ("info", "and how things go"),
        ("debug", "and each step"),
        ("trace", "everything"),
    ],
};
