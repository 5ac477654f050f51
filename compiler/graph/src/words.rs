//! The short form of an expression for a picture.

use carapace_syntax::ast::{
    Arg, BinaryOp, CondOp, Expr, ExprKind, InterpolationPart, Path, Pattern, PatternKind, TriggerArgValue,
    TriggerRef, TypeExpr, TypeExprKind, UnaryOp,
};

/// Longest text in a node, in characters.
const LONGEST: usize = 48;

/// At most [`LONGEST`] characters, the last an ellipsis where something was cut.
pub(crate) fn shorten(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= LONGEST {
        return flat;
    }
    let mut short: String = flat.chars().take(LONGEST - 1).collect();
    short.push('…');
    short
}

/// A trigger as written, without types.
pub(crate) fn trigger(trigger: &TriggerRef) -> String {
    let mut text = path(&trigger.path);
    if let Some(args) = &trigger.args {
        let args: Vec<String> = args
            .iter()
            .map(|arg| {
                let value = match &arg.value {
                    TriggerArgValue::Expr(value) => expr(value),
                    TriggerArgValue::Type(ty) => type_expr(ty),
                };
                arg.name.as_ref().map_or(value.clone(), |name| format!("{}: {value}", name.text))
            })
            .collect();
        text.push_str(&format!("({})", args.join(", ")));
    }
    text
}

/// Names joined by points.
pub(crate) fn path(path: &Path) -> String {
    path.names.iter().map(|n| n.text.as_str()).collect::<Vec<_>>().join(".")
}

/// A pattern.
pub(crate) fn pattern(p: &Pattern) -> String {
    match &p.kind {
        PatternKind::Rest => "_".to_owned(),
        PatternKind::Bind(name) => format!("let {}", name.text),
        PatternKind::Tag { path: tag, .. } => path(tag),
        PatternKind::None => "none".to_owned(),
        PatternKind::Literal(literal) => expr(literal),
        PatternKind::Or(several) => several.iter().map(pattern).collect::<Vec<_>>().join(" | "),
        PatternKind::Error => "?".to_owned(),
    }
}

fn type_expr(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeExprKind::Named { path: name, args } if args.is_empty() => path(name),
        TypeExprKind::Named { path: name, args } => {
            format!("{}<{}>", path(name), args.iter().map(type_expr).collect::<Vec<_>>().join(", "))
        }
        TypeExprKind::Optional(inner) => format!("{}?", type_expr(inner)),
        TypeExprKind::Fn { .. } => "fn".to_owned(),
        TypeExprKind::Error => "?".to_owned(),
    }
}

/// An expression; what is long inside is left out.
pub(crate) fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Int(n) => n.to_string(),
        ExprKind::Number(n) => n.clone(),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::None => "none".to_owned(),
        ExprKind::Duration(ms) => duration(*ms),
        ExprKind::Money(amount, currency) => format!("{amount} {currency}"),
        ExprKind::Text(parts) => format!("“{}”", text(parts)),
        ExprKind::Tagged { tag, parts } => format!("{}“{}”", tag.text, text(parts)),
        ExprKind::List(items) => format!("[{}]", items.iter().map(expr).collect::<Vec<_>>().join(", ")),
        ExprKind::Map(_) => "[…]".to_owned(),
        ExprKind::Range(from, to) => format!("{}..{}", expr(from), expr(to)),
        ExprKind::Record { path: name, .. } => format!("{} {{…}}", path(name)),
        ExprKind::Name(name) => name.text.clone(),
        ExprKind::Any => "_".to_owned(),
        ExprKind::Field { base, optional, name } => {
            format!("{}{}{}", expr(base), if *optional { "?." } else { "." }, name.text)
        }
        ExprKind::Index { base, index } => format!("{}[{}]", expr(base), expr(index)),
        ExprKind::Call { callee, args, .. } => call(callee, args),
        ExprKind::Lambda(_) => "…".to_owned(),
        ExprKind::Unary(UnaryOp::Neg, x) => format!("-{}", expr(x)),
        ExprKind::Unary(UnaryOp::Not, x) => format!("not {}", expr(x)),
        ExprKind::Binary(op, left, right) => format!("{} {} {}", expr(left), binary(*op), expr(right)),
        ExprKind::Cond { subject, op, .. } => cond(subject, op),
        ExprKind::If(_) => "if …".to_owned(),
        ExprKind::Match(m) => format!("match {}", expr(&m.subject)),
        ExprKind::For(f) => format!("for {} in {}", f.var.text, expr(&f.items)),
        ExprKind::Parallel(_) => "parallel".to_owned(),
        ExprKind::Race(_) => "race".to_owned(),
        ExprKind::Do(_) => "do".to_owned(),
        ExprKind::Await(a) => format!("await {}", trigger(&a.trigger)),
        ExprKind::Start(call) => format!("start {}", expr(call)),
        ExprKind::Suffixed { base, .. } | ExprKind::Paren(base) => expr(base),
        ExprKind::Error => "?".to_owned(),
    }
}

fn call(callee: &Expr, args: &[Arg]) -> String {
    let args: Vec<String> = args
        .iter()
        .map(|arg| match &arg.name {
            Some(name) => format!("{}: {}", name.text, expr(&arg.value)),
            None => expr(&arg.value),
        })
        .collect();
    format!("{}({})", expr(callee), args.join(", "))
}

fn text(parts: &[InterpolationPart]) -> String {
    parts
        .iter()
        .map(|part| match part {
            InterpolationPart::Literal(text) => text.clone(),
            InterpolationPart::Expr(e) => format!("{{{}}}", expr(e)),
        })
        .collect()
}

fn binary(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Coalesce => "??",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Rem => "%",
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}

fn cond(subject: &Expr, op: &CondOp) -> String {
    let left = expr(subject);
    match op {
        CondOp::Eq(x) => format!("{left} == {}", expr(x)),
        CondOp::Ne(x) => format!("{left} != {}", expr(x)),
        CondOp::Lt(x) => format!("{left} < {}", expr(x)),
        CondOp::Le(x) => format!("{left} ≤ {}", expr(x)),
        CondOp::Gt(x) => format!("{left} > {}", expr(x)),
        CondOp::Ge(x) => format!("{left} ≥ {}", expr(x)),
        CondOp::Contains(x) => format!("{left} contains {}", expr(x)),
        CondOp::StartsWith(x) => format!("{left} starts with {}", expr(x)),
        CondOp::EndsWith(x) => format!("{left} ends with {}", expr(x)),
        CondOp::Matches(x, _) => format!("{left} matches {}", expr(x)),
        CondOp::In(x) => format!("{left} in {}", expr(x)),
        CondOp::NotIn(x) => format!("{left} not in {}", expr(x)),
        CondOp::Between(a, b) => format!("{left} between {} and {}", expr(a), expr(b)),
        CondOp::IsEmpty => format!("{left} is empty"),
        CondOp::IsNotEmpty => format!("{left} is not empty"),
        CondOp::IsNone => format!("{left} is none"),
        CondOp::IsSome => format!("{left} is some"),
        CondOp::IsTag(tag) => format!("{left} is {}", path(tag)),
    }
}

/// `15m`, `1d 12h`.
fn duration(mut ms: i64) -> String {
    let mut parts = Vec::new();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if ms >= size {
            parts.push(format!("{}{unit}", ms / size));
            ms %= size;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}
