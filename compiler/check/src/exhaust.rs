//! Whether a `match` forgets a value, and which of its cases no value reaches. The usual matrix of patterns: a row is
//! useful where some value gets to it that no row before takes.

use crate::tree::{Pattern, PatternKind};
use carapace_module::{Type, TypeKind, TypeTable, Value};

/// A case.
pub(crate) struct Row {
    pub(crate) pattern: Pattern,
    /// A guard may say no: the case takes nothing for sure.
    pub(crate) guarded: bool,
}

/// What there is to say about a `match`.
pub(crate) struct Verdict {
    /// Values that are forgotten, as patterns; some of them where there are many.
    pub(crate) missing: Option<Vec<String>>,
    /// Cases that no value reaches.
    pub(crate) unreachable: Vec<usize>,
}

/// A pattern without what does not matter here.
#[derive(Debug, Clone, PartialEq)]
enum Pat {
    Wild,
    Ctor(Ctor, Vec<Pat>),
}

/// What a value is made by.
#[derive(Debug, Clone, PartialEq)]
enum Ctor {
    None,
    Some,
    Bool(bool),
    Tag(u32),
    Const(Value),
    Range(i64, i64),
}

/// Judges the cases, in order, for values of `ty`.
pub(crate) fn judge(table: &TypeTable, ty: &Type, rows: &[Row]) -> Verdict {
    let mut matrix: Vec<Vec<Pat>> = Vec::new();
    let mut unreachable = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let mut useful = false;
        let expanded = lower(table, &row.pattern, ty);
        for pat in &expanded {
            let line = vec![pat.clone()];
            useful |= is_useful(table, &matrix, &line, std::slice::from_ref(ty));
        }
        if !useful {
            unreachable.push(index);
        }
        if !row.guarded {
            matrix.extend(expanded.into_iter().map(|p| vec![p]));
        }
    }
    let mut missing = Vec::new();
    while missing.len() < 4 {
        let Some(witness) = witness(table, &matrix, std::slice::from_ref(ty)) else { break };
        let Some(first) = witness.into_iter().next() else { break };
        missing.push(show(table, &first, ty));
        if first == Pat::Wild {
            break;
        }
        matrix.push(vec![first]);
    }
    Verdict { missing: (!missing.is_empty()).then_some(missing), unreachable }
}

/// The alternatives of a checked pattern.
fn lower(table: &TypeTable, pattern: &Pattern, ty: &Type) -> Vec<Pat> {
    if let Type::Optional(inner) = ty {
        return match &pattern.kind {
            PatternKind::Rest | PatternKind::Bind(_) => vec![Pat::Wild],
            PatternKind::None => vec![Pat::Ctor(Ctor::None, Vec::new())],
            PatternKind::Or(all) => all.iter().flat_map(|p| lower(table, p, ty)).collect(),
            _ => lower(table, pattern, inner).into_iter().map(|p| Pat::Ctor(Ctor::Some, vec![p])).collect(),
        };
    }
    match &pattern.kind {
        PatternKind::Rest | PatternKind::Bind(_) => vec![Pat::Wild],
        PatternKind::None => vec![Pat::Ctor(Ctor::None, Vec::new())],
        PatternKind::Const(Value::Bool(b)) => vec![Pat::Ctor(Ctor::Bool(*b), Vec::new())],
        PatternKind::Const(value) => vec![Pat::Ctor(Ctor::Const(value.clone()), Vec::new())],
        PatternKind::Range(a, b) => vec![Pat::Ctor(Ctor::Range(*a, *b), Vec::new())],
        PatternKind::Or(all) => all.iter().flat_map(|p| lower(table, p, ty)).collect(),
        PatternKind::Tag(tag, fields) => {
            let types = arguments(table, &Ctor::Tag(*tag), ty);
            let mut lines: Vec<Vec<Pat>> = vec![vec![Pat::Wild; types.len()]];
            for (slot, pattern) in fields {
                let slot = *slot as usize;
                let Some(ty) = types.get(slot) else { continue };
                let choices = lower(table, pattern, ty);
                lines = lines
                    .into_iter()
                    .flat_map(|line| {
                        choices.iter().map(move |choice| {
                            let mut line = line.clone();
                            if let Some(place) = line.get_mut(slot) {
                                *place = choice.clone();
                            }
                            line
                        })
                    })
                    .collect();
            }
            lines.into_iter().map(|args| Pat::Ctor(Ctor::Tag(*tag), args)).collect()
        }
    }
}

/// All constructors of a type, where there are finitely many.
fn constructors(table: &TypeTable, ty: &Type) -> Option<Vec<Ctor>> {
    match ty {
        Type::Bool => Some(vec![Ctor::Bool(true), Ctor::Bool(false)]),
        Type::Optional(_) => Some(vec![Ctor::None, Ctor::Some]),
        Type::Declared(id, _) => match &table.get(*id)?.kind {
            TypeKind::Union(tags) => {
                Some((0..tags.len()).filter_map(|n| u32::try_from(n).ok()).map(Ctor::Tag).collect())
            }
            TypeKind::Record(_) => None,
        },
        _ => None,
    }
}

/// Types of a constructor's arguments.
fn arguments(table: &TypeTable, ctor: &Ctor, ty: &Type) -> Vec<Type> {
    match (ctor, ty) {
        (Ctor::Some, Type::Optional(inner)) => vec![(**inner).clone()],
        (Ctor::Tag(tag), Type::Declared(id, args)) => {
            let Some(TypeKind::Union(tags)) = table.get(*id).map(|d| &d.kind) else { return Vec::new() };
            let bound: Vec<Option<Type>> = args.iter().cloned().map(Some).collect();
            tags.get(*tag as usize)
                .map(|t| t.fields.iter().map(|f| crate::ty::substitute(&f.ty, &bound)).collect())
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Whether a value made by `of` is taken by a pattern of `by`.
fn covers(by: &Ctor, of: &Ctor) -> bool {
    match (by, of) {
        (Ctor::Range(a, b), Ctor::Range(c, d)) => a <= c && d <= b,
        (Ctor::Range(a, b), Ctor::Const(Value::Int(n))) => a <= n && n <= b,
        (Ctor::Const(Value::Int(n)), Ctor::Range(a, b)) => n == a && n == b,
        _ => by == of,
    }
}

/// The rows that take values made by `ctor`, with its arguments in front.
fn specialize(matrix: &[Vec<Pat>], ctor: &Ctor, arity: usize) -> Vec<Vec<Pat>> {
    let mut out = Vec::new();
    for row in matrix {
        let Some((first, rest)) = row.split_first() else { continue };
        match first {
            Pat::Wild => {
                let mut line = vec![Pat::Wild; arity];
                line.extend_from_slice(rest);
                out.push(line);
            }
            Pat::Ctor(by, args) if covers(by, ctor) => {
                let mut line = args.clone();
                line.extend_from_slice(rest);
                out.push(line);
            }
            Pat::Ctor(..) => {}
        }
    }
    out
}

/// The rows that take what no constructor of the first column makes.
fn rest_of(matrix: &[Vec<Pat>]) -> Vec<Vec<Pat>> {
    matrix
        .iter()
        .filter_map(|row| match row.split_first() {
            Some((Pat::Wild, rest)) => Some(rest.to_vec()),
            _ => None,
        })
        .collect()
}

fn extended(args: Vec<Type>, rest: &[Type]) -> Vec<Type> {
    let mut types = args;
    types.extend_from_slice(rest);
    types
}

fn is_useful(table: &TypeTable, matrix: &[Vec<Pat>], row: &[Pat], types: &[Type]) -> bool {
    let (Some((first, rest)), Some((ty, others))) = (row.split_first(), types.split_first()) else {
        return matrix.is_empty();
    };
    match first {
        Pat::Ctor(ctor, args) => {
            let inner = specialize(matrix, ctor, args.len());
            let mut line = args.clone();
            line.extend_from_slice(rest);
            is_useful(table, &inner, &line, &extended(arguments(table, ctor, ty), others))
        }
        Pat::Wild => {
            if let Some(all) = complete(table, matrix, ty) {
                return all.iter().any(|ctor| {
                    let args = arguments(table, ctor, ty);
                    let mut line = vec![Pat::Wild; args.len()];
                    line.extend_from_slice(rest);
                    is_useful(table, &specialize(matrix, ctor, args.len()), &line, &extended(args, others))
                });
            }
            is_useful(table, &rest_of(matrix), rest, others)
        }
    }
}

/// All constructors, where the first column has each of them.
fn complete(table: &TypeTable, matrix: &[Vec<Pat>], ty: &Type) -> Option<Vec<Ctor>> {
    let all = constructors(table, ty)?;
    let present = |c: &Ctor| matrix.iter().any(|r| matches!(r.first(), Some(Pat::Ctor(by, _)) if by == c));
    (!all.is_empty() && all.iter().all(present)).then_some(all)
}

/// A value that no row takes.
fn witness(table: &TypeTable, matrix: &[Vec<Pat>], types: &[Type]) -> Option<Vec<Pat>> {
    let Some((ty, others)) = types.split_first() else {
        return matrix.is_empty().then(Vec::new);
    };
    if let Some(all) = complete(table, matrix, ty) {
        return all.iter().find_map(|ctor| {
            let args = arguments(table, ctor, ty);
            let arity = args.len();
            let mut found = witness(table, &specialize(matrix, ctor, arity), &extended(args, others))?;
            let rest = found.split_off(arity);
            let mut out = vec![Pat::Ctor(ctor.clone(), found)];
            out.extend(rest);
            Some(out)
        });
    }
    let rest = witness(table, &rest_of(matrix), others)?;
    let first = constructors(table, ty)
        .filter(|_| !matrix.is_empty())
        .and_then(|all| {
            all.into_iter()
                .find(|c| !matrix.iter().any(|r| matches!(r.first(), Some(Pat::Ctor(by, _)) if by == c)))
        })
        .map_or(Pat::Wild, |ctor| {
            let arity = arguments(table, &ctor, ty).len();
            Pat::Ctor(ctor, vec![Pat::Wild; arity])
        });
    let mut out = vec![first];
    out.extend(rest);
    Some(out)
}

/// A value as a pattern that an author could write.
fn show(table: &TypeTable, pat: &Pat, ty: &Type) -> String {
    let Pat::Ctor(ctor, args) = pat else { return "_".to_owned() };
    match ctor {
        Ctor::None => "none".to_owned(),
        Ctor::Some => match (args.first(), ty) {
            (Some(inner @ Pat::Ctor(..)), Type::Optional(of)) => show(table, inner, of),
            _ => "let …".to_owned(),
        },
        Ctor::Bool(b) => b.to_string(),
        Ctor::Const(_) | Ctor::Range(..) => "_".to_owned(),
        Ctor::Tag(tag) => {
            let Type::Declared(id, _) = ty else { return "_".to_owned() };
            let Some(TypeKind::Union(tags)) = table.get(*id).map(|d| &d.kind) else { return "_".to_owned() };
            let Some(variant) = tags.get(*tag as usize) else { return "_".to_owned() };
            let types = arguments(table, ctor, ty);
            let shown: Vec<String> = variant
                .fields
                .iter()
                .zip(args)
                .zip(&types)
                .filter(|((_, arg), _)| **arg != Pat::Wild)
                .map(|((field, arg), ty)| format!("{}: {}", field.name, show(table, arg, ty)))
                .collect();
            if shown.is_empty() {
                variant.name.to_string()
            } else {
                format!("{}({})", variant.name, shown.join(", "))
            }
        }
    }
}
