//! The keys of accounts, by kind.

use super::{Choice, Form, Key, Kind, Shape};

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
    Kind { name: "telegram", doc: "A Telegram bot.", keys: TELEGRAM },
];

/// The keys of a Telegram bot.
const TELEGRAM: &[Key] = &[
    Key {
        name: "token",
        doc: "The name of the secret that is the bot's token. The token itself stands in no file.",
        shape: Shape::Text(Form::Secret),
        default: "has to be said",
        example: "\"support_bot\"",
    },
    Key {
        name: "server",
        doc: "The Bot API server, where it is one of your own.",
        shape: Shape::Text(Form::Site),
        default: "\"https://api.telegram.org\"",
        example: "\"http://127.0.0.1:8081\"",
    },
    Key {
        name: "webhook",
        doc: "The public address to which Telegram brings messages; the runtime serves its path. Without one the runtime asks for them.",
        shape: Shape::Text(Form::Link),
        default: "the runtime asks for messages",
        example: "\"https://bot.example/telegram\"",
    },
    Key {
        name: "direct",
        doc: "Who may write to the bot directly: everybody, those who are listed under `people`, or those and everybody whose code was approved with `carapace access approve`.",
        shape: Shape::Text(Form::Choice(&DIRECT)),
        default: "\"open\"",
        example: "\"pairing\"",
    },
    Key {
        name: "groups",
        doc: "What the bot hears in groups: what is addressed to it, everything that Telegram shows it, or nothing.",
        shape: Shape::Text(Form::Choice(&GROUPS)),
        default: "\"mention\"",
        example: "\"all\"",
    },
    Key {
        name: "people",
        doc: "People who may always write directly, by their number or `@name`. Numbers stay with a person, names can change hands.",
        shape: Shape::List(&Shape::Text(Form::Plain)),
        default: "none",
        example: "[\"123456789\", \"@ana\"]",
    },
    Key {
        name: "chats",
        doc: "The groups and channels that the bot hears, by their number or `@name`.",
        shape: Shape::List(&Shape::Text(Form::Plain)),
        default: "all that it is in",
        example: "[\"-1001234567890\"]",
    },
];

/// Who may write directly.
const DIRECT: Choice = Choice {
    expected: "`open`, `list` or `pairing`",
    pattern: "^(open|list|pairing)$",
    words: &[
        ("open", "everybody may write"),
        ("list", "those under `people` may write"),
        ("pairing", "those under `people`, and those whose code was approved"),
    ],
};

/// What is heard in groups.
const GROUPS: Choice = Choice {
    expected: "`mention`, `all` or `off`",
    pattern: "^(mention|all|off)$",
    words: &[
        ("mention", "mentions, answers to the bot, commands, buttons"),
        ("all", "everything that Telegram shows the bot"),
        ("off", "nothing"),
    ],
};

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
