//! Pure expressions of a wanted type.

use super::choices::Choices;
use super::scope::{Scope, Ty};

/// An expression of the type, in parentheses where it is more than a primary.
pub(super) fn expr(c: &mut Choices<'_>, scope: &Scope, ty: Ty, depth: u32) -> String {
    if depth == 0 {
        return leaf(c, scope, ty);
    }
    match c.below(8) {
        0 | 1 => leaf(c, scope, ty),
        2 => conditional(c, scope, ty, depth - 1),
        3 => call(c, scope, ty, depth - 1).unwrap_or_else(|| leaf(c, scope, ty)),
        _ => operation(c, scope, ty, depth - 1),
    }
}

fn leaf(c: &mut Choices<'_>, scope: &Scope, ty: Ty) -> String {
    let known: Vec<&str> = scope.variables.iter().filter(|v| v.ty == ty).map(|v| v.name.as_str()).collect();
    if !known.is_empty() && c.below(3) != 0 {
        return c.pick(&known).map_or_else(String::new, |name| (*name).to_owned());
    }
    let states: Vec<&str> = scope.states.iter().filter(|(_, t)| *t == ty).map(|(n, _)| n.as_str()).collect();
    if !states.is_empty() && c.one_in(3) {
        return c.pick(&states).map_or_else(String::new, |name| (*name).to_owned());
    }
    literal(c, ty)
}

fn literal(c: &mut Choices<'_>, ty: Ty) -> String {
    let one = |c: &mut Choices<'_>, all: &[&str]| c.pick(all).map_or_else(String::new, |l| (*l).to_owned());
    match ty {
        Ty::Int => {
            one(c, &["0", "1", "2", "7", "-3", "1_000", "9_223_372_036_854_775_807", "-9_000_000_000"])
        }
        Ty::Bool => one(c, &["true", "false"]),
        Ty::Text => {
            one(c, &["\"\"", "\"a\"", "\"Hello World\"", "\"hello\"", "\"ärger\"", "\"7\"", "\"a,b\""])
        }
        Ty::Number => one(c, &["0.5", "1.0", "2.25", "-0.125", "1_000.75", "3.0"]),
        Ty::Duration => one(c, &["1s", "500ms", "15m", "3d", "0ms"]),
        Ty::MaybeInt => one(c, &["[1, 2][5]", "[4][0]", "[0, 9][1]"]),
        Ty::Ints => one(c, &["[1]", "[1, 2, 3]", "[3, 1, 2, 1]", "[0, 7]"]),
        Ty::Texts => one(c, &["[\"a\"]", "[\"b\", \"A\", \"\"]", "[\"x\", \"y\"]"]),
        Ty::Point => one(c, &["Point { x: 1, y: 2 }", "Point { x: 0, y: -1, note: \"n\" }"]),
        Ty::Shape => one(c, &["Shape.dot", "Shape.circle(r: 2)", "Shape.frame(w: 3, h: 4)"]),
        Ty::Counts => one(c, &["[\"a\": 1]", "[\"a\": 1, \"b\": 2, \"c\": 3]", "[\"k\": 0]"]),
    }
}

fn conditional(c: &mut Choices<'_>, scope: &Scope, ty: Ty, depth: u32) -> String {
    if c.one_in(3) {
        let subject = expr(c, scope, Ty::Shape, depth);
        let a = expr(c, scope, ty, depth);
        let b = expr(c, scope, ty, depth);
        let rest = expr(c, scope, ty, depth);
        // The bound field is an Int, so that it is of use only to some.
        let bound = if ty == Ty::Int { "size * 2".to_owned() } else { b };
        return format!("(match {subject} {{ dot => {a}, circle(r: let size) => {bound}, _ => {rest} }})");
    }
    let condition = expr(c, scope, Ty::Bool, depth);
    let a = expr(c, scope, ty, depth);
    let b = expr(c, scope, ty, depth);
    format!("(if {condition} {{ {a} }} else {{ {b} }})")
}

fn call(c: &mut Choices<'_>, scope: &Scope, ty: Ty, depth: u32) -> Option<String> {
    let fitting: Vec<_> = scope.functions.iter().filter(|f| f.result == ty).cloned().collect();
    let function = c.pick(&fitting)?;
    let args: Vec<String> = function.params.iter().map(|param| expr(c, scope, *param, depth)).collect();
    Some(format!("{}({})", function.name, args.join(", ")))
}

fn operation(c: &mut Choices<'_>, scope: &Scope, ty: Ty, depth: u32) -> String {
    let two = |c: &mut Choices<'_>, of: Ty| (expr(c, scope, of, depth), expr(c, scope, of, depth));
    match ty {
        Ty::Int => match c.below(13) {
            n @ 0..=4 => {
                let (a, b) = two(c, Ty::Int);
                let op = ["+", "-", "*", "/", "%"].get(n).copied().unwrap_or("+");
                format!("({a} {op} {b})")
            }
            5 => format!("(-{})", expr(c, scope, Ty::Int, depth)),
            6 => format!("({} ?? {})", expr(c, scope, Ty::MaybeInt, depth), expr(c, scope, Ty::Int, depth)),
            7 => format!("{}.x", expr(c, scope, Ty::Point, depth)),
            8 => format!("{}.fold(0, (sum, n) => sum + n * 2)", expr(c, scope, Ty::Ints, depth)),
            9 => format!("{}.length()", expr(c, scope, Ty::Text, depth)),
            // State and settings are for flows: a pure function has no states in scope.
            10 if !scope.states.is_empty() => format!("tally[{}]", expr(c, scope, Ty::Text, depth)),
            11 if !scope.states.is_empty() => "bonus".to_owned(),
            _ => format!("({}[{}] ?? 0)", expr(c, scope, Ty::Ints, depth), expr(c, scope, Ty::Int, depth)),
        },
        Ty::Bool => condition(c, scope, depth),
        Ty::Text => match c.below(3) {
            0 => {
                let (a, b) = two(c, Ty::Text);
                format!("({a} + {b})")
            }
            1 => interpolation(c, scope, depth),
            _ => format!(
                "({}[{}] ?? \"none\")",
                expr(c, scope, Ty::Texts, depth),
                expr(c, scope, Ty::Int, depth)
            ),
        },
        Ty::Number => {
            let (a, b) = two(c, Ty::Number);
            let op = c.pick(&["+", "-", "*", "/"]).copied().unwrap_or("+");
            format!("({a} {op} {b})")
        }
        Ty::Duration => match c.below(2) {
            0 => {
                let (a, b) = two(c, Ty::Duration);
                format!("({a} + {b})")
            }
            _ => format!("({} * {})", expr(c, scope, Ty::Duration, depth), expr(c, scope, Ty::Int, depth)),
        },
        Ty::MaybeInt => match c.below(2) {
            0 => format!("{}[{}]", expr(c, scope, Ty::Ints, depth), expr(c, scope, Ty::Int, depth)),
            _ => format!("{}[{}]", expr(c, scope, Ty::Counts, depth), expr(c, scope, Ty::Text, depth)),
        },
        Ty::Ints => match c.below(5) {
            2 => {
                let (list, by) = (expr(c, scope, Ty::Ints, depth), expr(c, scope, Ty::Int, depth));
                format!("{list}.map(n => n - {by})")
            }
            3 => format!("{}.filter(n => n > 1).sort()", expr(c, scope, Ty::Ints, depth)),
            4 => format!("(0..{}).map(n => n)", c.below(5)),
            0 => {
                let (a, b) = two(c, Ty::Ints);
                format!("({a} + {b})")
            }
            _ => {
                let (a, b) = two(c, Ty::Int);
                format!("[{a}, {b}]")
            }
        },
        Ty::Texts => {
            let (a, b) = two(c, Ty::Text);
            format!("[{a}, {b}]")
        }
        Ty::Point => {
            let (a, b) = two(c, Ty::Int);
            format!("Point {{ x: {a}, y: {b} }}")
        }
        Ty::Shape => {
            let (a, b) = two(c, Ty::Int);
            format!("Shape.frame(w: {a}, h: {b})")
        }
        Ty::Counts => {
            let a = expr(c, scope, Ty::Text, depth);
            let b = expr(c, scope, Ty::Int, depth);
            format!("[{a}: {b}, \"fixed\": 5]")
        }
    }
}

/// All conditions of the language.
fn condition(c: &mut Choices<'_>, scope: &Scope, depth: u32) -> String {
    let e = |c: &mut Choices<'_>, ty: Ty| expr(c, scope, ty, depth);
    let case = |c: &mut Choices<'_>| if c.one_in(2) { " ignoring case" } else { "" };
    match c.below(15) {
        0 => {
            let op = c.pick(&["==", "!=", "<", "<=", ">", ">="]).copied().unwrap_or("==");
            let ty = c.pick(&[Ty::Int, Ty::Number, Ty::Text, Ty::Duration]).copied().unwrap_or(Ty::Int);
            let fold = if ty == Ty::Text { case(c) } else { "" };
            format!("({} {op} {}{fold})", e(c, ty), e(c, ty))
        }
        1 => {
            let ty = c.pick(&Ty::ALL).copied().unwrap_or(Ty::Int);
            format!("({} == {})", e(c, ty), e(c, ty))
        }
        2 => format!("(not {})", e(c, Ty::Bool)),
        3 => format!("({} and {})", e(c, Ty::Bool), e(c, Ty::Bool)),
        4 => format!("({} or {})", e(c, Ty::Bool), e(c, Ty::Bool)),
        5 => format!("({} contains {}{})", e(c, Ty::Text), e(c, Ty::Text), case(c)),
        6 => format!("({} starts with {}{})", e(c, Ty::Text), e(c, Ty::Text), case(c)),
        7 => format!("({} ends with {}{})", e(c, Ty::Text), e(c, Ty::Text), case(c)),
        8 => format!("({} in {})", e(c, Ty::Int), e(c, Ty::Ints)),
        9 => format!("({} not in {})", e(c, Ty::Text), e(c, Ty::Texts)),
        10 => format!("({} between {} and {})", e(c, Ty::Int), e(c, Ty::Int), e(c, Ty::Int)),
        11 => format!("({} is empty)", e(c, Ty::Text)),
        12 => format!("({} is none)", e(c, Ty::MaybeInt)),
        13 => format!("({} matches re\"[a-h]+\"{})", e(c, Ty::Text), case(c)),
        _ => format!("({} is circle)", e(c, Ty::Shape)),
    }
}

fn interpolation(c: &mut Choices<'_>, scope: &Scope, depth: u32) -> String {
    let shown = [Ty::Int, Ty::Text, Ty::Number, Ty::Bool, Ty::Duration, Ty::Ints];
    let ty = c.pick(&shown).copied().unwrap_or(Ty::Int);
    format!("\"<{{{}}}>\"", expr(c, scope, ty, depth.min(1)))
}
