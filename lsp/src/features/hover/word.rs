//! A sentence about each word of the language, and about each type that no source declares.

/// What a keyword does. None for a word that is none.
pub fn sentence(word: &str) -> Option<&'static str> {
    KEYWORDS.iter().find(|(known, _)| *known == word).map(|(_, said)| *said)
}

/// What a built-in type holds.
pub fn builtin(name: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(known, _)| *known == name).map(|(_, said)| *said)
}

/// What a word means that tests and agents have of their own: a property, something that is expected.
pub fn listed(word: &str) -> Option<&'static str> {
    LISTED.iter().find(|(known, _)| *known == word).map(|(_, said)| *said)
}

const LISTED: [(&str, &str); 36] = [
    ("answers", "Somebody answers what was asked there last."),
    ("approve", "Somebody of the group says yes. Of an agent: which tools need that, and whose."),
    ("asked", "It was asked there."),
    ("banned", "Somebody was put out for good."),
    ("budget", "What the agent may use in a time: `20_000 tokens per 1h by sender`."),
    ("cancelled", "The run was cancelled."),
    ("deleted", "A message was taken away."),
    ("edited", "A message of ours was changed."),
    ("effort", "How long the model thinks before it answers, where it can."),
    ("embeddings", "Which model says what means the same, for `std/memory`: `\"provider/name\"`."),
    ("failed", "The run failed."),
    ("forwarded", "A message was passed on."),
    (
        "instructions",
        "What the agent is told before every conversation. Nothing from outside may get into it.",
    ),
    ("kicked", "Somebody was put out."),
    ("max_steps", "How many requests to its model one answer may take; 20 where nothing is said."),
    ("max_tokens", "The longest answer, in tokens."),
    (
        "memory",
        "Whose turns the agent remembers together: `\"conversation\"` for all who write in one; `\"person\"`, or where nothing is said, each person's own.",
    ),
    ("model", "Which model is asked: `\"provider/name\"`."),
    (
        "patience",
        "How long somebody is waited for who has to agree to a tool's call; a day where nothing is said.",
    ),
    ("polled", "A question to vote on was asked."),
    ("provider", "Who runs the model, where the model's name does not say."),
    ("reacted", "An emoji was put on a message."),
    ("refuse", "Somebody of the group says no."),
    ("said", "It was said there. Each expectation takes one message."),
    ("skills", "What it can read up when it needs it: `[file(\"skills/refunds/SKILL.md\")]`."),
    ("started", "The run began."),
    ("succeeded", "The run came to its end."),
    ("summary", "What a summary of what is put away keeps, in words; `false` for none."),
    ("temperature", "How much the model's answers differ, from 0."),
    ("time", "When the test begins: `given time = moment(\"2026-03-02T08:00:00Z\")`."),
    ("tools", "What the agent may call: `[refund, orders.find]`."),
    ("typing", "It was shown that we are writing."),
    ("unknown", "Nobody can know how the run's effect ended: it waits for a person."),
    ("unreacted", "Our emoji was taken away again."),
    ("waiting", "The run waits."),
    ("window", "How much of a conversation the agent is given, in tokens."),
];

/// What a word means that is neither a keyword nor a name.
pub fn other(word: &str) -> Option<&'static str> {
    OTHERS.iter().find(|(known, _)| *known == word).map(|(_, said)| *said)
}

const OTHERS: [(&str, &str); 25] = [
    ("_", "Anything: all other cases of a `match`; in a test, whatever is handed over."),
    ("any", "Every kind of channel: what is done there must be possible on all of them."),
    ("anyone", "`from anyone`: the event may come from everybody, not only from the run's sender."),
    ("attachments", "What comes with the message."),
    ("bot", "Whether a program says it."),
    ("by", "Who does it, by name."),
    ("called", "It was called: at all, or so many times."),
    ("emoji", "The emoji."),
    ("flow", "The flow that it is about."),
    ("from", "Who it comes from: a name, or a whole `User`."),
    ("headers", "The headers of the request."),
    ("id", "The message's id, so that others can be about it."),
    ("in", "The conversation, by name; without it everybody has one of their own."),
    ("input", "What the flow is started with."),
    ("mentioned", "Whether we are mentioned in it."),
    ("method", "The method of the request."),
    ("next", "The next event that was collected; where there is none yet, waits for it."),
    ("reply_to", "The message that it answers."),
    ("role", "What the person is in the conversation: `guest`, `member`, `admin`, `owner`."),
    ("signed", "Whether the request is signed as the trigger wants it."),
    ("state", "What became of the call."),
    ("text", "What is said."),
    ("to", "Where it was said: a person or conversation, by name."),
    ("tokens", "What models count: parts of words."),
    ("value", "The value of the button."),
];

const BUILTIN: [(&str, &str); 17] = [
    ("Bool", "`true` or `false`. Nothing else is a condition."),
    ("Bytes", "Bytes: the contents of a file, the body of an answer."),
    ("Date", "A day of the calendar, without a time and a zone."),
    ("Duration", "How long something takes: `500ms`, `15m`, `3d`."),
    ("Int", "A whole number of 64 bits. What does not fit ends the run; it never wraps."),
    ("Json", "Any JSON. `json[\"name\"]` and `json[0]` look into it and may find nothing."),
    ("List", "Values of one type, in order: `[1, 2]`. `list[0]` may be none."),
    ("Map", "Values by key, in the order in which they were put in: `[\"a\": 1]`."),
    ("Money", "An amount and its currency: `50 EUR`. Two currencies are never mixed."),
    ("Never", "What is never there: `fail(…)` and `return` come to this."),
    ("Nothing", "No value: of what is done for its effect alone."),
    ("Number", "A decimal number, exact to 18 digits: `3.5`."),
    ("Regex", "A regular expression, written `re\"…\"`. Every match takes linear time."),
    (
        "Secret",
        "The handle of a secret. It goes into parameters that are declared `secret`, and nowhere else.",
    ),
    ("Text", "Characters: `\"hello {name}\"`."),
    ("Time", "A moment, to the millisecond, the same everywhere on earth."),
    ("Type", "A type, handed to a trigger."),
];

/// Sorted.
const KEYWORDS: [(&str, &str); 122] = [
    ("advance", "Lets the test's clock go on: `advance 15m`."),
    ("after", "`crash after each await`: the test runs again with a crash after each wait."),
    ("agent", "Declares a model with its instructions, tools and budget."),
    ("and", "Both hold. The right side is looked at only where the left one holds."),
    ("approve", "Which tools of an agent need somebody's yes, and whose: `approve: { refund: managers }`."),
    ("as", "Gives a name: to a module in `use`, to what a regular expression found, to a wait."),
    ("at", "`at most once` and `at least once`: what is done when nobody knows whether it happened."),
    (
        "await",
        "Waits for an event, of the run's sender and in its conversation unless `from` and `in` say otherwise.",
    ),
    ("backoff", "How long to wait before another attempt, and at most: `retry 3 backoff 1s..5m`."),
    ("between", "It is neither less than the one nor more than the other."),
    ("break", "Leaves the loop around it."),
    ("budget", "What an agent may use in a time: `20_000 tokens per 1h by sender`."),
    ("by", "Counted or kept for each of these: `by sender`, `by conversation`."),
    ("calls", "The tools that an agent calls in a test, in order."),
    ("can", "What a kind of channel can do."),
    ("cancel", "`on cancel { … }`: what is done when the run is cancelled."),
    ("cancellable", "Words with which the person who started the run ends it: `cancellable by \"stop\"`."),
    ("cannot", "What a kind of channel cannot do."),
    ("case", "`ignoring case`: capital and small letters are the same."),
    ("channel", "Declares an account on a network, which the deployment binds: `channel support: telegram`."),
    ("connection", "Declares a resource that the deployment binds: a database, an account of an API."),
    ("const", "Declares a value that is known when this is compiled."),
    ("containing", "What was said has this in it: `expect chat.said(containing \"…\")`."),
    ("contains", "The one is somewhere in the other: in a text, a list, the keys of a map."),
    ("continue", "Goes on with the next step of the loop around it."),
    ("costs", "What a model's answer costs in a test: `costs 0.60 USD`."),
    ("crash", "The machine loses its power here and comes back; the run goes on as if nothing had happened."),
    (
        "debounce",
        "Starts only when it has been quiet for so long, with the last event: `debounce 5s by sender`.",
    ),
    ("dedupe", "Passes over an event that is the same as one before: `dedupe message.id for 1d`."),
    ("delivery", "What can be known about whether an effect happened, and how it may be repeated."),
    ("do", "A block that takes suffixes: `do { … } else error { … }`."),
    ("down", "The channel is away: `channel support down`."),
    ("drop", "`serial … or drop`: what comes while one runs is passed over."),
    ("each", "`crash after each await`: the test runs again with a crash after each wait."),
    ("effect", "Declares something that flows may do and the runtime performs. Only libraries do."),
    ("else", "What instead: where a condition does not hold, a value is missing, or something failed."),
    ("empty", "There is nothing in it: in a text, a list, a map, bytes."),
    ("ends", "`ends with`: the text ends so."),
    ("engine", "The engine itself performs this effect."),
    ("exclusive", "Flows of lower priority do not see the event."),
    ("expect", "What must have happened by now, else the test fails."),
    ("extern", "Declares what is implemented outside of the language. Only libraries do."),
    ("fails", "The call fails in this test: `given http.get(_) fails \"busy\" transient`."),
    ("failure", "`on failure error { … }`: what is done when the run fails."),
    ("false", "Does not hold."),
    ("filter", "Decides about every event before all other flows: `pass` or `drop`. It may not wait."),
    (
        "flow",
        "Declares what starts by itself (`on …`) or is called (`flow name(…) -> T`), and survives whatever happens to the machine.",
    ),
    ("fn", "Declares a pure function: it computes and does nothing else."),
    (
        "for",
        "For each of a list, a map or a range; with `parallel` all at once, giving the list of results. Of `dedupe` and `keyed`: how long.",
    ),
    ("from", "Whose event is waited for; or a field's name in JSON."),
    ("given", "What the world is like in this test, and what it answers."),
    ("group", "Declares a set of people, whom the deployment names."),
    ("if", "Goes one way or the other, as statement and as value. In a `match`, a case with a condition."),
    ("ignoring", "`ignoring case`: capital and small letters are the same."),
    ("in", "It is one of them; or where an event is waited for, and what a loop goes through."),
    ("is", "Asks about the value: `is empty`, `is some`, `is none`, `is TAG`."),
    ("keep", "Forgotten so long after the last write: `keep 30d`."),
    ("kind", "`channel kind`: declares a network, and what it can do."),
    ("least", "`at least once`: it is done again when nobody knows whether it happened."),
    ("let", "Gives a value a name. In a pattern, binds what is there."),
    ("limit", "How many events are taken in a time, for each key: `limit 5 per 1m by sender`."),
    ("listen", "Collects the events that come while its block is busy; `name.next()` takes the next."),
    ("match", "Looks at a value case by case. All cases must be there."),
    ("matches", "A regular expression matches somewhere in the text; `as found` names what it captured."),
    ("matching", "What was said matches this expression: `expect chat.said(matching re\"…\")`."),
    ("max", "The most that a kind of channel takes: `max text 4096`."),
    ("migrate", "What becomes of a value that was written when the state had another type."),
    ("most", "`at most once`: it is not done again when nobody knows whether it happened."),
    ("needs", "What the run must have for this effect: a conversation, a sender."),
    ("none", "Nothing is there."),
    ("not", "Does not hold."),
    ("nothing", "`expect nothing else`: nothing was said that the test has not expected."),
    ("observes", "Also sees events that a wait has taken."),
    ("of", "`delivery of channel`: the kind of channel says what can be known."),
    (
        "on",
        "What starts the flow; or what is done at its failure or cancelling; or when an effect's end is unknown.",
    ),
    ("once", "`at most once`, `at least once`: what is done when nobody knows whether it happened."),
    ("or", "One of them holds at least. The right side is looked at only where the left one does not hold."),
    ("order", "`expect in order { … }`: these things happened one after the other."),
    (
        "parallel",
        "All branches at once; gives a record of the named results. The first failure cancels the rest.",
    ),
    ("parameter", "Using this parameter of the effect needs a capability."),
    ("per", "In how long: `5 per 1m`."),
    ("priority", "Flows of higher priority see an event first."),
    ("race", "All branches at once, and the first that is done wins; gives a union of their names."),
    ("raw", "In such a text nothing is escaped and nothing put in."),
    ("redelivers", "For how long a network may tell of an event again."),
    ("repeat", "So many times: `repeat 3 { … }`."),
    ("replace", "`serial … or replace`: what runs is cancelled when the next comes."),
    ("requires", "What the kind of channel must be able to do."),
    ("retry", "So many more attempts after failures that may pass: `retry 3 backoff 1s..5m`."),
    ("return", "Leaves the flow or function, with its result."),
    ("room", "Declares a conversation that the deployment binds: `room oncall: slack`."),
    ("says", "What an agent says at the end, in a test."),
    ("secret", "Takes a secret: it goes nowhere else."),
    (
        "serial",
        "One run at a time for each key, in the order in which the events came. Flows that name the same lane share it.",
    ),
    ("set", "Writes a state: durable when the run comes to its next wait."),
    ("setting", "Declares a value that the deployment gives or changes."),
    ("some", "It is there; from here on it has its value."),
    ("start", "Starts a sub-flow as a run of its own, and does not wait for it."),
    ("starts", "`starts with`: the text begins so."),
    ("state", "Declares what is remembered across runs: for the package, or `by` a key."),
    ("tag", "Declares tagged text, such as `url\"…\"`."),
    ("takes", "How long the call takes in this test."),
    ("test", "A test, run with `carapace test` in a simulated world."),
    ("then", "What the call answers the next time; the last answer repeats."),
    ("timeout", "How long a run may take in all. Then it fails."),
    ("times", "How often it was called: `called 2 times`."),
    (
        "tool",
        "Declares a flow that an agent may call; its documentation and parameters are what the model sees.",
    ),
    (
        "trigger",
        "In a flow with several triggers: which of them it was. In a library: declares what starts flows.",
    ),
    ("true", "Holds."),
    (
        "trusted",
        "Takes nothing that anybody outside may have written; `trust(value, because: \"…\")` is the way out.",
    ),
    ("type", "Declares a record or a union."),
    ("undo", "What takes it back, when the run fails or is cancelled later and this did happen."),
    ("unknown", "`on unknown { … }`: what is done when nobody can know whether it happened."),
    ("until", "Up to this time in all; or for so long as nothing came."),
    ("up", "The channel is back: `channel support up`."),
    ("use", "Brings a module in: a file under the source root, or `std/…` of the library."),
    ("var", "Gives a value a name that may get another value later."),
    ("when", "Something happens in this test: an event comes."),
    ("where", "Only events for which this holds. It computes and looks at states, and does nothing."),
    ("while", "Again and again, as long as it holds."),
    ("with", "`starts with` and `ends with`: how the text begins or ends."),
    ("within", "So long in all; then it counts as failed. What was asked for may still happen."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_the_checker_lists_has_one() {
        use carapace_check::{AGENT_PROPERTIES, ANSWERS, STATUSES, VERBS};
        let all = AGENT_PROPERTIES.iter().chain(&ANSWERS).chain(&STATUSES).chain(&VERBS);
        let lost: Vec<_> = all.filter(|word| listed(word).is_none()).collect();
        assert_eq!(lost, [] as [&&str; 0]);
    }

    #[test]
    fn words_are_sorted_and_said_in_a_sentence() {
        assert!(KEYWORDS.is_sorted());
        assert!(BUILTIN.is_sorted() && LISTED.is_sorted() && OTHERS.is_sorted());
        for (word, said) in KEYWORDS.iter().chain(&BUILTIN).chain(&LISTED).chain(&OTHERS) {
            assert!(said.ends_with('.') && said.len() < 150, "{word}: {said}");
        }
    }

    /// The page that the compiler itself is compared with.
    #[test]
    fn every_keyword_of_the_reference_has_one() {
        let page = include_str!("../../../../docs/language/words.md");
        let from = page.find("## Keywords").unwrap();
        let to = page.find("## Operators").unwrap();
        let lost: Vec<&str> =
            page[from..to].split('`').skip(1).step_by(2).filter(|word| sentence(word).is_none()).collect();
        assert_eq!(lost, [] as [&str; 0]);
    }
}
