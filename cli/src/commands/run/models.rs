//! Whom agents ask: from the configuration to the performer.

use crate::problem::Problem;
use carapace_agent::{Kind, Options, Price, Provider, Timeouts};
use carapace_config::{ModelsConfig, PriceConfig, ProviderConfig};
use std::path::PathBuf;
use std::time::Duration;

/// What a configuration says about models. `roots` are files with certificates of authorities of one's own.
pub(crate) fn models(said: &ModelsConfig, roots: &[PathBuf]) -> Result<Options, Problem> {
    let usual = Timeouts::default();
    let time = |said: Option<i64>, usual: Duration| {
        let said = said.and_then(|said| u64::try_from(said).ok()).filter(|said| *said > 0);
        said.map_or(usual, Duration::from_millis)
    };
    let timeouts = Timeouts {
        connect: time(said.connect, usual.connect),
        first: time(said.first, usual.first),
        whole: time(said.whole, usual.whole),
    };
    let read = |path: &PathBuf| std::fs::read(path).map_err(|e| Problem::unreadable(path, &e));
    let providers = said.providers.iter().map(|(name, said)| Ok((name.clone(), provider(name, said)?)));
    Ok(Options {
        providers: providers.collect::<Result<_, Problem>>()?,
        aliases: said.aliases.iter().cloned().collect(),
        prices: said.prices.iter().map(|(name, said)| (name.clone(), price(said))).collect(),
        timeouts,
        repairs: said.repairs.unwrap_or(Options::default().repairs),
        roots: roots.iter().map(read).collect::<Result<_, _>>()?,
    })
}

/// A performer that cannot be had: a script or a recording cannot be read.
pub(crate) fn unreadable(error: &carapace_agent::Error) -> Problem {
    Problem::new("E1071", error.message.clone())
        .help("`models.providers` of the configuration names the file")
}

fn provider(name: &str, said: &ProviderConfig) -> Result<Provider, Problem> {
    let file = || said.file.clone().unwrap_or_default();
    let kind = match said.kind.as_str() {
        "anthropic" => Kind::Anthropic,
        "openai" => Kind::Openai,
        "openai_responses" => Kind::OpenaiResponses,
        "gemini" => Kind::Gemini,
        "ollama" => Kind::Ollama,
        "scripted" => Kind::Scripted(file()),
        "replay" => Kind::Replay(file()),
        kind => {
            return Err(Problem::new(
                "E1071",
                format!("`{name}` cannot be asked: there is no kind `{kind}`"),
            ));
        }
    };
    Ok(Provider {
        kind,
        url: said.url.clone(),
        key: said.key.clone(),
        schemas: said.schemas.unwrap_or(true),
        record: said.record.clone(),
    })
}

/// From US dollars to millionths of one.
fn price(said: &PriceConfig) -> Price {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not below nothing, and what is too much is as much as there is"
    )]
    let millionths = |dollars: f64| (dollars * 1_000_000.0).round() as u64;
    let input = millionths(said.input);
    Price {
        input,
        cached: said.cached.map_or(input, millionths),
        written: said.written.map_or(input, millionths),
        output: millionths(said.output),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carapace_config::schema::PROVIDERS;

    #[test]
    fn every_kind_of_the_configuration_is_a_kind_that_can_be_asked() {
        for kind in PROVIDERS {
            let said = ProviderConfig { kind: kind.name.to_owned(), ..ProviderConfig::default() };
            assert!(provider("a", &said).is_ok(), "{}", kind.name);
        }
    }

    #[test]
    fn a_price_is_read_in_millionths() {
        let said = PriceConfig { input: 3.0, cached: Some(0.3), written: None, output: 0.075 };
        let price = price(&said);
        assert_eq!(
            (price.input, price.cached, price.written, price.output),
            (3_000_000, 300_000, 3_000_000, 75_000)
        );
    }
}
