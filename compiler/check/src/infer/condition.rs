//! The 18 conditions, `ignoring case`, and what each of them shows.

use super::narrow::{Known, Shown, place};
use super::{Body, Want};
use crate::code;
use crate::tree::{Compare, Expr, ExprKind, TextOp};
use crate::ty::{comparable, is_comparable_order, join};
use carapace_diagnostic::TextRange;
use carapace_module::{Type, Value};
use carapace_syntax::ast::{self, BinaryOp, CondOp, Path, UnaryOp};

impl<'a> Body<'_, 'a> {
    /// An expression where a condition is needed, and what it shows. Nothing but a `Bool` is a condition.
    pub(crate) fn cond(&mut self, expr: &'a ast::Expr) -> (Expr, Shown) {
        let (made, shown) = match &expr.kind {
            ast::ExprKind::Paren(inner) => return self.cond(inner),
            ast::ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
                self.logic(expr.range, *op, left, right)
            }
            ast::ExprKind::Unary(UnaryOp::Not, operand) => {
                let (operand, shown) = self.cond(operand);
                (self.make(expr.range, Type::Bool, ExprKind::Not(Box::new(operand))), shown.not())
            }
            ast::ExprKind::Cond { .. } => self.condition(expr),
            _ => (self.infer(expr, Want::Ty(&Type::Bool)), Shown::default()),
        };
        self.note_type(expr.range, &made.ty);
        if matches!(made.ty, Type::Bool | Type::Error | Type::Never) {
            return (made, shown);
        }
        let name = self.cx.show(&made.ty);
        let help = match &made.ty {
            Type::Optional(_) => "ask whether there is one: `… is some`",
            Type::Text | Type::List(_) | Type::Map(..) | Type::Bytes => {
                "ask whether there is something in it: `… is not empty`"
            }
            Type::Int | Type::Number => "compare it: `… > 0`",
            _ => "compare it with something: `… == …`",
        };
        let told = self
            .told(code::NOT_BOOL, expr.range, format!("a condition is a `Bool`, but this is a `{name}`"))
            .help(help);
        self.report(told);
        (self.error(expr.range), shown)
    }

    /// One comparison.
    pub(crate) fn condition(&mut self, expr: &'a ast::Expr) -> (Expr, Shown) {
        let ast::ExprKind::Cond { subject, op, ignoring_case } = &expr.kind else {
            return (self.error(expr.range), Shown::default());
        };
        let (range, ic) = (expr.range, *ignoring_case);
        if ic
            && matches!(
                op,
                CondOp::IsEmpty | CondOp::IsNotEmpty | CondOp::IsNone | CondOp::IsSome | CondOp::IsTag(_)
            )
        {
            self.no_case(range);
        }
        let plain = |made: Expr| (made, Shown::default());
        match op {
            CondOp::Eq(right) => self.equality(range, Compare::Eq, subject, right, ic),
            CondOp::Ne(right) => {
                let (made, shown) = self.equality(range, Compare::Ne, subject, right, ic);
                (made, shown.not())
            }
            CondOp::Lt(right) => plain(self.order(range, Compare::Lt, subject, right, ic)),
            CondOp::Le(right) => plain(self.order(range, Compare::Le, subject, right, ic)),
            CondOp::Gt(right) => plain(self.order(range, Compare::Gt, subject, right, ic)),
            CondOp::Ge(right) => plain(self.order(range, Compare::Ge, subject, right, ic)),
            CondOp::Contains(right) => plain(self.contains(range, subject, right, ic)),
            CondOp::StartsWith(right) => plain(self.text_test(range, TextOp::StartsWith, subject, right, ic)),
            CondOp::EndsWith(right) => plain(self.text_test(range, TextOp::EndsWith, subject, right, ic)),
            CondOp::Matches(regex, found) => self.matches(range, subject, regex, found.as_ref(), ic),
            CondOp::In(list) => plain(self.membership(range, subject, list, ic)),
            CondOp::NotIn(list) => {
                let made = self.membership(range, subject, list, ic);
                plain(self.make(range, Type::Bool, ExprKind::Not(Box::new(made))))
            }
            CondOp::Between(low, high) => plain(self.between(range, subject, low, high, ic)),
            CondOp::IsEmpty => plain(self.emptiness(range, subject)),
            CondOp::IsNotEmpty => {
                let made = self.emptiness(range, subject);
                plain(self.make(range, Type::Bool, ExprKind::Not(Box::new(made))))
            }
            CondOp::IsNone => {
                let (made, shown) = self.presence(range, subject);
                (made, shown.not())
            }
            CondOp::IsSome => {
                let (made, shown) = self.presence(range, subject);
                (self.make(range, Type::Bool, ExprKind::Not(Box::new(made))), shown)
            }
            CondOp::IsTag(path) => self.tag_test(range, subject, path),
        }
    }

    fn no_case(&mut self, range: TextRange) {
        let told = self
            .told(code::OPERATOR, range, "`ignoring case` is for comparisons of texts")
            .help("leave it out");
        self.report(told);
    }

    fn equality(
        &mut self,
        range: TextRange,
        op: Compare,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        ic: bool,
    ) -> (Expr, Shown) {
        // A bare tag on the left takes its union from the right.
        let (left, right) = if matches!(&left.kind, ast::ExprKind::Name(n) if self.is_unknown(&n.text)) {
            let right = self.infer_value(right);
            (self.infer(left, Want::Ty(&right.ty)), right)
        } else {
            let left = self.infer_value(left);
            let right = self.infer(right, Want::Ty(&left.ty));
            (left, right)
        };
        let mut shown = Shown::default();
        if let ExprKind::Const(Value::None) = right.kind
            && let Some(place) = place(&left)
        {
            shown.no.push(Known::Some(place));
        } else if matches!(left.ty, Type::Optional(_))
            && !matches!(right.ty, Type::Optional(_))
            && let Some(place) = place(&left)
        {
            // Equal to what is there: there is something.
            shown.yes.push(Known::Some(place));
        }
        (self.compare(range, op, left, right, ic), shown)
    }

    fn is_unknown(&self, name: &str) -> bool {
        !self.names.iter().any(|(n, _)| **n == *name)
            && matches!(self.find_global(name), crate::names::Found::Nothing)
    }

    fn compare(&mut self, range: TextRange, op: Compare, left: Expr, right: Expr, ic: bool) -> Expr {
        if left.ty == Type::Error || right.ty == Type::Error {
            return self.boolean(range, ExprKind::Error);
        }
        if !comparable(&left.ty, &right.ty) {
            let (a, b) = (self.cx.show(&left.ty), self.cx.show(&right.ty));
            let told = self.told(code::OPERATOR, range, format!("a `{a}` is never equal to a `{b}`"));
            let told = match (&left.ty, &right.ty) {
                (Type::Secret, _) | (_, Type::Secret) => told.help("a secret is never looked at"),
                (Type::Money, Type::Int | Type::Number) => told.help("name the currency: `50 EUR`"),
                _ => told.help("compare values of one type; nothing converts by itself"),
            };
            self.report(told);
            return self.boolean(range, ExprKind::Error);
        }
        let ty = join(&left.ty, &right.ty).unwrap_or(Type::Error);
        if ic && !matches!(plain(&ty), Type::Text | Type::Error) {
            self.no_case(range);
        }
        let left = Box::new(self.convert(left, &ty));
        let right = Box::new(self.convert(right, &ty));
        self.boolean(range, ExprKind::Compare { op, left, right, ignoring_case: ic })
    }

    fn boolean(&self, range: TextRange, kind: ExprKind) -> Expr {
        self.make(range, Type::Bool, kind)
    }

    fn order(
        &mut self,
        range: TextRange,
        op: Compare,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        ic: bool,
    ) -> Expr {
        let left = self.infer_value(left);
        let right = self.infer(right, Want::Ty(&left.ty));
        self.ordered(range, op, left, right, ic)
    }

    fn ordered(&mut self, range: TextRange, op: Compare, left: Expr, right: Expr, ic: bool) -> Expr {
        if left.ty == Type::Error || right.ty == Type::Error {
            return self.boolean(range, ExprKind::Error);
        }
        for side in [&left, &right] {
            if let Type::Optional(_) = side.ty {
                let shown = self.cx.show(&side.ty);
                let told = carapace_diagnostic::Diagnostic::new(
                    code::MAY_BE_NONE,
                    side.span,
                    "this may be none, which is neither more nor less than anything".to_owned(),
                )
                .label(format!("is `{shown}`"))
                .help("say what holds then: `(… ?? 0)`, or ask `is some` before");
                self.report(told);
                return self.boolean(range, ExprKind::Error);
            }
        }
        let ty = join(&left.ty, &right.ty).filter(is_comparable_order);
        let Some(ty) = ty else {
            let (a, b) = (self.cx.show(&left.ty), self.cx.show(&right.ty));
            let told = self.told(code::OPERATOR, range, format!("a `{a}` and a `{b}` have no order"));
            let told = match (&left.ty, &right.ty) {
                (Type::Money, Type::Int | Type::Number) => told.help("name the currency: `50 EUR`"),
                (Type::Duration, Type::Int | Type::Number) => told.help("name the unit: `30s`, `15m`, `3d`"),
                _ => told.help(
                    "numbers, texts, times, dates, durations and money have one, each among themselves",
                ),
            };
            self.report(told);
            return self.boolean(range, ExprKind::Error);
        };
        if ic && ty != Type::Text {
            self.no_case(range);
        }
        let left = Box::new(self.convert(left, &ty));
        let right = Box::new(self.convert(right, &ty));
        self.boolean(range, ExprKind::Compare { op, left, right, ignoring_case: ic })
    }

    /// `x between a and b`: the subject is looked at once.
    fn between(
        &mut self,
        range: TextRange,
        subject: &'a ast::Expr,
        low: &'a ast::Expr,
        high: &'a ast::Expr,
        ic: bool,
    ) -> Expr {
        let subject = self.infer_value(subject);
        let low = self.infer(low, Want::Ty(&subject.ty));
        let high = self.infer(high, Want::Ty(&subject.ty));
        if let Some(both) = join(&low.ty, &high.ty).and_then(|t| join(&t, &subject.ty))
            && both != subject.ty
            && both == Type::Number
        {
            let subject = self.widen_if(subject);
            return self.between_of(range, subject, low, high, ic);
        }
        self.between_of(range, subject, low, high, ic)
    }

    fn widen_if(&mut self, value: Expr) -> Expr {
        if value.ty == Type::Int { self.widen(value) } else { value }
    }

    fn between_of(&mut self, range: TextRange, subject: Expr, low: Expr, high: Expr, ic: bool) -> Expr {
        let span = subject.span;
        let simple = matches!(subject.kind, ExprKind::Local(_) | ExprKind::Const(_) | ExprKind::Setting(_))
            || place(&subject).is_some();
        let (first, second, bind) = if simple {
            (subject.clone(), subject, None)
        } else {
            let local = self.hidden("", subject.ty.clone(), false);
            let read = Expr { ty: subject.ty.clone(), span, kind: ExprKind::Local(local) };
            (read.clone(), read, Some((local, subject)))
        };
        let above = self.ordered(range, Compare::Ge, first, low, ic);
        let below = if matches!(above.kind, ExprKind::Error) {
            self.boolean(range, ExprKind::Error)
        } else {
            self.ordered(range, Compare::Le, second, high, ic)
        };
        let both = self.boolean(range, ExprKind::And(Box::new(above), Box::new(below)));
        let Some((local, value)) = bind else { return both };
        let stmts = vec![crate::tree::Stmt { span, kind: crate::tree::StmtKind::Let(local, value) }];
        let block = crate::tree::Block { stmts, value: Some(Box::new(both)), span: self.span(range) };
        self.boolean(range, ExprKind::Block(block))
    }

    /// A text from an expression that is compared as one.
    fn text_side(&mut self, expr: &'a ast::Expr) -> Expr {
        let value = self.infer(expr, Want::Ty(&Type::Text));
        self.convert(value, &Type::Text)
    }

    fn text_test(
        &mut self,
        range: TextRange,
        op: TextOp,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        ignoring_case: bool,
    ) -> Expr {
        let left = Box::new(self.text_side(left));
        let right = Box::new(self.text_side(right));
        self.boolean(range, ExprKind::TextTest { op, left, right, ignoring_case })
    }

    fn contains(&mut self, range: TextRange, subject: &'a ast::Expr, right: &'a ast::Expr, ic: bool) -> Expr {
        let left = self.infer_value(subject);
        match left.ty.clone() {
            Type::Text => {
                let right = Box::new(self.text_side(right));
                let op = TextOp::Contains;
                self.boolean(range, ExprKind::TextTest { op, left: Box::new(left), right, ignoring_case: ic })
            }
            Type::List(item) => {
                let right = self.infer(right, Want::Ty(&item));
                self.member_of(range, right, left, &item, ic)
            }
            Type::Map(key, _) => {
                if ic {
                    self.no_case(range);
                }
                let right = Box::new(self.check(right, &key));
                self.boolean(range, ExprKind::HasKey(Box::new(left), right))
            }
            ty => {
                self.infer(right, Want::Any);
                self.nothing_inside(range, &left, &ty, "contains")
            }
        }
    }

    fn membership(&mut self, range: TextRange, item: &'a ast::Expr, list: &'a ast::Expr, ic: bool) -> Expr {
        // `severity in [high, critical]`: the list's tags take their union from the left, where that is known.
        let bare = matches!(&item.kind, ast::ExprKind::Name(n) if self.is_unknown(&n.text));
        let (item, list) = if bare {
            let list = self.infer_value(list);
            let hint = match &list.ty {
                Type::List(item) | Type::Map(item, _) => (**item).clone(),
                _ => Type::Error,
            };
            (self.infer(item, Want::Ty(&hint)), list)
        } else {
            let item = self.infer_value(item);
            let hint = Type::list(plain(&item.ty).clone());
            let list = match &list.kind {
                ast::ExprKind::List(_) if matches!(plain(&item.ty), Type::Declared(..)) => {
                    self.infer(list, Want::Ty(&hint))
                }
                _ => self.infer_value(list),
            };
            (item, list)
        };
        match list.ty.clone() {
            Type::List(of) => self.member_of(range, item, list, &of, ic),
            Type::Map(key, _) => {
                if ic {
                    self.no_case(range);
                }
                let item = Box::new(self.convert(item, &key));
                self.boolean(range, ExprKind::HasKey(Box::new(list), item))
            }
            Type::Text => {
                let left = Box::new(list);
                let right = Box::new(self.convert(item, &Type::Text));
                self.boolean(
                    range,
                    ExprKind::TextTest { op: TextOp::Contains, left, right, ignoring_case: ic },
                )
            }
            ty => self.nothing_inside(range, &list, &ty, "in"),
        }
    }

    fn member_of(&mut self, range: TextRange, item: Expr, list: Expr, of: &Type, ic: bool) -> Expr {
        if item.ty == Type::Error || *of == Type::Error {
            return self.boolean(range, ExprKind::Error);
        }
        if !comparable(&item.ty, of) {
            let (a, b) = (self.cx.show(&item.ty), self.cx.show(of));
            let told = self
                .told(code::OPERATOR, range, format!("a list of `{b}` never holds a `{a}`"))
                .help("look for a value of the list's type");
            self.report(told);
            return self.boolean(range, ExprKind::Error);
        }
        if ic && *plain(of) != Type::Text {
            self.no_case(range);
        }
        let item = match (&item.ty, of) {
            (Type::Int, Type::Number) => self.widen(item),
            _ => item,
        };
        self.boolean(range, ExprKind::In { item: Box::new(item), list: Box::new(list), ignoring_case: ic })
    }

    fn nothing_inside(&mut self, range: TextRange, holder: &Expr, ty: &Type, word: &str) -> Expr {
        if *ty != Type::Error {
            let shown = self.cx.show(ty);
            let told = match ty {
                Type::Optional(_) => carapace_diagnostic::Diagnostic::new(
                    code::MAY_BE_NONE,
                    holder.span,
                    "this may be none, which holds nothing and is not empty".to_owned(),
                )
                .label(format!("is `{shown}`"))
                .help("say what holds then: `(… ?? \"\")`, or ask `is some` before"),
                _ => self
                    .told(code::OPERATOR, range, format!("`{word}` has no meaning for a `{shown}`"))
                    .help("texts, lists and maps have something in them"),
            };
            self.report(told);
        }
        self.boolean(range, ExprKind::Error)
    }

    fn emptiness(&mut self, range: TextRange, subject: &'a ast::Expr) -> Expr {
        let value = self.infer_value(subject);
        match &value.ty {
            Type::Text | Type::Bytes | Type::List(_) | Type::Map(..) | Type::Error | Type::Never => {
                self.boolean(range, ExprKind::IsEmpty(Box::new(value)))
            }
            ty => {
                let ty = ty.clone();
                self.nothing_inside(range, &value, &ty, "is empty")
            }
        }
    }

    /// `is none`; what is shown is of `is some`.
    fn presence(&mut self, range: TextRange, subject: &'a ast::Expr) -> (Expr, Shown) {
        let value = self.infer_value(subject);
        let mut shown = Shown::default();
        match &value.ty {
            Type::Optional(_) => {
                if let Some(place) = place(&value) {
                    shown.yes.push(Known::Some(place));
                }
            }
            Type::Error | Type::Never => {}
            other => {
                let name = self.cx.show(other);
                let told = self
                    .told(code::OPERATOR, range, format!("a `{name}` is never none"))
                    .help("only a `T?` may be; leave the condition out");
                self.report(told);
            }
        }
        (self.boolean(range, ExprKind::IsNone(Box::new(value))), shown)
    }

    fn tag_test(&mut self, range: TextRange, subject: &'a ast::Expr, path: &'a Path) -> (Expr, Shown) {
        let value = self.infer_value(subject);
        let union = plain(&value.ty).clone();
        let Some(name) = path.names.last() else { return (self.error(range), Shown::default()) };
        if union == Type::Error || name.text.is_empty() {
            return (self.boolean(range, ExprKind::Error), Shown::default());
        }
        let Some(tag) = self.tag_number(&union, &name.text) else {
            self.unknown_tag(&union, name);
            return (self.boolean(range, ExprKind::Error), Shown::default());
        };
        self.cx.note_tag(self.at, name, &union);
        if let [front @ .., _] = path.names.as_slice() {
            self.cx.note_type_path(self.at, front);
        }
        let mut shown = Shown::default();
        if let Some(place) = place(&value) {
            if matches!(value.ty, Type::Optional(_)) {
                shown.yes.push(Known::Some(place.clone()));
            }
            shown.yes.push(Known::Tag(place, tag));
        }
        (self.boolean(range, ExprKind::IsTag(Box::new(value), tag)), shown)
    }
}

/// The type without its `?`.
pub(crate) fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => inner,
        other => other,
    }
}
