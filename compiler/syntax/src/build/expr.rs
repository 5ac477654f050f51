//! Expressions: operands, what follows them, and the forms with blocks.

use super::{Builder, Pair, text::Literal};
use crate::ast::{
    Arg, Block, Branch, Expr, ExprKind, FieldInit, For, If, Lambda, Match, MatchArm, Name, Path, Stmt,
    StmtKind,
};
use crate::codes;
use crate::grammar::Rule;
use carapace_diagnostic::TextRange;

impl Builder<'_> {
    /// `expr`, `expr_plain`, `arith`, `operand`, `operand_plain`.
    pub(super) fn expr(&mut self, pair: Pair<'_>) -> Expr {
        if matches!(pair.as_rule(), Rule::operand | Rule::operand_plain) {
            return self.operand(pair);
        }
        let range = self.range(&pair);
        let mut row = pair.into_inner().collect::<Vec<_>>().into_iter().peekable();
        let expr = self.climb(&mut row);
        if row.peek().is_some() {
            self.problem(codes::CHAINED, range, "these operators do not go together without parentheses")
                .help = Some("say with parentheses what belongs together".to_owned());
        }
        expr
    }

    pub(super) fn operand(&mut self, pair: Pair<'_>) -> Expr {
        let whole = self.range(&pair);
        let mut inner = pair.into_inner();
        let Some(first) = inner.next() else { return self.error_expr(whole) };
        let mut expr = self.primary(first);
        let mut suffixes = Vec::new();
        for part in inner {
            match part.as_rule() {
                Rule::p_call | Rule::p_field | Rule::p_optional | Rule::p_index | Rule::p_record => {
                    expr = self.postfix(expr, part);
                }
                _ => suffixes.push(part),
            }
        }
        if suffixes.is_empty() {
            return expr;
        }
        let suffixes = Box::new(self.suffixes(suffixes));
        self.expr_node(whole, ExprKind::Suffixed { base: Box::new(expr), suffixes })
    }

    fn primary(&mut self, pair: Pair<'_>) -> Expr {
        let range = self.range(&pair);
        match pair.as_rule() {
            Rule::name_ref => self.name_ref(pair),
            Rule::text => {
                let id = self.id();
                let parts = self.text_parts(pair);
                Expr { id, range, kind: ExprKind::Text(parts) }
            }
            Rule::tagged => self.tagged(pair),
            Rule::number => {
                let kind = match self.number(&pair) {
                    Literal::Int(value) => ExprKind::Int(value),
                    Literal::Number(text) => ExprKind::Number(text),
                    Literal::Duration(ms) => ExprKind::Duration(ms),
                    Literal::Money(amount, currency) => ExprKind::Money(amount, currency),
                };
                self.expr_node(range, kind)
            }
            Rule::k_true => self.expr_node(range, ExprKind::Bool(true)),
            Rule::k_false => self.expr_node(range, ExprKind::Bool(false)),
            Rule::k_none => self.expr_node(range, ExprKind::None),
            Rule::any => self.expr_node(range, ExprKind::Any),
            Rule::bracket => self.bracket(pair),
            _ => self.compound(pair).unwrap_or_else(|| self.error_expr(range)),
        }
    }

    fn compound(&mut self, pair: Pair<'_>) -> Option<Expr> {
        let (id, range) = (self.id(), self.range(&pair));
        let kind = match pair.as_rule() {
            Rule::paren => ExprKind::Paren(Box::new(self.only_expr(pair)?)),
            Rule::if_expr => ExprKind::If(Box::new(self.if_expr(pair)?)),
            Rule::match_expr => ExprKind::Match(Box::new(self.match_expr(pair)?)),
            Rule::for_expr => ExprKind::For(Box::new(self.for_expr(pair)?)),
            Rule::parallel_expr => ExprKind::Parallel(self.branches(pair)),
            Rule::race_expr => ExprKind::Race(self.branches(pair)),
            Rule::do_expr => {
                ExprKind::Do(pair.into_inner().find(|p| p.as_rule() == Rule::block).map(|p| self.block(p))?)
            }
            Rule::await_expr => ExprKind::Await(Box::new(self.awaited(pair.into_inner())?)),
            Rule::start_expr => ExprKind::Start(Box::new(self.only_expr(pair)?)),
            _ => return None,
        };
        Some(Expr { id, range, kind })
    }

    /// A name, with its type arguments kept for the call that must follow.
    fn name_ref(&mut self, pair: Pair<'_>) -> Expr {
        let mut inner = pair.into_inner();
        let name = inner.next().map(|p| self.name(&p));
        let Some(name) = name else { return self.error_expr(TextRange::default()) };
        let expr = self.expr_node(name.range, ExprKind::Name(name));
        self.with_type_args(expr, inner.next())
    }

    /// The call is put together in [`Self::postfix`]: here it has no arguments yet.
    fn with_type_args(&mut self, callee: Expr, type_args: Option<Pair<'_>>) -> Expr {
        let Some(pair) = type_args else { return callee };
        let range = callee.range.cover(self.range(&pair));
        let type_args = self.type_args(pair);
        self.expr_node(range, ExprKind::Call { callee: Box::new(callee), type_args, args: Vec::new() })
    }

    fn postfix(&mut self, base: Expr, pair: Pair<'_>) -> Expr {
        let own = self.range(&pair);
        let range = base.range.cover(own);
        match pair.as_rule() {
            Rule::p_call => self.call(base, pair, range),
            Rule::p_index => {
                let index = self.only_expr(pair);
                let index = index.unwrap_or_else(|| self.error_expr(own));
                self.expr_node(range, ExprKind::Index { base: Box::new(base), index: Box::new(index) })
            }
            Rule::p_record => self.record(base, pair, range),
            rule => {
                let optional = rule == Rule::p_optional;
                let mut member = pair.into_inner().next().map(Pair::into_inner);
                let name = member.as_mut().and_then(Iterator::next).map(|p| self.name(&p));
                let name = name.unwrap_or_else(|| self.missing_member(own));
                let until = base.range.cover(own).cover(name.range);
                let until = TextRange::new(until.start, name.range.end.max(own.start));
                let field = self.expr_node(until, ExprKind::Field { base: Box::new(base), optional, name });
                self.with_type_args(field, member.and_then(|mut m| m.next()))
            }
        }
    }

    /// Half-typed `message.`: told, and kept, so that the editor can complete it.
    fn missing_member(&mut self, dot: TextRange) -> Name {
        self.problem(codes::MEMBER_MISSING, dot, "expected a name after the dot").help =
            Some("name a field or a function of what stands before the dot".to_owned());
        Name { text: String::new(), range: TextRange::new(dot.end, dot.end) }
    }

    fn call(&mut self, base: Expr, pair: Pair<'_>, range: TextRange) -> Expr {
        let args = pair.into_inner().filter_map(|p| self.arg(p)).collect();
        match base {
            // `f<T>` waits for its arguments.
            Expr { id, kind: ExprKind::Call { callee, type_args, args: none }, range: so_far }
                if none.is_empty() && self.slice(so_far).ends_with('>') =>
            {
                Expr { id, range, kind: ExprKind::Call { callee, type_args, args } }
            }
            base => {
                self.expr_node(range, ExprKind::Call { callee: Box::new(base), type_args: Vec::new(), args })
            }
        }
    }

    fn arg(&mut self, pair: Pair<'_>) -> Option<Arg> {
        let (mut name, mut value) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::lambda => value = Some(self.lambda(part)),
                _ => value = Some(self.expr(part)),
            }
        }
        Some(Arg { name, value: value? })
    }

    fn lambda(&mut self, pair: Pair<'_>) -> Expr {
        let (id, range) = (self.id(), self.range(&pair));
        let (mut params, mut body) = (Vec::new(), None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => params.push(self.name(&part)),
                Rule::block => body = Some(self.block_expr(part)),
                _ => body = Some(self.expr(part)),
            }
        }
        let body = body.unwrap_or_else(|| self.error_expr(range));
        Expr { id, range, kind: ExprKind::Lambda(Box::new(Lambda { params, body })) }
    }

    /// A block where an expression is wanted.
    pub(super) fn block_expr(&mut self, pair: Pair<'_>) -> Expr {
        let (id, range) = (self.id(), self.range(&pair));
        let block = self.block(pair);
        Expr { id, range, kind: ExprKind::Do(block) }
    }

    fn record(&mut self, base: Expr, pair: Pair<'_>, range: TextRange) -> Expr {
        let mut fields = Vec::new();
        for init in pair.into_inner() {
            let mut inner = init.into_inner();
            let Some(name) = inner.next().map(|p| self.name(&p)) else { continue };
            let value = inner.next().map(|p| self.expr(p));
            fields.push(FieldInit { name, value });
        }
        let Expr { id, .. } = base;
        let mut names = Vec::new();
        if path_of(base, &mut names) {
            return Expr { id, range, kind: ExprKind::Record { path: Path { names }, fields } };
        }
        self.problem(codes::SYNTAX, range, "a record begins with the name of its type").help =
            Some("write `Name { field: value }`".to_owned());
        Expr { id, range, kind: ExprKind::Error }
    }

    fn bracket(&mut self, pair: Pair<'_>) -> Expr {
        let (id, range) = (self.id(), self.range(&pair));
        let mut list = Vec::new();
        let mut map = Vec::new();
        let mut is_map = false;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::empty_map {
                is_map = true;
                continue;
            }
            let mut sides = part.into_inner();
            let Some(key) = sides.next().map(|p| self.expr(p)) else { continue };
            match sides.next().map(|p| self.expr(p)) {
                Some(value) => map.push((key, value)),
                None => list.push(key),
            }
        }
        let odd = if list.len() > map.len() {
            map.first().map(|(k, v)| k.range.cover(v.range))
        } else {
            list.first().map(|e| e.range)
        };
        if let Some(odd) = odd.filter(|_| !map.is_empty() && !list.is_empty()) {
            self.problem(codes::MIXED_BRACKET, odd, "a list and a map in one pair of brackets").help =
                Some("a list is `[a, b]`, a map is `[key: value, key: value]`".to_owned());
            return Expr { id, range, kind: ExprKind::Error };
        }
        let kind = if is_map || !map.is_empty() { ExprKind::Map(map) } else { ExprKind::List(list) };
        Expr { id, range, kind }
    }

    fn if_expr(&mut self, pair: Pair<'_>) -> Option<If> {
        let (mut cond, mut then, mut otherwise) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expr_plain => cond = Some(self.expr(part)),
                Rule::block if then.is_none() => then = Some(self.block(part)),
                Rule::block => otherwise = Some(self.block_expr(part)),
                Rule::if_expr => otherwise = self.compound(part),
                _ => {}
            }
        }
        Some(If { cond: cond?, then: then?, otherwise })
    }

    fn match_expr(&mut self, pair: Pair<'_>) -> Option<Match> {
        let (mut subject, mut arms) = (None, Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expr_plain => subject = Some(self.expr(part)),
                Rule::arm => arms.extend(self.arm(part)),
                Rule::broken => arms.push(self.broken_arm(&part)),
                _ => {}
            }
        }
        Some(Match { subject: subject?, arms })
    }

    fn arm(&mut self, pair: Pair<'_>) -> Option<MatchArm> {
        let range = self.range(&pair);
        let (mut pattern, mut guard, mut body) = (None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::pattern => pattern = Some(self.pattern(part)),
                Rule::guard => guard = self.only_expr(part),
                Rule::block => body = Some(self.block_expr(part)),
                Rule::expr => body = Some(self.expr(part)),
                _ => body = Some(self.stmt_expr(part)),
            }
        }
        Some(MatchArm { pattern: pattern?, guard, body: body?, range })
    }

    fn broken_arm(&mut self, pair: &Pair<'_>) -> MatchArm {
        let range = self.broken_range(pair);
        MatchArm { pattern: self.error_pattern(range), guard: None, body: self.error_expr(range), range }
    }

    /// A statement without a value where an expression is wanted: a block of one, without braces.
    fn stmt_expr(&mut self, pair: Pair<'_>) -> Expr {
        let (id, range) = (self.id(), self.range(&pair));
        let stmts = vec![self.stmt(pair)];
        Expr { id, range, kind: ExprKind::Do(Block { stmts, range }) }
    }

    fn for_expr(&mut self, pair: Pair<'_>) -> Option<For> {
        let (mut var, mut items, mut parallel, mut body) = (None, None, None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => var = Some(self.name(&part)),
                Rule::expr_plain => items = Some(self.expr(part)),
                Rule::for_parallel => parallel = Some(self.only_expr(part)),
                Rule::block => body = Some(self.block(part)),
                _ => {}
            }
        }
        Some(For { var: var?, items: items?, parallel, body: body? })
    }

    fn branches(&mut self, pair: Pair<'_>) -> Vec<Branch> {
        let Some(list) = pair.into_inner().find(|p| p.as_rule() == Rule::branches) else { return Vec::new() };
        list.into_inner().filter_map(|p| self.branch(p)).collect()
    }

    fn branch(&mut self, pair: Pair<'_>) -> Option<Branch> {
        if pair.as_rule() == Rule::broken {
            let range = self.broken_range(&pair);
            let stmt = Stmt { id: self.id(), range, kind: StmtKind::Error };
            let body = self.expr_node(range, ExprKind::Do(Block { stmts: vec![stmt], range }));
            return Some(Branch { name: None, body });
        }
        let (mut name, mut body) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::word => name = Some(self.name(&part)),
                Rule::block => body = Some(self.block_expr(part)),
                _ => body = Some(self.expr(part)),
            }
        }
        Some(Branch { name, body: body? })
    }
}

/// `a.b.C` as names, from an expression that is nothing else.
fn path_of(expr: Expr, names: &mut Vec<Name>) -> bool {
    match expr.kind {
        ExprKind::Name(name) => {
            names.push(name);
            true
        }
        ExprKind::Field { base, optional: false, name } => {
            let plain = path_of(*base, names);
            names.push(name);
            plain
        }
        _ => false,
    }
}
