//! The keys of accounts, by kind.

use super::{Form, Key, Kind, Shape};

/// The keys that every account has.
pub(super) const SHARED: &[Key] = &[
    Key {
        name: "kind",
        doc: "Which kind of channel the account belongs to.",
        shape: Shape::Text(Form::Kind),
        default: "has to be said",
        example: "\"webchat\"",
    },
    Key {
        name: "stale",
        doc: "What becomes of messages that waited too long for the channel: `deliver` sends them all the same, `drop` keeps them back, `digest` too and sends one message that says so. The time says what too long is; without one it is an hour.",
        shape: Shape::Text(Form::Stale),
        default: "\"deliver\"",
        example: "\"digest:2h\"",
    },
];

/// The kinds of accounts.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "terminal",
        doc: "The terminal the runtime was started in.",
        keys: &[Key {
            name: "person",
            doc: "Who speaks where nobody else is named.",
            shape: Shape::Text(Form::Plain),
            default: "\"you\"",
            example: "\"ana\"",
        }],
    },
    Kind {
        name: "webchat",
        doc: "A chat page that the runtime serves.",
        keys: &[
            Key {
                name: "path",
                doc: "Where the page is served. Two accounts need two of them.",
                shape: Shape::Text(Form::Route),
                default: "\"/webchat\"",
                example: "\"/support\"",
            },
            Key {
                name: "title",
                doc: "What the page is called, and who answers there.",
                shape: Shape::Text(Form::Plain),
                default: "the name of the package, where only one runs",
                example: "\"Shop\"",
            },
            Key {
                name: "greeting",
                doc: "What stands where nothing was said yet.",
                shape: Shape::Text(Form::Plain),
                default: "a few words",
                example: "\"How can we help?\"",
            },
            Key {
                name: "origins",
                doc: "Sites whose pages may connect to it besides its own.",
                shape: Shape::List(&Shape::Text(Form::Site)),
                default: "none",
                example: "[\"https://shop.example\"]",
            },
            Key {
                name: "frames",
                doc: "Sites whose pages may show it in a frame, as the widget does.",
                shape: Shape::List(&Shape::Text(Form::Site)),
                default: "none",
                example: "[\"https://shop.example\"]",
            },
            Key {
                name: "rooms",
                doc: "Conversations that every visitor is in, besides those to which rooms of packages are bound.",
                shape: Shape::List(&Shape::Object(ROOM)),
                default: "none",
                example: "[{ name: \"news\", title: \"News\" }]",
            },
        ],
    },
];

/// The keys of a conversation that every visitor is in.
const ROOM: &[Key] = &[
    Key {
        name: "name",
        doc: "The conversation's id is `#` and this.",
        shape: Shape::Text(Form::Plain),
        default: "has to be said",
        example: "\"news\"",
    },
    Key {
        name: "title",
        doc: "What the conversation is called.",
        shape: Shape::Text(Form::Plain),
        default: "its name",
        example: "\"News\"",
    },
];
