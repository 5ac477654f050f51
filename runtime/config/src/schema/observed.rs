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

/// The keys of `telemetry`.
pub(super) const TELEMETRY: &[Key] = &[Key {
    name: "otlp",
    doc: "A collector of OpenTelemetry, which gets each run as a trace, over HTTP. Names and kinds are told, and never what anybody said.",
    shape: Shape::Object(OTLP),
    default: "nobody",
    example: "{ url: \"http://127.0.0.1:4318\" }",
}];

/// The keys of `otlp`.
const OTLP: &[Key] = &[
    Key {
        name: "url",
        doc: "Its address; `/v1/traces` is added, where it does not end so.",
        shape: Shape::Text(Form::Base),
        default: "has to be said",
        example: "\"https://otel.example:4318\"",
    },
    Key {
        name: "headers",
        doc: "Headers of each request, and the names of the secrets that are their values. They are sent with TLS, or to this machine.",
        shape: Shape::Map(Form::Header, &Shape::Text(Form::Secret)),
        default: "none",
        example: "{ authorization: \"otel_token\" }",
    },
    Key {
        name: "sample",
        doc: "Of how many runs in a hundred it is told.",
        shape: Shape::Whole(0, 100),
        default: "100",
        example: "10",
    },
];
