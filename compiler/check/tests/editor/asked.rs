//! A package with places marked in it, and what is known about them.

use crate::support;
use carapace_check::{Checked, DefinitionSite, ItemFacts, Role, Source};
use carapace_diagnostic::{FileId, Span};
use std::sync::LazyLock;

pub(crate) static LIBRARY: LazyLock<Vec<Source>> = LazyLock::new(support::library);

/// A checked package of one module; `$0` marked the place that is asked about.
pub(crate) struct Asked {
    pub(crate) checked: Checked,
    pub(crate) text: String,
    pub(crate) file: FileId,
    pub(crate) at: u32,
}

/// Checks a source with a place marked in it.
pub(crate) fn ask(marked: &str) -> Asked {
    let at = marked.find("$0").unwrap_or(0);
    let text = marked.replacen("$0", "", 1);
    let (checked, told) = support::check_modules(&LIBRARY, &[("main", &text)]);
    let errors: Vec<_> = told.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let file = FileId(u32::try_from(LIBRARY.len()).unwrap());
    Asked { checked, text, file, at: u32::try_from(at).unwrap() }
}

impl Asked {
    /// The facts about the item at the mark.
    pub(crate) fn item(&self) -> &ItemFacts {
        self.checked.facts.item_at(self.file, self.at).unwrap()
    }

    /// The mark, from the item's start.
    pub(crate) fn offset(&self) -> u32 {
        self.at - self.item().offset
    }

    /// What the name at the mark means: kind, and the line of the declaration with the name in brackets.
    pub(crate) fn meaning(&self) -> String {
        let all: Vec<String> = self
            .item()
            .references_at(self.offset())
            .map(|r| format!("{:?}{} {}", r.kind, role(r.role), self.line_of(r.site)))
            .collect();
        all.join(" & ")
    }

    /// The texts that mean the same as the name at the mark, each with its line, in order.
    pub(crate) fn same(&self) -> Vec<String> {
        let site = self.item().references_at(self.offset()).next().unwrap().site;
        self.checked
            .facts
            .places_of(site)
            .map(|(span, r)| format!("{}{}", self.quoted(span), role(r.role)))
            .collect()
    }

    fn quoted(&self, span: Span) -> String {
        let before = &self.text[..span.range.start as usize];
        let line = before.matches('\n').count() + 1;
        format!("{line}:{}", &self.text[span.range.start as usize..span.range.end as usize])
    }

    fn line_of(&self, site: DefinitionSite) -> String {
        let number = site.span.file.0 as usize;
        let (name, text) = match LIBRARY.get(number) {
            Some(module) => (format!("{}: ", module.path), &*module.text),
            None => (String::new(), self.text.as_str()),
        };
        let (start, end) = (site.span.range.start as usize, site.span.range.end as usize);
        if start == 0 && end == 0 {
            return format!("{name}file");
        }
        let from = text[..start].rfind('\n').map_or(0, |n| n + 1);
        let to = text[end..].find('\n').map_or(text.len(), |n| end + n);
        format!("{name}{}[{}]{}", text[from..start].trim_start(), &text[start..end], &text[end..to])
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Use => "",
        Role::Write => "=",
        Role::Declaration => "!",
    }
}
