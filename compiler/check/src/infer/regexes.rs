//! `re"…"` and `matches`.

use super::narrow::{Known, Shown};
use super::{Body, Want};
use crate::code;
use crate::facts::{NameKind, Role};
use crate::tree::{Expr, ExprKind, LocalId};
use carapace_diagnostic::{Span, TextRange};
use carapace_module::value::Text;
use carapace_module::{Type, TypeKind, Value};
use carapace_syntax::ast::{self, InterpolationPart, Name};
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeSet;
use std::sync::Arc;

impl<'a> Body<'_, 'a> {
    /// A regular expression, compiled once here to see whether it is one.
    pub(crate) fn regex(&mut self, range: TextRange, parts: &'a [InterpolationPart]) -> Expr {
        let source = match parts {
            [] => "",
            [InterpolationPart::Literal(text)] => text,
            _ => {
                let told = self
                    .told(code::REGEX, range, "nothing can be put into a regular expression")
                    .help("write all of it, or use `contains`");
                self.report(told);
                return self.error(range);
            }
        };
        if let Err(error) = regex::Regex::new(source) {
            let told = self
                .told(code::REGEX, range, format!("this is not a regular expression: {}", reason(&error)))
                .help("there is no look-around and no back-reference: every match takes linear time");
            self.report(told);
            return self.error(range);
        }
        let value = Value::Regex(Arc::new(Text(Box::from(source))));
        self.make(range, Type::Regex, ExprKind::Const(value))
    }

    /// `x matches re"…" as found`.
    pub(crate) fn matches(
        &mut self,
        range: TextRange,
        subject: &'a ast::Expr,
        regex: &'a ast::Expr,
        found: Option<&'a Name>,
        ignoring_case: bool,
    ) -> (Expr, Shown) {
        let text = self.infer(subject, Want::Ty(&Type::Text));
        let text = Box::new(self.convert(text, &Type::Text));
        let regex = self.infer(regex, Want::Any);
        if !matches!(regex.ty, Type::Regex | Type::Error) {
            let told = carapace_diagnostic::Diagnostic::new(
                code::MISMATCH,
                regex.span,
                "`matches` compares with a regular expression".to_owned(),
            )
            .help("write it with its tag: `re\"…\"`; for a plain text there is `contains`");
            self.report(told);
        }
        let mut shown = Shown::default();
        let found = found.filter(|n| !n.text.is_empty()).and_then(|name| {
            let captures = captures(&regex)?;
            let names = captures.iter().map(|(name, _)| name.clone()).collect();
            let ty_of = |always: bool| if always { Type::Text } else { Type::Text.optional() };
            let fields = captures.into_iter().map(|(name, always)| (name, ty_of(always))).collect();
            let ty = self.cx.unnamed_record(fields);
            let local = self.hidden(&name.text, ty, false);
            let span = self.span(name.range);
            if let Some(info) = self.info.get_mut(local.0 as usize) {
                info.span = Some(span);
            }
            self.note_captures(name, local, &regex);
            shown.yes.push(Known::Name(local));
            Some((local, names))
        });
        let kind = ExprKind::Matches { text, regex: Box::new(regex), found, ignoring_case };
        (self.make(range, Type::Bool, kind), shown)
    }

    /// `found`, and the groups by their names, which are declared in the expression itself.
    fn note_captures(&mut self, name: &Name, local: LocalId, regex: &Expr) {
        if !self.cx.notes.wants(self.at.file) {
            return;
        }
        let ty = self.local_type(local);
        self.cx.note_own(self.at, name.range, NameKind::Local);
        self.note_type(name.range, &ty);
        let Type::Declared(id, _) = ty else { return };
        let Some(TypeKind::Record(fields)) = self.cx.program.types.get(id).map(|def| def.kind.clone()) else {
            return;
        };
        let text = self.cx.module(self.at.module).text;
        let (start, end) = (regex.span.range.start, regex.span.range.end);
        let written = text.get(start as usize..end as usize).unwrap_or_default();
        for field in fields {
            let place = ["(?<", "(?P<"].iter().find_map(|open| {
                let found = written.find(&format!("{open}{}>", field.name))?;
                let first = start.saturating_add(u32::try_from(found.saturating_add(open.len())).ok()?);
                Some(TextRange::new(first, first.saturating_add(u32::try_from(field.name.len()).ok()?)))
            });
            if let Some(place) = place {
                let own = Span::new(self.at.file, place);
                let site = self.cx.notes.unnamed(id, &field.name, own);
                self.cx.notes.name(own, site, NameKind::Field, Role::Declaration);
            }
        }
    }
}

/// The captures of a constant regular expression, in order, and whether each has a part in every match.
fn captures(regex: &Expr) -> Option<Vec<(Arc<str>, bool)>> {
    let ExprKind::Const(Value::Regex(source)) = &regex.kind else {
        return matches!(regex.ty, Type::Regex).then(Vec::new);
    };
    let compiled = regex::Regex::new(&source.0).ok()?;
    let tree = regex_syntax::parse(&source.0).ok()?;
    let mut always = BTreeSet::new();
    certain(&tree, &mut always);
    let named = compiled.capture_names().flatten();
    Some(named.map(|name| (Arc::from(name), always.contains(name))).collect())
}

/// Adds the groups that take part whenever this does. The parser has bounded how deep it nests.
fn certain(tree: &Hir, into: &mut BTreeSet<Box<str>>) {
    match tree.kind() {
        HirKind::Capture(capture) => {
            into.extend(capture.name.clone());
            certain(&capture.sub, into);
        }
        HirKind::Concat(parts) => parts.iter().for_each(|part| certain(part, into)),
        HirKind::Repetition(repetition) if repetition.min > 0 => certain(&repetition.sub, into),
        HirKind::Alternation(ways) => {
            let mut ways = ways.iter().map(|way| {
                let mut of_way = BTreeSet::new();
                certain(way, &mut of_way);
                of_way
            });
            let first = ways.next().unwrap_or_default();
            into.extend(ways.fold(first, |all, way| all.intersection(&way).cloned().collect()));
        }
        HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_)
        | HirKind::Repetition(_) => {}
    }
}

/// The one line of a regex error that says what is wrong.
fn reason(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines()
        .find_map(|line| line.strip_prefix("error: "))
        .map_or_else(|| text.lines().next().unwrap_or_default().to_owned(), str::to_owned)
}
