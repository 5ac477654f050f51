//! What texts mean, as vectors, and how near they are.

use super::{Models, Target, together};
use crate::Error;
use crate::provider::{Counted, Embedded, Vectors};
use crate::tally::Tally;
use std::collections::HashMap;
use std::sync::Arc;

/// So many texts are sent in one request: more Gemini does not take (`BatchEmbedContentsRequest.requests`), and others take at least as many.
const TEXTS: usize = 100;

/// So many bytes are sent in one request, but for a text that has more by itself: OpenAI takes 300,000 tokens (platform.openai.com/docs,
/// "Embeddings"), and no token is less than a byte.
const BYTES: usize = 300_000;

/// Digits behind the point that a nearness has: what models say differs from request to request in those behind them.
const PRECISION: f64 = 1e6;

impl Models {
    /// What texts mean, as vectors. What that used up goes to `tally`.
    ///
    /// # Errors
    /// No model of that name gives them.
    pub(crate) async fn embed(&self, name: &str, texts: &[String], tally: &Tally) -> Result<Embedded, Error> {
        let mut failed: Vec<Error> = Vec::new();
        for target in &self.named(name)? {
            match self.all(target, texts, tally).await {
                Ok(embedded) => return Ok(embedded),
                Err(error) if error.is_of_the_provider() => failed.push(error),
                Err(error) => return Err(error),
            }
        }
        Err(together(failed))
    }

    async fn all(&self, target: &Target, texts: &[String], tally: &Tally) -> Result<Embedded, Error> {
        let mut all = Embedded { model: target.full.clone(), vectors: Vec::new(), tokens: 0 };
        for some in requests(texts) {
            let (vectors, tokens) = self.some(target, some, tally).await?;
            all.vectors.extend(vectors);
            all.tokens = all.tokens.saturating_add(tokens);
        }
        Ok(all)
    }

    /// How near each text is to the query: the cosine of the angle between their vectors, from -1 to 1. All of them are of one model; what is
    /// kept of a text is not asked again.
    ///
    /// # Errors
    /// No model of the chain says what all of them mean, or the first that does says it so that nothing can be compared.
    pub(crate) async fn nearness(
        &self,
        chain: &[Target],
        query: &str,
        texts: &[&str],
        tally: &Tally,
    ) -> Result<Vec<f64>, Error> {
        let mut failed: Vec<Error> = Vec::new();
        for target in chain {
            match self.near(target, query, texts, tally).await {
                Ok(near) => return Ok(near),
                Err(error) if error.is_of_the_provider() => failed.push(error),
                Err(error) => return Err(error),
            }
        }
        Err(together(failed))
    }

    async fn near(
        &self,
        target: &Target,
        query: &str,
        texts: &[&str],
        tally: &Tally,
    ) -> Result<Vec<f64>, Error> {
        let model = &target.full;
        let mut known: HashMap<&str, Option<Arc<[f32]>>> = HashMap::new();
        let mut new: Vec<String> = Vec::new();
        for text in std::iter::once(query).chain(texts.iter().copied()) {
            known.entry(text).or_insert_with(|| {
                let kept = self.kept.get(model, text);
                if kept.is_none() {
                    new.push(text.to_owned());
                }
                kept
            });
        }
        for some in requests(&new) {
            let (vectors, _) = self.some(target, some, tally).await?;
            for (text, vector) in some.iter().zip(vectors) {
                let direction = direction(&vector).ok_or_else(|| {
                    Error::invalid(format!("`{model}` answered with a vector that points nowhere"))
                })?;
                self.kept.put(model, text, &direction);
                if let Some(known) = known.get_mut(text.as_str()) {
                    *known = Some(direction);
                }
            }
        }
        let vector = |text: &str| known.get(text).cloned().flatten().unwrap_or_default();
        let query = vector(query);
        let near = texts.iter().map(|text| cosine(&query, &vector(text)));
        near.collect::<Option<Vec<f64>>>().ok_or_else(|| {
            // What stood for one of them before may be of another size since its provider changed the model.
            known.keys().for_each(|text| self.kept.forget(model, text));
            Error::invalid(format!("`{model}` answered with vectors of different lengths"))
        })
    }

    /// One request.
    async fn some(&self, target: &Target, texts: &[String], tally: &Tally) -> Result<(Vectors, u64), Error> {
        self.breaker.may(&target.full)?;
        let known = self.known(target)?;
        let bytes = u64::try_from(texts.iter().map(String::len).sum::<usize>()).unwrap_or(u64::MAX);
        tally.begin(&target.full, self.price(target), bytes);
        match known.answers.embed(&target.model, texts).await {
            Ok((vectors, counted)) => {
                self.breaker.answered(&target.full);
                tally.answered(counted, 0);
                if vectors.len() != texts.len() {
                    let (model, texts, vectors) = (&target.full, texts.len(), vectors.len());
                    let why = format!("`{model}` answered {texts} texts with {vectors} vectors");
                    return Err(Error::invalid(why));
                }
                let guess = Counted { input: bytes.div_ceil(4), ..Counted::default() };
                Ok((vectors, counted.unwrap_or(guess).input))
            }
            Err(error) => {
                tracing::debug!("{error}");
                self.breaker.failed(&target.full, &error);
                tally.failed();
                Err(error)
            }
        }
    }
}

/// What is sent at once.
fn requests(mut texts: &[String]) -> Vec<&[String]> {
    let mut all = Vec::new();
    while !texts.is_empty() {
        let mut bytes = 0_usize;
        let fits = |text: &&String| {
            bytes = bytes.saturating_add(text.len());
            bytes <= BYTES
        };
        let count = texts.iter().take(TEXTS).take_while(fits).count().max(1);
        let (some, rest) = texts.split_at(count);
        all.push(some);
        texts = rest;
    }
    all
}

/// A vector of length 1 in the same direction; none where it has none.
fn direction(vector: &[f32]) -> Option<Arc<[f32]>> {
    let length = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
    if !length.is_finite() || length == 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "none of them is more than 1")]
    let unit = |x: &f32| (f64::from(*x) / length) as f32;
    Some(vector.iter().map(unit).collect())
}

/// The cosine of the angle between two vectors of length 1; none where they are not of one space.
fn cosine(one: &[f32], other: &[f32]) -> Option<f64> {
    if one.len() != other.len() {
        return None;
    }
    let product: f64 = one.iter().zip(other).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    Some((product.clamp(-1.0, 1.0) * PRECISION).round() / PRECISION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_points_the_same_way_is_near_however_long_it_is() {
        let near = |one: &[f32], other: &[f32]| cosine(&direction(one)?, &direction(other)?);
        assert_eq!(near(&[1.0, 0.0], &[9.0, 0.0]), Some(1.0));
        assert_eq!(near(&[1.0, 0.0], &[0.0, 2.0]), Some(0.0));
        assert_eq!(near(&[3e38, 3e38], &[-1e-45, -1e-45]), Some(-1.0), "none is too long or too short");
        assert_eq!(near(&[1.0, 0.0], &[3.0, 4.0]), Some(0.6));
        assert_eq!(near(&[1.0, 0.0], &[1.0]), None);
        for nowhere in [&[0.0, 0.0][..], &[], &[f32::NAN, 1.0], &[f32::INFINITY, 1.0]] {
            assert_eq!(direction(nowhere), None, "{nowhere:?}");
        }
    }

    #[test]
    fn what_is_much_is_sent_in_several_requests() {
        let sizes = |texts: &[String]| requests(texts).iter().map(|some| some.len()).collect::<Vec<_>>();
        assert_eq!(sizes(&vec!["a".to_owned(); 250]), [100, 100, 50]);
        assert_eq!(sizes(&vec!["a".repeat(120_000); 5]), [2, 2, 1]);
        assert_eq!(sizes(&vec!["a".repeat(BYTES + 1); 2]), [1, 1]);
        assert_eq!(sizes(&[]), [0; 0]);
    }
}
