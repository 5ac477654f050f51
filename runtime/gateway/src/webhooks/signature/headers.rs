//! Headers that a proof stands in.

use super::{Request, Unproven};

impl<'r> Request<'r> {
    /// The one header of this name. Of two, nobody could say which one counts.
    pub(super) fn only(&self, name: &str) -> Result<&'r str, Unproven> {
        let mut all = self.headers.get_all(name).iter();
        match (all.next(), all.next()) {
            (Some(only), None) => only.to_str().map_err(|_| format!("`{name}` has letters that are none")),
            (None, _) => Err(format!("there is no header `{name}`")),
            (Some(_), Some(_)) => Err(format!("there are two headers `{name}`")),
        }
    }

    /// A time that the sender signed: seconds since 1970 UTC, not too far from now.
    pub(super) fn time<'t>(&self, text: &'t str) -> Result<&'t str, Unproven> {
        let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let time: i64 = text.parse().ok().filter(|_| digits).ok_or("the time that was signed is none")?;
        if time.abs_diff(self.now) > self.window.unsigned_abs() {
            let minutes = self.window / 60;
            return Err(format!("the time that was signed is more than {minutes} minutes from now"));
        }
        Ok(text)
    }
}
