//! Skills: files that say in a few lines what they are for, and then how it is done.
//!
//! A model is told the names and the descriptions, and reads the rest when it needs it. The form is that of `SKILL.md` files of the Agent
//! Skills format: YAML between two lines of `---`, and Markdown. Nothing in one is ever run.

use serde::Deserialize;
use serde_json::{Value as Json, json};

/// The longest name and description, in letters, as the format has them.
const LONGEST_NAME: usize = 64;
const LONGEST_DESCRIPTION: usize = 1024;

/// What stands between the lines.
#[derive(Deserialize)]
struct Front {
    name: Option<String>,
    description: Option<String>,
}

/// A skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Skill {
    name: String,
    description: String,
    text: String,
}

impl Skill {
    /// Reads one; else says why it is none.
    pub(super) fn read(text: &str) -> Result<Skill, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let rest = text.strip_prefix("---\n").ok_or("it does not begin with a line `---`")?;
        let (front, body) = rest
            .split_once("\n---\n")
            .or_else(|| rest.strip_suffix("\n---").map(|front| (front, "")))
            .ok_or("no second line `---` ends its beginning")?;
        let front: Front = serde_saphyr::from_str(front)
            .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())?;
        let name = front.name.ok_or("it has no `name`")?;
        let description = front.description.ok_or("it has no `description`")?.trim().to_owned();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.chars().count() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(format!(
                "its name `{name}` is not of up to {LONGEST_NAME} letters from a to z, digits and `-`"
            ));
        }
        if description.is_empty() || description.chars().count() > LONGEST_DESCRIPTION {
            return Err(format!("its description has none or more than {LONGEST_DESCRIPTION} letters"));
        }
        Ok(Skill { name, description, text: body.trim().to_owned() })
    }

    /// What a model asks for it by.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn to_json(&self) -> Json {
        json!({ "name": self.name, "description": self.description, "text": self.text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_is_read_or_said_to_be_none() {
        let skill = Skill::read(
            "---\r\nname: refunds\r\ndescription: How money goes back.\r\n---\r\n\r\n# Refunds\r\n",
        )
        .unwrap();
        assert_eq!(
            skill.to_json(),
            json!({ "name": "refunds", "description": "How money goes back.", "text": "# Refunds" })
        );
        for (text, why) in [
            ("# Refunds", "does not begin"),
            ("---\nname: a\n", "no second line"),
            ("---\nname: a\n---\n", "no `description`"),
            ("---\ndescription: a\n---\n", "no `name`"),
            ("---\nname: A b\ndescription: a\n---\n", "is not of up to"),
            ("---\nname: a\ndescription: \"\"\n---\n", "none or more"),
            ("---\nname: [\n---\n", ""),
        ] {
            let said = Skill::read(text).unwrap_err();
            assert!(said.contains(why), "{text:?}: {said}");
        }
    }
}
