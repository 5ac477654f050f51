//! The keys of `models`: whom agents are asked of, and what that costs.

use super::{Form, Key, Kind, Shape};

/// The keys of `models`.
pub(super) const MODELS: &[Key] = &[
    Key {
        name: "providers",
        doc: "Whom models are asked of, by the names that stand before the `/` of an agent's `model`.",
        shape: Shape::Map(Form::Account, &Shape::Provider),
        default: "none",
        example: "{ anthropic: { kind: \"anthropic\", key: \"anthropic\" } }",
    },
    Key {
        name: "aliases",
        doc: "Names for lists of models. The first is asked, and the next where that cannot be had: where it is away, asked too often, or its key is not accepted, not where it refuses the request.",
        shape: Shape::Map(Form::Account, &Shape::List(&Shape::Text(Form::Model))),
        default: "none",
        example: "{ smart: [\"openai/gpt-5.4\", \"gemini/gemini-3.5-flash\"] }",
    },
    Key {
        name: "prices",
        doc: "What models cost, in US dollars for a million tokens; `PROVIDER/*` is every model of a provider. It goes before the prices that carapace knows.",
        shape: Shape::Map(Form::Model, &Shape::Object(PRICE)),
        default: "what is known of the models of Anthropic, OpenAI and Gemini",
        example: "{ \"local/*\": { input: 0, output: 0 } }",
    },
    Key {
        name: "timeouts",
        doc: "How long is waited for an answer. After that a request has failed as `transient`.",
        shape: Shape::Object(TIMEOUTS),
        default: "10 seconds for a connection, two minutes of silence, ten minutes in all",
        example: "{ connect: \"10s\", first: \"120s\", whole: \"600s\" }",
    },
    Key {
        name: "repairs",
        doc: "How often an answer of `extract` or `choose` that has the wrong shape is given back to be mended.",
        shape: Shape::Whole(0, 5),
        default: "1",
        example: "2",
    },
];

/// The keys of a price.
const PRICE: &[Key] = &[
    Key {
        name: "input",
        doc: "What the model is given.",
        shape: Shape::Amount,
        default: "has to be said",
        example: "3",
    },
    Key {
        name: "output",
        doc: "What it says, its thoughts included.",
        shape: Shape::Amount,
        default: "has to be said",
        example: "15",
    },
    Key {
        name: "cached",
        doc: "What it is given and has in its cache.",
        shape: Shape::Amount,
        default: "`input`",
        example: "0.3",
    },
    Key {
        name: "written",
        doc: "What it is given and puts into its cache.",
        shape: Shape::Amount,
        default: "`input`",
        example: "3.75",
    },
];

/// The keys of `timeouts`.
const TIMEOUTS: &[Key] = &[
    Key {
        name: "connect",
        doc: "For a connection, TLS included.",
        shape: Shape::Text(Form::Time),
        default: "\"10s\"",
        example: "\"5s\"",
    },
    Key {
        name: "first",
        doc: "For the first piece of an answer, and for each further one.",
        shape: Shape::Text(Form::Time),
        default: "\"120s\"",
        example: "\"60s\"",
    },
    Key {
        name: "whole",
        doc: "For all of an answer.",
        shape: Shape::Text(Form::Time),
        default: "\"600s\"",
        example: "\"300s\"",
    },
];

/// The key that every provider has.
pub(super) const SHARED: &[Key] = &[Key {
    name: "kind",
    doc: "What it speaks.",
    shape: Shape::Text(Form::Provider),
    default: "has to be said",
    example: "\"openai\"",
}];

/// The kinds of providers.
pub const PROVIDERS: &[Kind] = &[
    Kind { name: "anthropic", doc: "Anthropic's Messages API.", keys: REMOTE },
    Kind {
        name: "openai",
        doc: "OpenAI's chat completions, and whoever serves the same: vLLM, llama.cpp, LM Studio, Groq, OpenRouter and many more.",
        keys: REMOTE,
    },
    Kind { name: "openai_responses", doc: "OpenAI's responses.", keys: REMOTE },
    Kind { name: "gemini", doc: "Google's Gemini API.", keys: REMOTE },
    Kind { name: "ollama", doc: "Ollama, on this machine or another.", keys: REMOTE },
    Kind {
        name: "scripted",
        doc: "No model: a file says what is answered. For tests, and to try a package out.",
        keys: &[Key {
            name: "script",
            doc: "The file: a line of JSON for each answer.",
            shape: Shape::Text(Form::Path),
            default: "has to be said",
            example: "\"answers.jsonl\"",
        }],
    },
    Kind {
        name: "replay",
        doc: "No model: what another provider answered, as its `record` has it.",
        keys: &[Key {
            name: "recording",
            doc: "The file that was recorded.",
            shape: Shape::Text(Form::Path),
            default: "has to be said",
            example: "\"recorded.jsonl\"",
        }],
    },
];

/// The keys of a provider on the network.
const REMOTE: &[Key] = &[
    Key {
        name: "key",
        doc: "The name of the secret that is its key. The key itself stands in no file.",
        shape: Shape::Text(Form::Secret),
        default: "it wants none",
        example: "\"openai\"",
    },
    Key {
        name: "url",
        doc: "Where it is, up to and with the version: what is asked for is put behind it. It may be on this machine. Where it sends on to elsewhere, nothing follows.",
        shape: Shape::Text(Form::Base),
        default: "the kind's own place; Ollama's is on this machine",
        example: "\"http://127.0.0.1:8000/v1\"",
    },
    Key {
        name: "schemas",
        doc: "Whether it is sent the JSON Schema of what `extract` and `choose` want, and holds the model to it. With `false` the model is told the schema in words.",
        shape: Shape::Flag,
        default: "true",
        example: "false",
    },
    Key {
        name: "record",
        doc: "A file to which each question and its answer is added, for a provider of the kind `replay`. What people wrote stands in it.",
        shape: Shape::Text(Form::Path),
        default: "nothing is recorded",
        example: "\"recorded.jsonl\"",
    },
];
