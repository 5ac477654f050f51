//! A body, field by field.

use super::once::Once;
use super::trouble::Trouble;
use crate::auth::Caller;
use crate::methods::Key;
use crate::routes::{is_json, read};
use axum::extract::Request;
use serde_json::{Map, Value as Json};

/// The fields of a body, or of an object in it. What is null is not there.
#[derive(Debug)]
pub(super) struct Fields {
    /// Where the object stands: empty, or `tools[0].function`.
    place: String,
    fields: Map<String, Json>,
}

impl Fields {
    /// Those of a request.
    pub(super) async fn of(request: Request) -> Result<Fields, Trouble> {
        if !is_json(request.headers()) {
            return Err(crate::routes::no_json().into());
        }
        Fields::of_bytes(&read(request).await?)
    }

    /// Those of a request that may be sent again, and by what it is known then.
    pub(super) async fn once(caller: &Caller, request: Request) -> Result<(Fields, Option<Once>), Trouble> {
        if !is_json(request.headers()) {
            return Err(crate::routes::no_json().into());
        }
        let key = Key::of_headers(request.headers())?;
        let path = request.uri().path().to_owned();
        let bytes = read(request).await?;
        let once = key.map(|key| Once::new(caller, &key, &path, &bytes));
        Ok((Fields::of_bytes(&bytes)?, once))
    }

    fn of_bytes(bytes: &[u8]) -> Result<Fields, Trouble> {
        let json = serde_json::from_slice(bytes)
            .map_err(|error| Trouble::unfit("", format!("the body is no JSON: {error}")))?;
        Fields::at(String::new(), json)
    }

    /// Those of a value that stands there.
    pub(super) fn at(place: String, value: Json) -> Result<Fields, Trouble> {
        match value {
            Json::Object(fields) => Ok(Fields { place, fields }),
            _ if place.is_empty() => Err(Trouble::unfit("", "the body is no JSON object")),
            _ => Err(Trouble::unfit(&place, format!("`{place}` is an object"))),
        }
    }

    /// Where a field stands.
    pub(super) fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// A field, whatever it is.
    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        self.fields.remove(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Trouble> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name, "is a text")),
        }
    }

    /// A text that has to be there.
    pub(super) fn needed(&mut self, name: &str) -> Result<String, Trouble> {
        self.text(name)?.ok_or_else(|| self.wrong(name, "is missing"))
    }

    /// Whether something is so; not, where nothing is said.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Trouble> {
        self.flag_or(name, false)
    }

    /// Whether something is so; this, where nothing is said.
    pub(super) fn flag_or(&mut self, name: &str, unsaid: bool) -> Result<bool, Trouble> {
        match self.take(name) {
            None => Ok(unsaid),
            Some(Json::Bool(flag)) => Ok(flag),
            Some(_) => Err(self.wrong(name, "is `true` or `false`")),
        }
    }

    /// A number between two others.
    pub(super) fn number(&mut self, name: &str, least: f64, most: f64) -> Result<Option<Json>, Trouble> {
        let Some(value) = self.take(name) else { return Ok(None) };
        match value.as_f64() {
            Some(number) if (least..=most).contains(&number) => Ok(Some(value)),
            _ => Err(self.wrong(name, &format!("is a number from {least} to {most}"))),
        }
    }

    /// A whole number from 1 on.
    pub(super) fn count(&mut self, name: &str) -> Result<Option<u32>, Trouble> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| *count > 0);
        count.map(Some).ok_or_else(|| self.wrong(name, "is a whole number from 1 on"))
    }

    /// A list.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<Json>>, Trouble> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(name, "is a list")),
        }
    }

    /// An object of its own.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Fields>, Trouble> {
        let place = self.place(name);
        self.take(name).map(|value| Fields::at(place, value)).transpose()
    }

    /// A field that is something else than it should be.
    pub(super) fn wrong(&self, name: &str, what: &str) -> Trouble {
        let place = self.place(name);
        Trouble::unfit(&place, format!("`{place}` {what}"))
    }

    /// Refuses what would change the answer, and is not done.
    pub(super) fn refuse(&self, name: &str, why: &str) -> Trouble {
        let place = self.place(name);
        Trouble::unsupported(&place, format!("`{place}` {why}"))
    }
}
