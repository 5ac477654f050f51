//! All models that can be asked, and what is done where one cannot.

mod embed;
mod kept;

use crate::breaker::Breaker;
use crate::provider::{Answer, Answers, Question, Recording, Remote, Replay, Scripted, Wire, client};
use crate::tally::Tally;
use crate::{Error, Kind, Options, Price, Provider, Timeouts};
use carapace_channel_api::Secrets;
use carapace_effect::FailureKind;
use kept::Kept;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// All models that can be asked.
pub(crate) struct Models {
    providers: BTreeMap<String, Known>,
    aliases: BTreeMap<String, Vec<String>>,
    prices: BTreeMap<String, Price>,
    breaker: Breaker,
    /// What is known of texts.
    kept: Kept,
    /// How often an answer of the wrong shape is given back to be mended.
    pub(crate) repairs: u32,
}

/// A provider that can be asked.
struct Known {
    answers: Arc<dyn Answers>,
    takes: Takes,
    /// The name under which its prices are known; none where it is not the kind's own place.
    priced: Option<&'static str>,
}

/// What a provider takes, as far as requests differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Takes {
    /// The wire; none where nobody is asked.
    pub(crate) wire: Option<Wire>,
    /// Whether it is sent schemas.
    pub(crate) schemas: bool,
    /// Whether it is the kind's own place.
    pub(crate) own: bool,
}

/// A model to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// `provider/model`.
    pub(crate) full: String,
    provider: String,
    model: String,
    pub(crate) takes: Takes,
}

/// What is asked, made for each model that it is asked of.
pub(crate) type Make<'a> = &'a (dyn Fn(&Target) -> Question + Send + Sync);

/// Who hears what is said, and whether it begins again.
pub(crate) type Hears<'a> = &'a (dyn Fn(Heard<'_>) + Send + Sync);

/// What is heard of an answer on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    /// A piece of text.
    Text(&'a str),
    /// It begins again, elsewhere.
    Again,
}

impl Models {
    pub(crate) fn new(options: Options, secrets: &Arc<dyn Secrets>) -> Result<Models, Error> {
        let Options { providers, aliases, prices, timeouts, repairs, roots } = options;
        let http = client(timeouts.connect, &roots)?;
        let providers = providers
            .into_iter()
            .map(|(name, provider)| Ok((name.clone(), known(&name, provider, &http, secrets, timeouts)?)))
            .collect::<Result<_, Error>>()?;
        let (breaker, kept) = (Breaker::default(), Kept::default());
        Ok(Models { providers, aliases, prices, breaker, kept, repairs })
    }

    /// The models that this names, the first to be asked first.
    pub(crate) fn named(&self, name: &str) -> Result<Vec<Target>, Error> {
        match self.aliases.get(name) {
            Some(list) => list.iter().map(|name| self.target(name)).collect(),
            None => Ok(vec![self.target(name)?]),
        }
    }

    fn target(&self, name: &str) -> Result<Target, Error> {
        let Some((provider, model)) = name.split_once('/').filter(|(_, model)| !model.is_empty()) else {
            let help = "write `provider/model`, or a name of `models.aliases`";
            return Err(Error::unavailable(format!("`{name}` names no model: {help}")));
        };
        let known = self.providers.get(provider).ok_or_else(|| {
            let help = format!("name it in `models.providers` of carapace.json5, to ask `{name}`");
            Error::unavailable(format!("there is no provider `{provider}`: {help}"))
        })?;
        let (provider, model) = (provider.to_owned(), model.to_owned());
        Ok(Target { full: name.to_owned(), provider, model, takes: known.takes })
    }

    /// Asks one model after the other until one answers. What each request uses up goes to `tally`.
    ///
    /// # Errors
    /// What the only one said, or what the first said that may be asked again.
    pub(crate) async fn ask(
        &self,
        chain: &[Target],
        make: Make<'_>,
        tally: &Tally,
        hears: Hears<'_>,
    ) -> Result<(Answer, Target), Error> {
        let mut failed: Vec<Error> = Vec::new();
        let spoke = AtomicBool::new(false);
        for target in chain {
            if spoke.swap(false, Ordering::Relaxed) {
                hears(Heard::Again);
            }
            match self.one(target, make, tally, hears, &spoke).await {
                Ok(answer) => return Ok((answer, target.clone())),
                Err(error) if error.is_of_the_provider() => failed.push(error),
                Err(error) => return Err(error),
            }
        }
        Err(together(failed))
    }

    async fn one(
        &self,
        target: &Target,
        make: Make<'_>,
        tally: &Tally,
        hears: Hears<'_>,
        spoke: &AtomicBool,
    ) -> Result<Answer, Error> {
        self.breaker.may(&target.full)?;
        let question = Question { model: target.model.clone(), ..make(target) };
        let known = self.known(target)?;
        tally.begin(&target.full, self.price(target), question.bytes());
        let told = |text: &str| {
            tally.heard(text.len());
            if !text.is_empty() {
                spoke.store(true, Ordering::Relaxed);
                hears(Heard::Text(text));
            }
        };
        match known.answers.ask(&question, &told).await {
            Ok(answer) => {
                self.breaker.answered(&target.full);
                tally.answered(answer.counted, answer.bytes());
                Ok(answer)
            }
            Err(error) => {
                tracing::debug!("{error}");
                self.breaker.failed(&target.full, &error);
                tally.failed();
                Err(error)
            }
        }
    }

    fn known(&self, target: &Target) -> Result<&Known, Error> {
        let known = self.providers.get(&target.provider);
        known.ok_or_else(|| Error::unavailable(format!("there is no provider `{}`", target.provider)))
    }

    fn price(&self, target: &Target) -> Option<Price> {
        let said = self.prices.get(&target.full);
        let said = said.or_else(|| self.prices.get(&format!("{}/*", target.provider))).copied();
        let wire = self.providers.get(&target.provider).and_then(|known| known.priced);
        said.or_else(|| Price::known(wire?, &target.model))
    }
}

fn known(
    name: &str,
    provider: Provider,
    http: &reqwest_of_genai::Client,
    secrets: &Arc<dyn Secrets>,
    timeouts: Timeouts,
) -> Result<Known, Error> {
    let wire = match &provider.kind {
        Kind::Anthropic => Some(Wire::Anthropic),
        Kind::Openai => Some(Wire::Openai),
        Kind::OpenaiResponses => Some(Wire::OpenaiResponses),
        Kind::Gemini => Some(Wire::Gemini),
        Kind::Ollama => Some(Wire::Ollama),
        Kind::Scripted(_) | Kind::Replay(_) => None,
    };
    let own = provider.url.is_none();
    // Ollama's wire takes no schema from the library.
    let schemas = provider.schemas && wire.is_some_and(|wire| wire != Wire::Ollama);
    let takes = Takes { wire, schemas, own };
    let record = provider.record.clone();
    let answers: Arc<dyn Answers> = match (&provider.kind, wire) {
        (Kind::Replay(path), _) => {
            let replay = Replay::read(name, path)?;
            // It is asked as whoever answered was asked.
            let takes = replay.takes().unwrap_or(takes);
            return Ok(Known { answers: Arc::new(replay), takes, priced: takes.priced() });
        }
        (Kind::Scripted(path), _) => Arc::new(Scripted::read(name, path)?),
        (_, Some(wire)) => Arc::new(Remote::new(name, wire, &provider, http, secrets.clone(), timeouts)?),
        (_, None) => return Err(Error::unavailable(format!("`{name}` is no provider"))),
    };
    let answers = match record {
        Some(path) => Arc::new(Recording::new(answers, takes, path)),
        None => answers,
    };
    Ok(Known { answers, takes, priced: takes.priced() })
}

impl Takes {
    fn priced(self) -> Option<&'static str> {
        self.wire.filter(|_| self.own).map(Wire::priced)
    }
}

/// Several failures as one: the kind after which it is worth trying again, if one is, and the words of all.
fn together(mut failed: Vec<Error>) -> Error {
    if failed.len() < 2 {
        return failed.pop().unwrap_or_else(|| Error::unavailable("no model is named"));
    }
    let has = |kind| failed.iter().any(|error| error.kind == kind);
    let kinds = [FailureKind::Transient, FailureKind::Limited];
    let kind = kinds.into_iter().find(|kind| has(*kind)).unwrap_or(FailureKind::Unavailable);
    let words: Vec<&str> = failed.iter().map(|error| error.message.as_str()).collect();
    let retry_after = failed.iter().filter_map(|error| error.retry_after).min();
    Error { kind, message: words.join("; "), retry_after }
}
